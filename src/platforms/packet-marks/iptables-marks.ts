import { sh } from '../../engine/model/shell/script.ts';
import { filledLines } from '../sections.ts';
import { printChain, restoreRules } from './iptables-chain.ts';
import { MARKS, type MarkFilter } from './mark-filter.ts';
import { inOrder, type MarkRule, markText } from './mark-rule.ts';

const JUMP = `-A PREROUTING -j ${MARKS}`;
const NEW_CHAIN = `-N ${MARKS}`;
const MANGLE = ['-w', '-t', 'mangle'];

/** iptables: a chain of lvslab's own in the table mangle, and one rule that leads to it. */
export const iptablesMarks: MarkFilter = {
  name: 'iptables',
  packages: ['iptables'],
  modules: ['iptable_mangle', 'xt_mark', 'xt_multiport'],
  print: printChain({ table: 'mangle', chain: MARKS, from: 'PREROUTING' }),
  read: (printed) => filledLines(printed).map(readLine),
  listing: (rules) => [NEW_CHAIN, JUMP, ...rules.map(ruleLine)].join('\n'),
  set: (listing) => (listing === undefined ? takeOut : putIn(listing)),
  starts: (rules) => [
    `-${unitCommand(NEW_CHAIN)}`,
    unitCommand(`-F ${MARKS}`),
    ...rules.map((rule) => unitCommand(ruleLine(rule))),
    `-${unitCommand(JUMP.replace('-A', '-D'))}`,
    unitCommand(JUMP),
  ],
  stops: [
    `-${unitCommand(JUMP.replace('-A', '-D'))}`,
    `-${unitCommand(`-F ${MARKS}`)}`,
    `-${unitCommand(`-X ${MARKS}`)}`,
  ],
};

function unitCommand(words: string): string {
  return `/usr/sbin/iptables ${MANGLE.join(' ')} ${words}`;
}

function ruleLine({ address, protocol, ports, mark }: MarkRule): string {
  return `-A ${MARKS} -d ${address}/32 -p ${protocol} -m multiport --dports ${inOrder(ports).join(',')} -j MARK --set-mark ${mark}`;
}

/** The unit may have taken it out already, which is no failure. */
const takeOut = sh`
  while iptables ${[...MANGLE, ...JUMP.replace('-A', '-D').split(' ')]} 2>/dev/null; do :; done
  if iptables ${[...MANGLE, '-S', MARKS]} >/dev/null 2>&1; then
    iptables ${[...MANGLE, '-F', MARKS]} && iptables ${[...MANGLE, '-X', MARKS]}
  fi
`;

/** The chain is replaced in one go; the table's other chains are none of its business. */
function putIn(listing: string): ReturnType<typeof sh> {
  const rules = filledLines(listing).filter((line) => line.startsWith(`-A ${MARKS} `));
  const jump = JUMP.split(' ').slice(1);
  return sh`
    ${restoreRules('mangle', [`:${MARKS} - [0:0]`, ...rules])}
    iptables ${[...MANGLE, '-C', ...jump]} 2>/dev/null || iptables ${[...MANGLE, '-A', ...jump]}
  `;
}

const RULE = new RegExp(
  `^-A ${MARKS} -d ([\\d.]+)/32 -p (tcp|udp) -m multiport --dports ([\\d,]+) -j MARK --set-x?mark (0x[\\da-f]{1,8}|\\d{1,10})(?:/0xffffffff)?$`,
);

function readLine(raw: string): string {
  const line = raw.trim();
  const [, address, protocol, ports, mark] = RULE.exec(line) ?? [];
  if (address === undefined || ports === undefined || mark === undefined) return line;
  return markText({
    address,
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
    ports: ports.split(',').map(Number),
    mark: Number(mark),
  });
}
