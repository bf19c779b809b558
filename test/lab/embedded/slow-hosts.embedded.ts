import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { bringUp } from '../../../src/embedded/bring-up.ts';
import { consoleLog, labNamed } from '../../../src/embedded/embedded-lab.ts';
import { powerCut, startHost } from '../../../src/embedded/hosts/host-power.ts';
import { type LabHostName } from '../../../src/embedded/lab/lab-hosts.ts';
import { type HostState, labStatus } from '../../../src/embedded/lab/lab-status.ts';
import { measureSlowness } from '../../../src/embedded/readiness/slowness.ts';
import { takeDown } from '../../../src/embedded/take-down.ts';
import { freezeHost, thawHost } from '../../support/ssh/freeze-host.ts';
import { lvslab } from '../../support/lvslab.ts';

const MINUTE = 60_000;
const name = 'lvslow';
const lab = labNamed(name);

const up = async (): Promise<unknown> =>
  bringUp({ ...lab, flavour: 'debian', accelerator: 'auto', report: () => undefined });
const down = (): Promise<void> => takeDown({ ...lab, report: () => undefined });
const on = async (host: LabHostName, command: string): Promise<string> =>
  (await lvslab('lab', 'ssh', '-n', name, host, command)).stdout;

async function stateOf(host: LabHostName): Promise<HostState | undefined> {
  const status = await labStatus(lab);
  return status?.hosts.find((found) => found.host.name === host)?.state;
}

/** Shell that keeps a processor for so long. */
const computing = (seconds: number): string =>
  `end=$(($(date +%s) + ${seconds})); while [ "$(date +%s)" -lt $end ]; do :; done`;

beforeAll(async () => {
  await down();
  await up();
}, 10 * MINUTE);

afterAll(down, 5 * MINUTE);

describe('slow is not down:', () => {
  test(
    'a host that works for longer on a login than an idle one may take is up',
    async () => {
      const seconds = Math.ceil(12 * (await measureSlowness()));
      await on('rs1', `mkdir -p .ssh && echo '${computing(seconds)}' > .ssh/rc`);
      expect(await stateOf('rs1')).toBe('up');
      await on('rs1', 'rm .ssh/rc');
    },
    10 * MINUTE,
  );

  test(
    'a host that takes longer than a minute to boot is waited for, and then it is up',
    async () => {
      const unit = `[Unit]\\nDefaultDependencies=no\\n[Service]\\nType=oneshot\\nTimeoutStartSec=600\\nExecStart=/root/late\\n`;
      const before = 'systemctl add-requires ssh.service late.service';
      const order = 'mkdir -p /etc/systemd/system/ssh.service.d';
      const dropIn = `printf "[Unit]\\nAfter=late.service\\n" > /etc/systemd/system/ssh.service.d/late.conf`;
      await on(
        'rs2',
        `printf '#!/bin/sh\\n%s\\n' '${computing(70)}' > late; chmod +x late; printf '${unit}' > /etc/systemd/system/late.service; ${order}; ${dropIn}; ${before}; sync`,
      );
      await powerCut(lab, { host: 'rs2' });
      const began = performance.now();
      await startHost(lab, { host: 'rs2' });
      expect(performance.now() - began).toBeGreaterThan(MINUTE);
      expect(await stateOf('rs2')).toBe('up');
    },
    15 * MINUTE,
  );

  test(
    'a second lab up takes over a host that still boots, and starts none anew',
    async () => {
      await powerCut(lab, { host: 'rs2' });
      const stop = new AbortController();
      const first = startHost(lab, { host: 'rs2', signal: stop.signal });
      await expect(
        Promise.all([
          first,
          (async () => {
            while ((await stateOf('rs2')) !== 'starting') await measureSlowness();
            stop.abort();
          })(),
        ]),
      ).rejects.toMatchObject({ code: 'E_CANCELLED' });
      const started: string[] = [];
      await bringUp({
        ...{ ...lab, flavour: 'debian', accelerator: 'auto' },
        report: (event) => {
          if (event.type === 'started' && event.step === 'start') started.push(event.host ?? '');
        },
      });
      expect(started).toEqual([]);
    },
    15 * MINUTE,
  );

  test(
    'the wait for a host that still boots ends at once when the host has ended',
    async () => {
      await powerCut(lab, { host: 'rs2' });
      const starting = startHost(lab, { host: 'rs2' });
      const ended = starting.then(
        () => undefined,
        (error: unknown) => error,
      );
      while ((await stateOf('rs2')) !== 'starting') await measureSlowness();
      await powerCut(lab, { host: 'rs2' });
      const cut = performance.now();
      expect(await ended).toMatchObject({
        code: 'E_EMBEDDED_LAB',
        message: expect.stringContaining('stopped before it was ready'),
      });
      expect(performance.now() - cut).toBeLessThan(5000 * (await measureSlowness()));
      expect(existsSync(consoleLog(lab, 'rs2'))).toBe(true);
    },
    15 * MINUTE,
  );

  test(
    'a host that does nothing at all is unreachable, one that has no processes off',
    async () => {
      await freezeHost(lab, 'rs1');
      const status = await lvslab('lab', 'status', '-n', name);
      await thawHost(lab, 'rs1');
      expect(status.exitCode).toBe(1);
      expect(status.stdout).toMatch(/rs1 .*unreachable: no answer\s+within \d+ s/);
      expect(status.stdout).toMatch(/rs2 .*off/);
      expect(status.stdout).toContain(` lab up -n ${name}\``);
    },
    5 * MINUTE,
  );
});
