import { readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import path from 'node:path';

import { inCgroup, killCgroup, makeCgroup } from '../../../src/embedded/machine/cgroups.ts';
import { labCgroup, type LabIdentity } from '../../../src/embedded/embedded-lab.ts';
import { type BridgeName } from '../../../src/embedded/lab/lab-hosts.ts';

/** What the server gives away. */
export interface DhcpOptions {
  readonly bridge: BridgeName;
  /** The first and the last address, IPv4 dotted, in the bridge's own network. */
  readonly range: readonly [string, string];
  /** Seconds that a lease lasts: 120 (the least that dnsmasq gives) or more. */
  readonly leaseSeconds?: number;
}

/** A DHCP server on a bridge of the lab; clients get the bridge's own address as their router. */
export interface LabDhcp {
  /** The addresses that are leased, by MAC address. */
  readonly leases: () => Promise<ReadonlyMap<string, string>>;
  /** Ends the server, which forgets its leases; taking the lab down does it as well. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a DHCP server inside the lab's network namespace; resolves once it listens. It needs dnsmasq on this machine.
 * A lab has one at a time.
 * @throws Error with what dnsmasq said when it ends instead.
 */
export async function startLabDhcp(
  lab: LabIdentity,
  { bridge, range, leaseSeconds = 120 }: DhcpOptions,
): Promise<LabDhcp> {
  const file = path.join(lab.paths.state, 'dhcp-leases');
  const group = `${labCgroup(lab)}/dhcp`;
  await killCgroup(group);
  await rm(file, { force: true });
  await makeCgroup(group);
  const dnsmasq = [
    ...['dnsmasq', '--keep-in-foreground', '--log-facility=-', '--conf-file=/dev/null'],
    ...['--port=0', `--interface=${bridge}`, '--bind-interfaces', '--pid-file='],
    ...[`--dhcp-range=${range.join(',')},${leaseSeconds}`, `--dhcp-leasefile=${file}`],
    // It is alone on the segment, and need not ask whether somebody has the address.
    ...['--dhcp-authoritative', '--no-ping', '--user=root', '--group=root'],
  ];
  const [program = '', ...args] = inCgroup(group, ['ip', 'netns', 'exec', lab.name, ...dnsmasq]);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let said = '';
  const listens = new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('sockets bound exclusively to interface')) resolve();
    });
  });
  const ended = once(child, 'close').then(() => {
    throw new Error(`dnsmasq ended: ${said}`);
  });
  await Promise.race([listens, ended]);
  ended.catch(() => undefined);
  return {
    leases: async () => {
      const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
      const entries = lines.map((line) => line.split(' ')).filter(({ length }) => length > 2);
      return new Map(entries.map(([, mac = '', address = '']) => [mac, address]));
    },
    stop: () => killCgroup(group),
  };
}
