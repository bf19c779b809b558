import { describe, expect, test } from '@jest/globals';

import { restartHost } from '../../../src/embedded/hosts/host-power.ts';
import { labNamed } from '../../../src/embedded/embedded-lab.ts';
import { schedulers } from '../../../src/ipvs/distribution/schedulers.ts';
import { expectExit, lvslab } from '../../support/lvslab.ts';
import { ModeLab } from './mode-lab.ts';

const MINUTE = 60_000;
const name = 'lvmany';
const lab = new ModeLab(name);
const { inventory } = lab;

/** Services that differ in all that a service may differ in. */
const several = [
  {},
  { port: 8080, scheduler: 'sh', scheduler_flags: ['sh-port'] },
  { port: 5353, protocol: 'udp', scheduler: 'rr' },
  { vip: '192.168.4.140', persistence: 60, persistence_netmask: '255.255.255.0' },
  { port: 8081, servers: { rs1: { weight: 0 } } },
  { port: 8082, servers: { rs2: { upper_threshold: 5000, lower_threshold: 100 } } },
];
const asked = ['-e', JSON.stringify({ lvs_services: several })];

describe('several services', () => {
  lab.comesUp('nat', 10 * MINUTE);

  test(
    'all of them are applied once, and verified',
    async () => {
      expectExit(await lvslab('apply', '-i', inventory, ...asked, '--yes'), 0);
      const again = await lvslab('plan', '-i', inventory, ...asked);
      expectExit(again, 0);
      expect(again.stdout).toContain('No changes.');
      expectExit(await lvslab('verify', '-i', inventory, ...asked, '--requests', '30'), 0);
      expectExit(await lvslab('diagnose', '-i', inventory, ...asked), 0);
    },
    15 * MINUTE,
  );

  test('the table has what was asked for', async () => {
    const table = await lab.output('director', 'ipvsadm -S -n; ipvsadm -Ln --thresholds');
    for (const line of [
      '-A -t 192.168.4.133:80 -s wrr\n',
      '-A -t 192.168.4.133:8080 -s sh -b sh-port\n',
      '-A -u 192.168.4.133:5353 -s rr\n',
      '-A -t 192.168.4.140:80 -s wrr -p 60 -M 255.255.255.0\n',
      '-a -t 192.168.4.133:8081 -r 192.168.2.128:8081 -m -w 0\n',
    ]) {
      expect(table).toContain(line);
    }
    expect(table).toMatch(/-> 192\.168\.2\.129:8082 +5000 +100 /);
  });

  test(
    'thresholds that somebody has set otherwise are drift, and set right',
    async () => {
      await lab.output(
        'director',
        'ipvsadm -e -t 192.168.4.133:8082 -r 192.168.2.129:8082 -m -w 2 -x 10 -y 5',
      );
      const planned = await lvslab('plan', '-i', inventory, ...asked);
      expectExit(planned, 2);
      expect(planned.stdout).toContain('5000');
      expectExit(await lvslab('apply', '-i', inventory, ...asked, '--yes'), 0);
      expectExit(await lvslab('plan', '-i', inventory, ...asked), 0);
    },
    5 * MINUTE,
  );

  test(
    'the director boots with all of them',
    async () => {
      await restartHost(labNamed(name), { host: 'director' });
      expectExit(await lvslab('plan', '-i', inventory, ...asked), 0);
      expect(await lab.output('director', 'ipvsadm -Ln --thresholds')).toMatch(
        /-> 192\.168\.2\.129:8082 +5000 +100 /,
      );
      expectExit(await lvslab('verify', '-i', inventory, ...asked, '--requests', '12'), 0);
    },
    10 * MINUTE,
  );

  test(
    'what is no longer asked for goes, and what somebody else has in the table stays',
    async () => {
      await lab.output('director', 'ipvsadm -A -t 192.168.4.133:9999 -s rr');
      expectExit(await lvslab('apply', '-i', inventory, '--yes'), 0);
      const services = (await lab.output('director', 'ipvsadm -S -n')).match(/^-A .*$/gm);
      expect(services).toEqual(['-A -t 192.168.4.133:80 -s wrr', '-A -t 192.168.4.133:9999 -s rr']);
      await lab.output('director', 'ipvsadm -D -t 192.168.4.133:9999');
      expectExit(await lvslab('plan', '-i', inventory), 0);
    },
    5 * MINUTE,
  );

  test.each(schedulers.map((scheduler) => [scheduler.name, scheduler] as const))(
    'the scheduler %s keeps its promise, or is refused where the kernel lacks it',
    async (scheduler, { kernels }) => {
      const chosen = ['-i', inventory, '-e', `lvs_scheduler=${scheduler}`];
      if (!kernels.includes('debian12')) {
        const refused = await lvslab('plan', ...chosen);
        expectExit(refused, 1);
        expect(refused.stdout + refused.stderr).toContain(scheduler);
        return;
      }
      expectExit(await lvslab('apply', ...chosen, '--yes'), 0);
      expectExit(await lvslab('verify', ...chosen, '--requests', '30'), 0);
    },
    5 * MINUTE,
  );

  lab.isTornDown(10 * MINUTE);
});
