import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lines, sh, trusted } from '../../../src/engine/model/shell/script.ts';
import { networkInterface } from '../../../src/index.ts';
import { driftFor, observeFor } from '../../support/run-resource.ts';
import { debianFacts, el7Facts } from '../../support/samples/sample-facts.ts';
import { WiredNamespace } from '../../support/network/wired-namespace.ts';
import { debian, el7 } from '../../support/samples/sample-platforms.ts';

const settings = {
  device: 'ens37',
  address: '192.168.2.128',
  prefix: 24,
  gateway: '192.168.2.130',
  dns: ['8.8.8.8'],
};
const onDebian = networkInterface({ platform: debian, facts: debianFacts }, settings);
const onEl7 = networkInterface({ platform: el7, facts: el7Facts }, settings);

/** A card with two addresses, a gateway, routes, and files that know nothing of the change. */
function wiredHost(): WiredNamespace {
  const wires = new WiredNamespace();
  wires.neighbourIp('addr', 'add', '192.168.2.130/24', 'dev', 'cable');
  wires.neighbourIp('addr', 'add', '192.168.2.1/24', 'dev', 'cable');
  wires.ip('link', 'set', 'ens37', 'up');
  wires.ip('addr', 'add', '192.168.2.128/23', 'brd', '+', 'dev', 'ens37');
  wires.ip('addr', 'add', '10.1.1.1/32', 'dev', 'ens37', 'label', 'ens37:1');
  wires.ip('route', 'add', 'default', 'via', '192.168.2.1', 'dev', 'ens37', 'proto', 'static');
  wires.ip('route', 'add', 'default', 'via', '192.168.2.3', 'dev', 'ens37', 'metric', '100');
  wires.ip('route', 'add', '10.9.0.0/16', 'via', '192.168.2.9', 'dev', 'ens37');
  wires.writeFile('network/interfaces', 'auto lo\niface lo inet loopback\n', 0o640);
  wires.writeFile('network-scripts/ifcfg-ens37', 'DEVICE=ens37\nONBOOT=yes\n', 0o604);
  return wires;
}

