import { describe, expect, test } from '@jest/globals';

import { labNamed } from '../../../src/embedded/embedded-lab.ts';
import { restartHost } from '../../../src/embedded/hosts/host-power.ts';
import { expectExit, lvslab } from '../../support/lvslab.ts';
import { ModeLab } from './mode-lab.ts';

const MINUTE = 60_000;
const name = 'lvmark';
const lab = new ModeLab(name);
const { inventory } = lab;
const output = lab.output.bind(lab);

/** Two services of several ports, one with a mark of its own, one over UDP, beside one that needs none. */
const several = [
  { ports: [80, 443], mark: 31 },
  { protocol: 'udp', ports: [5353, 443], scheduler: 'rr' },
  { port: 8080 },
];
const asked = ['-i', inventory, '-e', JSON.stringify({ lvs_services: several })];
/** The same with clients that stay on their server. */
const sticky = [
  '-i',
  inventory,
  '-e',
  JSON.stringify({ lvs_services: [{ ...several[0], persistence: 60 }, ...several.slice(1)] }),
];

const FOREIGN =
  'nft "add table ip theirs; add chain ip theirs c { type filter hook prerouting priority -140; }; add rule ip theirs c ip saddr 10.0.0.0/8 meta mark set 9" && ipvsadm -A -f 9 -s rr && ipvsadm -a -f 9 -r 192.168.2.77 -g';
const theirs = () =>
  output('director', 'nft list table ip theirs; ipvsadm -S -n | grep -- "-f 9 "');

async function holds(): Promise<void> {
  const planned = await lvslab('plan', ...asked);
  expectExit(planned, 0);
  expect(planned.stdout).toContain('No changes.');
  expectExit(await lvslab('verify', ...asked, '--requests', '24'), 0);
}

describe.each(['nat', 'dr'] as const)('services of several ports in mode %s', (mode) => {
  lab.comesUp(mode, 10 * MINUTE);

  test(
    'are applied, and serve all of their ports, with nothing left to do',
    async () => {
      expectExit(await lvslab('apply', ...asked, '--yes'), 0);
      await holds();
      const letter = mode === 'nat' ? 'm' : 'g';
      const table = await output('director', 'ipvsadm -S -n');
      expect(table).toContain('-A -f 31 -s wrr\n');
      expect(table).toContain(`-a -f 31 -r 192.168.2.129:0 -${letter} -w 2\n`);
      expect(table).not.toContain('-t 192.168.4.133:80 ');
      expectExit(await lvslab('diagnose', ...asked), 0);
    },
    15 * MINUTE,
  );

  test(
    'a client stays on its server at both ports, where that is asked for',
    async () => {
      expectExit(await lvslab('apply', ...sticky, '--yes'), 0);
      const ask = [80, 443, 80, 443, 443, 80].map(
        (port) => `curl -s http://192.168.4.133:${port}/`,
      );
      const pages = await output('client', ask.join('; '));
      expect(new Set(pages.trim().split('\n')).size).toBe(1);
      expectExit(await lvslab('apply', ...asked, '--yes'), 0);
    },
    5 * MINUTE,
  );

  test(
    'a filter that somebody has emptied is named, is drift, and is set right beside what others have',
    async () => {
      await output('director', `nft flush table ip lvslab-marks; ${FOREIGN}`);
      const others = await theirs();
      const diagnosed = await lvslab('diagnose', ...asked);
      expect(diagnosed.exitCode).not.toBe(0);
      expect(diagnosed.stdout).toContain('L38');
      const planned = await lvslab('plan', ...asked);
      expectExit(planned, 2);
      expect(planned.stdout).toContain('192.168.4.133 tcp 80,443 mark 31');
      expectExit(await lvslab('apply', ...asked, '--yes'), 0);
      await holds();
      expect(await theirs()).toBe(others);
    },
    10 * MINUTE,
  );

  test(
    'whoever restarts or reloads the whole filter finds the marks in it',
    async () => {
      // The first start empties the filter; from then on the marks are put in again behind it.
      await output('director', 'systemctl start nftables; systemctl restart lvslab-marks');
      for (const verb of ['restart', 'reload']) {
        await output('director', `systemctl ${verb} nftables`);
        await holds();
      }
      await output(
        'director',
        'systemctl stop nftables; systemctl start lvslab-marks; ipvsadm -D -f 9',
      );
    },
    10 * MINUTE,
  );

  test(
    'the checks notice when the marks are taken away',
    async () => {
      expectExit(await lvslab('verify', ...asked, '--controls', '--requests', '12'), 0);
    },
    15 * MINUTE,
  );

  test(
    'the director boots with them',
    async () => {
      await restartHost(labNamed(name), { host: 'director' });
      await holds();
    },
    10 * MINUTE,
  );

  test(
    'they become services of one port, and nothing of the marks is left',
    async () => {
      expectExit(await lvslab('apply', '-i', inventory, '--yes'), 0);
      expectExit(await lvslab('plan', '-i', inventory), 0);
      expectExit(await lvslab('verify', '-i', inventory, '--requests', '12'), 0);
      const left = await output(
        'director',
        'ipvsadm -S -n | grep -- " -f " || :; ls /etc/systemd/system/lvslab-marks* 2>/dev/null || :',
      );
      expect(left).toBe('');
      expectExit(await lvslab('apply', ...asked, '--yes'), 0);
      await holds();
    },
    // nginx is built twice: only with the UDP service it needs its stream module.
    25 * MINUTE,
  );

  lab.isTornDown(10 * MINUTE);
});
