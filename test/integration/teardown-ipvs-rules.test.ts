import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { ipvsRulesFile } from '../../src/index.ts';
import { type VirtualService } from '../../src/ipvs/virtual-service.ts';
import { FolderHost } from '../support/folder-host.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('taking back the rules of IPVS, on this machine through a real sh', () => {
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
    const lab = (address: string) => host.playbook([ipvsRulesFile(rules, serviceAt(address))]);
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
    const ours = host.playbook([ipvsRulesFile(rules, serviceAt('192.168.4.133'))]);
    const theirs = host.playbook([ipvsRulesFile(rules, serviceAt('192.168.4.134'))], 'other');
    await host.apply(ours);
    await host.apply(theirs);
    expect(readFileSync(rules, 'utf8')).toBe(
      '-A -t 192.168.4.133:80 -s wrr\n-A -t 192.168.4.134:80 -s wrr\n',
    );
  });
});

function serviceAt(address: string): VirtualService {
  return { protocol: 'tcp', address, port: 80, scheduler: 'wrr', destinations: [] };
}
