import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

import { describe, expect, test } from '@jest/globals';

import { labHosts } from '../../../src/embedded/lab/lab-hosts.ts';
import { expectExit, lvslab, type ProgramRun } from '../../support/lvslab.ts';
import { ModeLab } from './mode-lab.ts';

const MINUTE = 60_000;
const name = 'lvmdr';
const lab = new ModeLab(name);
const { inventory } = lab;
const output = lab.output.bind(lab);

/** The VIP in the real servers' own segment, where any of them could take it; the client comes through the router. */
const SHARED = '192.168.2.100';
const shared = ['-e', `lvs_vip=${SHARED}`, '-e', 'lvs_vip_interface=ens33'];

/** What another program prints, line by line, from now until it is stopped. */
class Watcher {
  readonly #child: ChildProcess;
  #output = '';

  constructor(...command: readonly string[]) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
  }

  /** How often each line came. */
  async stop(): Promise<ReadonlyMap<string, number>> {
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    await ended;
    const counts = new Map<string, number>();
    for (const line of this.#output.split('\n').filter(Boolean)) {
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
    return counts;
  }
}

/** A client that asks the VIP again and again, in its own network namespace. */
function keepAsking(vip: string): Watcher {
  const loop = `while :; do curl -qs --max-time 2 http://${vip}/ || echo "status $?"; sleep 0.2; done`;
  return new Watcher('ip', 'netns', 'exec', `${name}-client`, 'sh', '-c', loop);
}

/** Where the router between the two segments believes the VIP to be. */
function watchRouter(vip: string): Watcher {
  const look = `ip neigh show ${vip} | sed -n 's/.*lladdr \\([^ ]*\\).*/\\1/p'`;
  return new Watcher(
    'ip',
    'netns',
    'exec',
    name,
    'sh',
    '-c',
    `while :; do ${look}; sleep 0.1; done`,
  );
}

const onHost = (host: string, command: string): Promise<ProgramRun> =>
  lvslab('lab', 'ssh', '-n', name, host, command);

/** The hardware address that the router between the segments has for an address. */
async function believed(vip: string): Promise<string> {
  const shown = await inRouter('ip', 'neigh', 'show', vip);
  return /lladdr (\S+)/.exec(shown)?.[1] ?? '';
}

async function inRouter(...command: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('ip', ['netns', 'exec', name, ...command]);
  return stdout;
}

/** The router forgets who has the VIP, and asks. */
async function routerAsks(): Promise<void> {
  await inRouter('ip', 'neigh', 'flush', 'to', SHARED);
  // Whether anybody answers the request itself says nothing.
  await inRouter('curl', '-qs', '--max-time', '2', `http://${SHARED}/`).catch(() => undefined);
}

/**
 * The real server sends something of its own as the VIP, to an address that nobody has, so that it asks for it three times:
 * for that of the router its own session may ask before, as its RIP, and what the router learnt in the last second stays.
 */
async function serverAsks(): Promise<void> {
  const send = `perl -MIO::Socket::INET -e 'IO::Socket::INET->new(Proto => "udp", LocalAddr => "${SHARED}", PeerAddr => "192.168.2.77", PeerPort => 9)->send("x")'`;
  expectExit(await onHost('rs1', `${send}; sleep 4`), 0);
}

const setting = (values: string): string => `sysctl -qw ${values}`;

/** What is done by hand in the wrong order, or by half: what rs1 is made, and what makes it known to its neighbours. */
const wrongOrders: readonly (readonly [string, string, () => Promise<void>])[] = [
  [
    'the VIP before its silence',
    `ip addr del ${SHARED}/32 dev lo && ${setting('net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.all.arp_announce=0')} && ip addr add ${SHARED}/32 dev lo label lo:0`,
    routerAsks,
  ],
  [
    'silence on the loopback device alone',
    setting('net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.lo.arp_ignore=1'),
    routerAsks,
  ],
  ['no answers, but questions as the VIP', setting('net.ipv4.conf.all.arp_announce=0'), serverAsks],
  [
    'the silence taken back before the VIP',
    `rm -f /etc/sysctl.d/*arp_ignore*; ${setting('net.ipv4.conf.all.arp_ignore=0')}`,
    routerAsks,
  ],
];

function macsOf(group: string): readonly string[] {
  return labHosts
    .filter((host) => host.group === group)
    .flatMap(({ nics }) => nics.map(({ mac }) => mac));
}

/** How many connections IPVS has given to each real server, by its RIP. */
async function connections(): Promise<ReadonlyMap<string, number>> {
  // The kernel hands its counters over every two seconds.
  const listing = await output('director', 'sleep 5; ipvsadm -Ln --stats --exact');
  return new Map(
    [...listing.matchAll(/-> ([\d.]+):80 +(\d+)/g)].map(([, rip = '', count]) => [
      rip,
      Number(count),
    ]),
  );
}

