import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { editRulesText } from '../../../src/ipvs/rules/edit-rules-text.ts';
import { IpvsSyntaxError } from '../../../src/ipvs/ipvs-syntax-error.ts';
import { readRulesText } from '../../../src/ipvs/rules/rules-text.ts';
import { serviceKey, type VirtualService } from '../../../src/ipvs/virtual-service.ts';

const service: VirtualService = {
  protocol: 'tcp',
  address: '192.168.4.133',
  port: 80,
  scheduler: 'wrr',
  destinations: [{ address: '192.168.2.128', port: 80, method: 'masquerading', weight: 1 }],
};
const ours = [
  '-A -t 192.168.4.133:80 -s wrr',
  '-a -t 192.168.4.133:80 -r 192.168.2.128:80 -m -w 1',
];
const ports = { 'http/tcp': 80, 'https/tcp': 443, 'domain/udp': 53 };
const question = { keys: new Set([serviceKey(service)]), ports };

function edited(text: string): string {
  const wish = { services: [service], gone: new Set<string>(), before: [] };
  return editRulesText(readRulesText(text, question), wish);
}

/** Lines of others that ipvsadm reads, whatever they mean. */
const foreign = [
  '-A -f 1 -s rr',
  '-A -f 8 -6 -s rr',
  '-A --sctp-service 192.168.4.133:80 -s rr',
  '-A -u 192.168.4.133:80 -s rr -o',
  '-a -t [2001:db8::1]:80 -r [2001:db8::2]:80 -m -w 1',
  '-A -t 192.168.4.133:443 -s wlc -p 360 -M 255.255.255.0',
  '-A -t 192.168.4.133:https -s wlc -p 360',
  '-a -t 10.9.9.9:80 -r 192.168.2.126:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum',
  '-a -t 10.9.9.9:80 -r [2001:db8::2]:80 -i',
  '-a -t 10.9.9.9:80 -r web7:http -g -x 100 -y 50',
  '-A -t 10.9.9.9:80 -s rr --pe sip -p 30',
  '-A -t www.example.org:https -s rr',
  '\t-At 10.9.9.9:80  -s rr  \r',
  '-A -t10.9.9.9:80 -srr -p',
  '--add-service --tcp-service=10.9.9.9:80 --scheduler=rr',
  'ipvsadm -A -u 10.9.9.9:domain',
  'ipvsadm ipvsadm\t-A ipvsadm -u 10.9.9.9:5060 -s rr --pe sip -p 30',
  '--start-daemon=backup --mcast-interface=eth0',
  '-E -t 10.9.9.9:80 -s rr',
  '-e -t 10.9.9.9:80 -r 10.0.0.2 -w 3',
  '-D -t 10.9.9.9:81',
  '-d -t 10.9.9.9:80 -r 10.0.0.2',
  '--set 900 120 300',
  '--start-daemon master --mcast-interface eth0 --syncid 7',
  '-Z',
  '# a comment',
  '#-A -t 192.168.4.133:80 -s rr',
  '',
  '   ',
];

