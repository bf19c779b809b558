import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inventoryFile } from '../../src/cli/session/inventory-file.ts';
import { expectExit, lvslab, type ProgramRun } from '../support/lvslab.ts';

const MINUTE = 60_000;
const NAME = 'lvtaken';
const PREFIX = '/usr/local/nginx';

/** A real server on which somebody has typed the tutorial before. */
describe('an nginx that was built and started by hand', () => {
  const onHost = (command: string): Promise<ProgramRun> =>
    lvslab('lab', 'ssh', '-n', NAME, 'rs1', command);

  const about = (command: string, ...words: readonly string[]): Promise<ProgramRun> =>
    lvslab(command, '-i', inventoryFile(NAME), '--limit', 'rs1', ...words);
  /** Without what needs the director. */
  const ofRealServers = ['--playbook', 'playbooks/real-servers.ts'];

  async function said(command: string): Promise<string> {
    const run = await onHost(command);
    expectExit(run, 0);
    return run.stdout.trim();
  }

  const page = (): Promise<string> =>
    said(
      `bash -c 'exec 3<>/dev/tcp/127.0.0.1/80; printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3; tail -n 1 <&3'`,
    );

  /** What the processes are called that listen, and where the first of them was started. */
  const running = (): Promise<string> =>
    said(`pid=$(pgrep -o -x nginx) && tr '\\0' ' ' </proc/$pid/cmdline && readlink /proc/$pid/cwd`);

  beforeAll(async () => {
    expectExit(await lvslab('lab', 'up', '-n', NAME), 0);
    // The tree that the tutorial's commands make is had from the build of a lab that is torn down.
    expectExit(await about('apply', ...ofRealServers, '--yes'), 0);
    await said(`cp -a ${PREFIX} /root/by-hand && rm /root/by-hand/.lvslab-build`);
    expectExit(await about('teardown', '--keep-packages', '--yes'), 0);
    await said(`mv /root/by-hand ${PREFIX} && useradd -r -s /usr/sbin/nologin nginx
      echo 'I am by hand' >${PREFIX}/html/index.html
      cd /root && ${PREFIX}/sbin/nginx -c conf/nginx.conf -g 'timer_resolution 100ms;'`);
  }, 20 * MINUTE);

  afterAll(async () => {
    expectExit(await lvslab('lab', 'down', '-n', NAME), 0);
  }, 2 * MINUTE);

  test(
    'doctor and plan say who holds the port, and how it is taken over',
    async () => {
      expect(await page()).toBe('I am by hand');
      const doctor = await about('doctor');
      expect(doctor.exitCode).not.toBe(0);
      expect(doctor.stdout).toMatch(/port 80.*held by nginx, process \d+, started by hand/);
      const plan = await about('plan', ...ofRealServers);
      expect(plan.exitCode).toBe(1);
      expect(plan.stdout + plan.stderr).toMatch(
        /port 80 is held by nginx, process \d+, started by hand/,
      );
      expect(plan.stdout + plan.stderr).toContain('nginx_takeover: yes');
    },
    5 * MINUTE,
  );

  test(
    'a line of rc.local that starts it at boot is a conflict, named with its place',
    async () => {
      await said(
        `printf '#!/bin/sh\\n# nginx\\n${PREFIX}/sbin/nginx\\n' >/etc/rc.local && chmod 755 /etc/rc.local`,
      );
      const plan = await about('plan', ...ofRealServers, '-e', 'nginx_takeover=yes');
      expect(plan.exitCode).toBe(1);
      expect(plan.stdout + plan.stderr).toContain('/etc/rc.local:3');
      await said('rm /etc/rc.local');
    },
    5 * MINUTE,
  );

  test(
    'it is taken over, and started again as it was by a teardown',
    async () => {
      const before = await running();
      expect(before).toContain('-c conf/nginx.conf -g timer_resolution 100ms;');
      const plan = await about('plan', ...ofRealServers, '-e', 'nginx_takeover=yes');
      expect(plan.stdout).toContain('nginx started by hand at port 80');
      expectExit(await about('apply', ...ofRealServers, '-e', 'nginx_takeover=yes', '--yes'), 0);
      expect(await page()).toBe('I am 192.168.2.128');
      expect(await said('systemctl is-active nginx')).toBe('active');
      expectExit(await about('plan', ...ofRealServers), 0);
      expectExit(await about('teardown', '--yes'), 0);
      expect(await page()).toBe('I am by hand');
      expect(await running()).toBe(before);
      expect(await said(`ls -d ${PREFIX}*`)).toBe(PREFIX);
    },
    20 * MINUTE,
  );
});