describe('LVS-DR, through the program', () => {
  lab.comesUp('dr', 10 * MINUTE);

  test(
    'nobody but the director ever has the VIP while the lab is made, and IPVS chooses every answer',
    async () => {
      const [client, router] = [keepAsking(SHARED), watchRouter(SHARED)];
      try {
        expectExit(await lvslab('apply', '-i', inventory, ...shared, '--yes'), 0);
        const again = await lvslab('apply', '-i', inventory, ...shared, '--yes');
        expectExit(again, 0);
        expect(again.stdout).toContain('No changes.');
      } finally {
        const [answers, macs] = [await client.stop(), await router.stop()];
        const chosen = await connections();
        for (const rip of ['192.168.2.128', '192.168.2.129']) {
          const answered = answers.get(`I am ${rip}`) ?? 0;
          expect(answered).toBeGreaterThan(0);
          expect(answered).toBeLessThanOrEqual(chosen.get(rip) ?? 0);
        }
        expect([...macs.keys()].filter((mac) => macsOf('real_servers').includes(mac))).toEqual([]);
        expect([...macs.keys()].some((mac) => macsOf('director').includes(mac))).toBe(true);
      }
    },
    12 * MINUTE,
  );

  test.each(wrongOrders)(
    '%s: a real server is asked in the director’s stead, until an apply has set that right',
    async (_order, commands, makesItKnown) => {
      expectExit(await onHost('rs1', commands), 0);
      await makesItKnown();
      expect(await believed(SHARED)).toBe(macsOf('real_servers')[0]);
      expectExit(await lvslab('diagnose', '-i', inventory, ...shared), 1);
      expectExit(await lvslab('apply', '-i', inventory, ...shared, '--yes'), 0);
      // Nobody asked anew: the director has told its neighbours. And whoever asks is answered by the director alone.
      expect(macsOf('director')).toContain(await believed(SHARED));
      await routerAsks();
      expect(macsOf('director')).toContain(await believed(SHARED));
      expectExit(await onHost('rs1', setting('net.ipv4.conf.lo.arp_ignore=0')), 0);
    },
    5 * MINUTE,
  );

  test(
    'a real server that takes the VIP is a difference, and its neighbours are told',
    async () => {
      const both = 'net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.all.arp_announce=0';
      expectExit(await onHost('rs1', setting(both)), 0);
      await serverAsks();
      const planned = await lvslab('plan', '-i', inventory, ...shared);
      expectExit(planned, 2);
      expect(planned.stdout).toContain(`owner of ${SHARED} on ens33`);
      expect(planned.stdout).toContain('00:0c:29:53:71:80');
      expectExit(await lvslab('apply', '-i', inventory, ...shared, '--yes'), 0);
      const router = watchRouter(SHARED);
      expectExit(await lvslab('verify', '-i', inventory, ...shared, '--requests', '30'), 0);
      const macs = await router.stop();
      expect([...macs.keys()].filter((mac) => macsOf('real_servers').includes(mac))).toEqual([]);
    },
    5 * MINUTE,
  );

  test(
    'what was only said by ARP is set right, too, when a setting is repaired elsewhere',
    async () => {
      expectExit(await onHost('rs2', 'sysctl -w net.ipv4.conf.all.arp_announce=0'), 0);
      const planned = await lvslab('plan', '-i', inventory, ...shared);
      expectExit(planned, 2);
      expect(planned.stdout).toMatch(/owner of 192\.168\.2\.100 on ens33[\s\S]*announced: yes/);
      expectExit(await lvslab('apply', '-i', inventory, ...shared, '--yes'), 0);
      expectExit(await lvslab('plan', '-i', inventory, ...shared), 0);
    },
    3 * MINUTE,
  );

  test(
    "the documented lab's own VIP, verified with controls, and the drill",
    async () => {
      expectExit(await lvslab('apply', '-i', inventory, '--yes'), 0);
      const verified = await lvslab('verify', '-i', inventory, '--requests', '30', '--controls');
      expectExit(verified, 0);
      expect(verified.stdout).toContain('6 controls, and the lab is whole again');
      expectExit(await lvslab('plan', '-i', inventory), 0);
      expectExit(await lvslab('drill', '-i', inventory), 0);
    },
    10 * MINUTE,
  );

  test(
    'one apply changes the mode and another one changes it back; no host is lost, and clients get right answers only',
    async () => {
      const client = keepAsking('192.168.4.133');
      try {
        for (const mode of ['nat', 'dr']) {
          const asked = ['-i', inventory, '-e', `lvs_mode=${mode}`];
          expectExit(await lvslab('apply', ...asked, '--yes'), 0);
          expectExit(await lvslab('plan', ...asked), 0);
          const gateway = await output('rs1', 'ip route show default');
          expect(gateway).toContain(mode === 'nat' ? 'via 192.168.2.130 ' : 'via 192.168.2.1 ');
          const loopback = await output('rs1', 'ip -o -4 addr show dev lo');
          expect(loopback.includes('192.168.4.133/32')).toBe(mode === 'dr');
        }
      } finally {
        const answers = await client.stop();
        const chosen = await connections();
        for (const rip of ['192.168.2.128', '192.168.2.129']) {
          expect(answers.get(`I am ${rip}`) ?? 0).toBeGreaterThan(0);
          expect(answers.get(`I am ${rip}`) ?? 0).toBeLessThanOrEqual(chosen.get(rip) ?? 0);
        }
      }
      expectExit(await lvslab('verify', '-i', inventory, '--requests', '30'), 0);
    },
    10 * MINUTE,
  );

  lab.survivesReboot(10 * MINUTE);

  lab.isTornDown(10 * MINUTE);
});
