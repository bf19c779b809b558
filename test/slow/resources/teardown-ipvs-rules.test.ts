import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { ipvsRulesFile } from '../../../src/index.ts';
import { type VirtualService } from '../../../src/ipvs/virtual-service.ts';
import { FolderHost } from '../../support/ssh/folder-host.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('undoing the rules of IPVS, on this machine through a real sh', () => {
  let host: FolderHost;
  const at = (name: string): string => host.at(name);

  beforeEach(() => {
    host = new FolderHost();
  });

  afterEach(async () => {
    await host.remove();
  });

  test('a virtual service under another address takes the place of the earlier one', async () => {
    const rules = at('etc/rules');
    const others = '-A -u 10.0.0.1:53 -s rr\n';
    writeFileSync(rules, others, { mode: 0o644 });
    const before = host.tree();
    const lab = (address: string) => host.playbook([ipvsRulesFile(rules, [serviceAt(address)])]);
    await host.apply(lab('192.168.4.133'));
    await host.apply(lab('192.168.4.134'));
    expect(readFileSync(rules, 'utf8')).toBe(`${others}-A -t 192.168.4.134:80 -s wrr\n`);
    appendFileSync(rules, '-A -u 10.0.0.2:53 -s rr\n');
    await host.apply(lab('192.168.4.135'));
    expect(readFileSync(rules, 'utf8').split('\n').toSorted()).toEqual([
      '',
      '-A -t 192.168.4.135:80 -s wrr',
      '-A -u 10.0.0.1:53 -s rr',
      '-A -u 10.0.0.2:53 -s rr',
    ]);
    // The other service came from somebody else.
    expect((await host.tearDown()).kept).toEqual([`ipvs rules in ${rules}`]);
    expect((await host.tearDown({ overwrite: true })).failures).toEqual([]);
    expect(host.tree()).toBe(before);
  });

  test('what another playbook made of the rules stays', async () => {
    const rules = at('etc/rules');
    const ours = host.playbook([ipvsRulesFile(rules, [serviceAt('192.168.4.133')])]);
    const theirs = host.playbook([ipvsRulesFile(rules, [serviceAt('192.168.4.134')])], 'other');
    await host.apply(ours);
    await host.apply(theirs);
    expect(readFileSync(rules, 'utf8')).toBe(
      '-A -t 192.168.4.133:80 -s wrr\n-A -t 192.168.4.134:80 -s wrr\n',
    );
  });

  test('what others have in the file outlives apply and teardown, byte for byte', async () => {
    const rules = at('etc/rules');
    const others =
      '# by hand\n-C\n--set 900 120 300\n-A -f 7  -s sh -b sh-port\r\n-A -t [2001:db8::1]:80 -s mh -p 360\n' +
      '-A -t 192.168.4.133:https -s wlc -p 360\n-a -t 192.168.4.133:https -r web7 -m\n-A --sctp-service 192.168.4.133:80\n-A -f 7';
    writeFileSync(rules, others, { mode: 0o600 });
    const before = host.tree();
    const playbook = host.playbook([ipvsRulesFile(rules, [serviceAt('192.168.4.133')])]);
    const applied = await host.apply(playbook);
    expect(applied.failures).toEqual([]);
    expect(readFileSync(rules, 'utf8')).toBe(`${others}\n-A -t 192.168.4.133:80 -s wrr\n`);
    expect((await host.tearDown()).kept).toEqual([]);
    expect(host.tree()).toBe(before);
  });

  test('names of ports mean what the host says', async () => {
    const rules = at('etc/rules');
    writeFileSync(rules, '-A -t 192.168.4.133:http -s wrr\n', { mode: 0o600 });
    const playbook = host.playbook([ipvsRulesFile(rules, [serviceAt('192.168.4.133')])]);
    const { plan } = (await host.survey(playbook)).hosts[0] ?? {};
    expect(plan?.plays.flatMap(({ steps }) => steps)).toEqual([]);
  });

  test('a firewall mark that came since is not lost with ours', async () => {
    const rules = at('etc/rules');
    const playbook = host.playbook([ipvsRulesFile(rules, [serviceAt('192.168.4.133')])]);
    await host.apply(playbook);
    appendFileSync(rules, '-A -f 5 -s rr\n');
    expect((await host.tearDown()).kept).toEqual([`ipvs rules in ${rules}`]);
    expect(readFileSync(rules, 'utf8')).toContain('-A -f 5 -s rr\n');
  });

  test('a line that ipvsadm stops at is named, and nothing is changed', async () => {
    const rules = at('etc/rules');
    writeFileSync(rules, '-A -f 1\n-A -t 192.168.4.133:443 -s wlc # mine\n', { mode: 0o600 });
    const before = host.tree();
    const playbook = host.playbook([ipvsRulesFile(rules, [serviceAt('192.168.4.133')])]);
    const { failures } = await host.survey(playbook);
    expect(failures.map(({ error }) => error.message)).toEqual([
      expect.stringContaining(`${rules}:2: ipvsadm takes no comment there`),
    ]);
    expect(host.tree()).toBe(before);
  });
});

function serviceAt(address: string): VirtualService {
  return { protocol: 'tcp', address, port: 80, scheduler: 'wrr', destinations: [] };
}