describe('a rules file with lines of others', () => {
  test('all of them stay, byte for byte and in their order, before and after ours', () => {
    const place = fc.nat(foreign.length);
    fc.assert(
      fc.property(fc.shuffledSubarray(foreign), place, fc.boolean(), (others, at, there) => {
        const before = there ? others.toSpliced(at, 0, ...ours) : others;
        const text = edited([...before, ''].join('\n'));
        expect(text.split('\n').filter((line) => !ours.includes(line))).toEqual([...others, '']);
        expect(text.split('\n').filter((line) => ours.includes(line))).toEqual(ours);
        expect(edited(text)).toBe(text);
      }),
    );
  });

  test('ours is changed where it stands, whatever its words', () => {
    const text = [
      '-A -t 192.168.4.133:http -s wlc',
      '# between',
      '-a -t 192.168.4.133:http -r 192.168.2.128:http -m',
      '-A -f 1',
    ];
    expect(edited(text.join('\n'))).toBe([...ours, '# between', '-A -f 1'].join('\n'));
  });

  test('a last line without its line feed is not run together with ours', () => {
    expect(edited('-A -f 1')).toBe(`-A -f 1\n${ours.join('\n')}\n`);
    expect(edited('')).toBe(`${ours.join('\n')}\n`);
  });

  test('the table may be emptied before ours', () => {
    expect(edited(`-C\n${ours.join('\n')}\n`)).toBe(`-C\n${ours.join('\n')}\n`);
  });

  test.each([
    ['-A -f 1 # mine', /line 2: ipvsadm takes no comment there/],
    [' # mine', /line 2: ipvsadm takes no comment there/],
    ['-A -f 1 //the tutorial', /line 2: Unexpected argument/],
    ['/sbin/ipvsadm -A -f 1', /line 2: /],
    ['-A -t 10.9.9.9:80\u00a0-s rr', /line 2: /],
    ['-A\u00a0-f 1', /line 2: /],
    ['\u00a0-A -f 1', /line 2: /],
    ['-A -f 1 \\\\', /line 2: /],
    ['-h', /line 2: /],
    ['--version', /line 2: /],
    ['-A -t 10.9.9.9:80 --sched rr', /line 2: Unknown option/],
    ['-A -t "10.9.9.9:80" -s rr', /line 2: .*is no virtual service/],
    ['-A -t 10.9.9.9:99999', /line 2: .*is no virtual service/],
    ['-A -t 10.9.9.9:nosuchport', /line 2: .*is no virtual service/],
    ['-A -t 10.9.9.9:80 -t 10.9.9.8:80', /line 2: --tcp-service is given twice/],
    ['-a -t 10.9.9.9:80 -r 10.0.0.1 -w x', /line 2: 'x' is no weight/],
    ['-a -t 10.9.9.9:80', /line 2: it names no server/],
    ['-t 10.9.9.9:80 -A', /line 2: ipvsadm knows no such line/],
    ['-A -s rr', /line 2: it names no service/],
    ['-A '.repeat(60_000), /line 2: 60000 words in one rule/],
    ['-R', /line 2: /],
    ['nonsense', /line 2: /],
    ['IPVS_SAVE_ON_STOP="no"', /line 2: /],
    ['-A -t localhost:http', /line 2: 'localhost:http' may be the same service/],
    ['-A -t 192.168.1157:80', /line 2: .* may be the same service/],
    ['-A -t 192.168.4.133:http', /line 2: tcp 192.168.4.133:80 is defined twice/],
    ['-a -t 192.168.4.133:80 -r web7', /line 2: 'web7' is no server in numbers/],
    ['-E -t 192.168.4.133:80 -s rr', /line 2: it changes tcp 192.168.4.133:80/],
    ['-d -t 192.168.4.133:http -r 1.1.1.1', /line 2: it changes tcp 192.168.4.133:80/],
    ['-C', /line 2: it empties the table/],
  ])('%j can’t be judged, and is refused with its line', (line, message) => {
    const read = () => readRulesText(`${ours[0] ?? ''}\n${line}\n`, question);
    expect(read).toThrow(IpvsSyntaxError);
    expect(read).toThrow(message);
  });

  test.each(['192.168.2.028', '192.168.2.300', '1921.68.2.128', '192.168.2.'])(
    'a server at %s, which is no address, is a damaged line of ours, and is put right',
    (address) => {
      const text = `${ours.join('\n').replaceAll('192.168.2.128', address)}\n`;
      expect(edited(text)).toBe(`${ours.join('\n')}\n`);
      expect(edited(`${ours.join('\n')}\n${ours[1]?.replace('2.128', '2.028') ?? ''}\n`)).toBe(
        `${ours.join('\n')}\n`,
      );
    },
  );

  test('any text at all is read or refused, and loses nothing', () => {
    const word = fc.oneof(
      fc.constantFrom(...foreign, ...ours).map((line) => line),
      fc.constantFrom('-A', '-a', '-t', '-r', '-w', '-p', '__proto__', '\0', '\u001B[2J', '\r'),
      fc.string({ unit: 'binary', maxLength: 12 }),
    );
    const anyText = fc
      .array(word)
      .chain((words) =>
        fc
          .array(fc.constantFrom(' ', '\n'), { minLength: words.length, maxLength: words.length })
          .map((gaps) => words.map((part, i) => `${part}${gaps[i] ?? ''}`).join('')),
      );
    fc.assert(
      fc.property(anyText, (text) => {
        expect(readAgain(text)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});

/** The text of all lines as they were read; of what is refused with its line, the text as it was. */
function readAgain(text: string): string {
  try {
    const { lines } = readRulesText(text, question);
    return lines.map((line) => line.text).join('\n');
  } catch (error) {
    if (error instanceof IpvsSyntaxError) return text;
    throw error;
  }
}