// Namespaces need root.
(process.getuid?.() === 0 ? describe : describe.skip)('a change of the network, guarded', () => {
  let wires: WiredNamespace;

  beforeEach(() => {
    wires = wiredHost();
  });
  afterEach(() => {
    wires.remove();
  });

  test.each([
    ['Debian', onDebian],
    ['EL7', onEl7],
  ])('on %s stays when it is confirmed, and leaves nothing behind', async (_name, resource) => {
    const change = wires.start(resource);
    await change.untilMade();
    expect(wires.leftovers()).toContain('undecided.r-0/decide');
    expect(wires.leftovers()).toContain('sysinit.target.wants/lvslab-revert-r-0-at-boot.service');
    expect(await change.confirm()).toBe('confirmed\n');
    expect(await change.end()).toEqual({ exitCode: 0, output: '' });
    expect(driftFor(resource, wires.stage)).toEqual([]);
    expect(wires.leftovers()).toEqual([]);
    expect(change.events).toBe('confirm 0 r-0 6\n');
  });

  test.each([
    ['Debian', onDebian],
    ['EL7', onEl7],
  ])('on %s is rolled back when nobody confirms it', async (_name, resource) => {
    const before = wires.state();
    const change = wires.start(resource);
    await change.untilMade();
    expect(wires.state()).not.toBe(before);
    const { exitCode, output } = await change.end();
    expect([exitCode, output]).toEqual([1, 'no new connection confirmed it within 6 s\n']);
    expect(change.events).toBe('confirm 0 r-0 6\nreverted 0\n');
    expect(wires.state()).toBe(before);
    expect(wires.leftovers()).toEqual([]);
    expect(await change.confirm()).toBe('gone\n');
  });

  test('is rolled back by its timer when the job that made it is gone', async () => {
    const before = wires.state();
    const change = wires.start(onDebian);
    await change.untilMade();
    change.kill();
    await change.end();
    expect(wires.state()).not.toBe(before);
    for (let waited = 0; wires.leftovers().length > 0 && waited < 120; waited++) await sleep(1000);
    expect(wires.state()).toBe(before);
    expect(wires.leftovers()).toEqual([]);
  });

  test('is rolled back at the next boot, when only its files are there', async () => {
    const before = readFileSync(wires.at('network/interfaces'), 'utf8');
    const change = wires.start(onDebian, { windowSeconds: 100 });
    await change.untilMade();
    expect(readFileSync(wires.at('network/interfaces'), 'utf8')).not.toBe(before);
    change.kill();
    wires.ip('addr', 'flush', 'dev', 'ens37');
    await wires.runBootGuard();
    expect(readFileSync(wires.at('network/interfaces'), 'utf8')).toBe(before);
    expect(wires.ip('-4', 'addr', 'show', 'dev', 'ens37')).toBe('');
    expect(wires.leftovers()).toEqual([]);
  });

  test('is rolled back at once when no machine answers for the gateway', async () => {
    const before = wires.state();
    wires.neighbourIp('addr', 'del', '192.168.2.130/24', 'dev', 'cable');
    const change = wires.start(onDebian);
    const { exitCode, output } = await change.end();
    expect(exitCode).toBe(1);
    expect(output).toBe(
      'no machine on the segment of ens37 answers for the gateway 192.168.2.130\n',
    );
    expect(change.events).toBe('reverted 0\n');
    expect(wires.state()).toBe(before);
    expect(wires.leftovers()).toEqual([]);
  });

  test('is not made when another machine has the address, which is named', async () => {
    wires.ip('addr', 'del', '192.168.2.128/23', 'dev', 'ens37');
    wires.neighbourIp('addr', 'add', '192.168.2.128/24', 'dev', 'cable');
    const before = wires.state();
    const change = wires.start(onDebian);
    const { output } = await change.end();
    expect(output).toBe(
      'another machine on the segment of ens37 has 192.168.2.128: 00:0c:29:53:71:a2\n',
    );
    expect(wires.state()).toBe(before);
    expect(wires.leftovers()).toEqual([]);
  });

  test('is refused beside another one, which goes on', async () => {
    const first = wires.start(onDebian);
    await first.untilMade();
    const other = { ...settings, gateway: '192.168.2.1' };
    const second = wires.start(networkInterface({ platform: debian, facts: debianFacts }, other));
    const { exitCode, output } = await second.end();
    expect([exitCode, output]).toEqual([1, 'another change of the network is pending here\n']);
    expect(await first.confirm()).toBe('confirmed\n');
    expect((await first.end()).exitCode).toBe(0);
  });

  test('leaves the address that the file gave so far, now and at the next boot', async () => {
    wires.writeFile(
      'network/interfaces',
      'iface ens37 inet static\n    address 192.168.2.200\n    netmask 255.255.255.0\n',
    );
    wires.ip('addr', 'flush', 'dev', 'ens37');
    wires.ip('addr', 'add', '192.168.2.200/24', 'brd', '+', 'dev', 'ens37');
    wires.ip('addr', 'add', '10.1.1.1/32', 'dev', 'ens37');
    const before = wires.state();
    const addresses = (): readonly string[] =>
      [...wires.ip('-o', '-4', 'addr', 'show', 'dev', 'ens37').matchAll(/inet (\S+)/g)].map(
        ([, address = '']) => address,
      );
    const lost = wires.start(onDebian);
    await lost.untilMade();
    expect(addresses()).toEqual(['192.168.2.200/24', '10.1.1.1/32', '192.168.2.128/24']);
    expect((await lost.end()).exitCode).toBe(1);
    expect(wires.state()).toBe(before);
    const kept = wires.start(onDebian);
    await kept.untilMade();
    await kept.confirm();
    expect((await kept.end()).exitCode).toBe(0);
    expect(addresses()).toEqual(['192.168.2.200/24', '10.1.1.1/32', '192.168.2.128/24']);
  });

  /** The commands of the change one by one, and worse things than any of them. */
  const inBetween = [
    trusted(':'),
    sh`ip link set dev ens37 down`,
    sh`ip addr flush dev ens37`,
    sh`ip route flush dev ens37`,
    sh`ip addr del 192.168.2.128/23 dev ens37; ip addr add 192.168.2.128/23 dev ens37`,
    sh`ip route replace default via 192.168.2.5 dev ens37; ip route add 10.8.0.0/16 dev ens37`,
    sh`ip route del default via 192.168.2.1; ip route append default via 192.168.2.1 dev ens37`,
    sh`rm ${'/etc/network/interfaces'}`,
    sh`echo half >/etc/network/.interfaces.lvslab; chmod 600 /etc/network/interfaces`,
    sh`echo more >>/etc/network/interfaces; ip addr add 10.7.7.7/8 dev ens37; sleep 100`,
  ];

  test('is rolled back from every state in between', async () => {
    const before = wires.state();
    const from = observeFor(onDebian, wires.stage);
    const commands = onDebian.converge(from, onDebian.aim(from)).text.split(/\n(?=ip )/);
    expect(commands).toHaveLength(4);
    const partly = commands.map((_, i) => trusted(commands.slice(0, i + 1).join('\n')));
    for (const state of [...partly, ...inBetween]) {
      const change = wires.start(onDebian, { converge: lines(state, sh`exit 1`) });
      expect((await change.end()).exitCode).toBe(1);
      expect(wires.state()).toBe(before);
      expect(wires.leftovers()).toEqual([]);
    }
  });

  test.each([
    ['confirmed', 0, ''],
    ['reverted', 1, 'no new connection confirmed it within 6 s\n'],
  ])(
    '%s at the last moment, by a host that is slow to write it down, ends as that',
    async (decision, exitCode, output) => {
      const change = wires.start(onDebian);
      await change.untilMade();
      // The folder has lost its name by then, and the answer comes long after the time is over.
      const decide = wires.at('state/undecided.r-0/decide');
      const script = readFileSync(decide, 'utf8');
      const slow = script.replace(/^( *rm -rf -- .*decided\.r-0.*)$/m, '$1; sleep 12');
      expect(slow).not.toBe(script);
      writeFileSync(decide, slow);
      const answer = wires.run(sh`sh ${decide} ${decision}`);
      expect(await change.end()).toEqual({ exitCode, output });
      expect(await answer).toBe(`${decision}\n`);
      expect(change.events).toBe(
        exitCode === 0 ? 'confirm 0 r-0 6\n' : 'confirm 0 r-0 6\nreverted 0\n',
      );
      expect(wires.leftovers()).toEqual([]);
    },
  );

  test('is decided once, however close confirmation and time-out come', async () => {
    const decisions = new Set<string>();
    for (let round = 0; round < 30; round++) {
      const before = wires.state();
      const change = wires.start(onDebian, { windowSeconds: 100 });
      await change.untilMade();
      const decide = sh`sh ${`${wires.paths.stateDir}/undecided.r-0/decide`} reverted`;
      const answers = await Promise.all([
        ...(round % 2 === 0 ? [wires.run(decide), change.confirm()] : []),
        ...(round % 2 === 1 ? [change.confirm(), wires.run(decide)] : []),
        wires.run(decide),
      ]);
      const { exitCode } = await change.end();
      const decision = exitCode === 0 ? 'confirmed\n' : 'reverted\n';
      decisions.add(decision);
      expect(
        new Set(answers.filter((answer) => !/gone|can.t open|cannot open/.test(answer))),
      ).toEqual(new Set([decision]));
      expect(wires.state() === before).toBe(exitCode !== 0);
      expect(wires.leftovers()).toEqual([]);
      wires.remove();
      wires = wiredHost();
    }
    expect(decisions).toEqual(new Set(['confirmed\n', 'reverted\n']));
  });
});
