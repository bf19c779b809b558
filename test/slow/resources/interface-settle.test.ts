import { execFileSync, spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type InterfaceRuntime } from '../../../src/resources/network/interface/interface-runtime.ts';
import { settleRuntime } from '../../../src/resources/network/interface/interface-settle.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('a NIC whose files say nothing of it', () => {
  const namespace = `lvslab-settle-${process.pid}`;
  const ip = (...words: readonly string[]): string =>
    execFileSync('ip', ['-n', namespace, ...words], { encoding: 'utf8' });

  beforeEach(() => {
    execFileSync('ip', ['netns', 'add', namespace]);
    ip('link', 'add', 'ens37', 'type', 'veth', 'peer', 'name', 'cable');
    for (const nic of ['cable', 'ens37']) ip('link', 'set', nic, 'up');
  });
  afterEach(() => {
    execFileSync('ip', ['netns', 'del', namespace]);
  });

  const bare: InterfaceRuntime = { up: true, addresses: [], defaultRoutes: [] };
  const before: InterfaceRuntime = {
    up: true,
    addresses: ['192.168.2.50/24', '10.9.0.1/16'],
    defaultRoutes: ['default via 192.168.2.1 dev ens37 proto static metric 100 onlink'],
  };

  const settle = (to: InterfaceRuntime) => {
    const script = settleRuntime('ens37', bare, to, { isGoingBack: true }).text;
    return spawnSync('ip', ['netns', 'exec', namespace, 'sh', '-euc', script], {
      encoding: 'utf8',
    });
  };

  test('gets back by hand what it had before lvslab', () => {
    expect(settle(before)).toMatchObject({ status: 0, stderr: '' });
    const addresses = ip('-o', '-4', 'addr', 'show', 'dev', 'ens37');
    expect(addresses).toContain('inet 192.168.2.50/24 brd 192.168.2.255');
    expect(addresses).toContain('inet 10.9.0.1/16 brd 10.9.255.255');
    expect(ip('route', 'show', 'default').trim()).toBe(before.defaultRoutes[0]);
  }, 90_000);

  test('is not given a lease by hand: whoever lent it may have lent it to somebody else', () => {
    const lease = before.addresses.slice(0, 1);
    const settled = settle({ ...before, addresses: lease, leased: lease });
    expect(settled.status).toBe(1);
    expect(settled.stderr).toBe('ens37 did not get 192.168.2.50/24\n');
  }, 90_000);
});
