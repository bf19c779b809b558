import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';

import {
  holderOfPort,
  parseListeners,
  requireFreePort,
} from '../../../src/platforms/facts/listeners.ts';
import { areServicesFunction } from '../../../src/platforms/facts/listeners-script.ts';
import { sh } from '../../../src/engine/model/shell/script.ts';

const held = (text: string): string | undefined =>
  holderOfPort({ listeners: parseListeners(text.split('\n')) }, { port: 80, unit: 'nginx.service' })
    ?.text;

describe('who holds a port', () => {
  test.each<[string, string | undefined]>([
    ['State Recv-Q Send-Q Local Address:Port Peer Address:Port Process', undefined],
    [
      'LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=12,fd=6),("nginx",pid=11,fd=6)) ino:1 sk:1\npid 11 /system.slice/nginx.service\npid 12 /system.slice/nginx.service',
      undefined,
    ],
    [
      'LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=12,fd=6),("nginx",pid=9,fd=6))\npid 9 /user.slice/user-0.slice/session-3.scope',
      'nginx, process 9, started by hand',
    ],
    [
      'LISTEN 0 128 *:80 *:* users:(("nginx",pid=9,fd=6))\npid 9 /system.slice/sshd.service',
      'nginx, process 9, started by hand',
    ],
    [
      'LISTEN 0 128 *:80 *:* users:(("nginx",pid=9,fd=6))\npid 9 /system.slice/rc-local.service',
      'nginx, process 9, started by hand',
    ],
    [
      'LISTEN 0 128 *:80 *:* users:(("nginx",pid=9,fd=6))\npid 9 /system.slice/system-getty.slice/getty@tty1.service',
      'nginx, process 9, started by hand',
    ],
    [
      'LISTEN 0 128 *:80 *:* users:(("nginx",pid=9,fd=6))\npid 9 /system.slice/cron.service',
      'nginx, process 9, started by hand',
    ],
    [
      'LISTEN 0 128 :::80 :::* users:(("httpd",pid=7,fd=4)) ino:5\npid 7 /system.slice/httpd.service',
      'httpd, process 7 of httpd.service',
    ],
    [
      'LISTEN 0 5 127.0.0.1:80 0.0.0.0:* users:(("python3",pid=5,fd=3))',
      'python3, process 5, started by hand',
    ],
    [
      'LISTEN 0 5 192.168.2.128%ens33:80 0.0.0.0:* users:(("a b",pid=5,fd=3))',
      'a b, process 5, started by hand',
    ],
    [
      'LISTEN 0 4096 0.0.0.0:80 0.0.0.0:* users:(("docker-proxy",pid=77,fd=4))\npid 77 /system.slice/docker.service',
      'docker-proxy, process 77 of docker.service',
    ],
    [
      'LISTEN 0 5 *:80 *:* users:(("systemd",pid=1,fd=30))\npid 1 /init.scope',
      'systemd, for a socket unit',
    ],
    [
      'LISTEN 0 511 *:80 *:* users:(("nginx",pid=9,fd=6))\npid 9 /docker/4f2a9c1b77de/nginx',
      'nginx, process 9 of a container',
    ],
    [
      'LISTEN 0 511 *:80 *:* users:(("nginx",pid=9,fd=6))\npid 9 /machine.slice/libpod-4f2a9c1b77de.scope',
      'nginx, process 9 of a container',
    ],
    [
      'LISTEN 0 511 *:80 *:* users:(("nginx",pid=9,fd=6))\npid 9 /system.slice/docker.service',
      'nginx, process 9 of docker.service',
    ],
    ['LISTEN 0 64 0.0.0.0:80 0.0.0.0:* ino:5 sk:1', 'something that is no process there'],
    ['LISTEN 0 511 0.0.0.0:80 0.0.0.0:* ino:5 cgroup:/system.slice/nginx.service <->', undefined],
    [
      'LISTEN 0 511 *:80 *:* ino:5 cgroup:/system.slice/system-web.slice/web@80.service v6only:0 <->',
      'a process of web@80.service',
    ],
    [
      'LISTEN 0 511 *:80 *:* users:(("nginx",pid=9,fd=6)) cgroup:/system.slice/nginx.service\npid 9 /user.slice/user-0.slice/session-3.scope',
      'nginx, process 9, started by hand',
    ],
    [
      'LISTEN 0 511 *:80 *:* ino:5 cgroup:/machine.slice/web.service/libpod-payload <->',
      'something that is no process there',
    ],
    ['LISTEN 0 5 [::]:80 [::]:* users:(("x",pid=5,fd=3)) ino:1 v6only:1 <->', undefined],
    ['LISTEN 0 5 [::1]:80 [::]:* users:(("x",pid=5,fd=3))', undefined],
    ['LISTEN 0 5 0.0.0.0:8080 0.0.0.0:* users:(("x",pid=5,fd=3))', undefined],
  ])('%s', (text, holder) => {
    expect(held(text)).toBe(holder);
  });

  test('a host where nothing is known of its ports is not refused', () => {
    expect(holderOfPort({}, { port: 80, unit: 'nginx.service' })).toBeUndefined();
  });

  test('a host is refused with who it is and what to type', () => {
    const listeners = [{ port: 8080, program: 'apache2', pid: 3, unit: 'apache2.service' }];
    expect(() => {
      requireFreePort({ listeners }, { port: 8080, unit: 'nginx.service' });
    }).toThrow('port 8080 is held by apache2, process 3 of apache2.service');
    expect(holderOfPort({ listeners }, { port: 8080, unit: 'nginx.service' })?.hint).toContain(
      '`systemctl disable --now apache2.service`',
    );
  });

  test('only an nginx that was started by hand is taken over', () => {
    const require = (program: string, takesOver: boolean) => (): void => {
      const facts = { listeners: [{ port: 80, program, pid: 9 }] };
      requireFreePort(facts, { port: 80, unit: 'nginx.service', takesOver });
    };
    expect(require('nginx', false)).toThrow('port 80 is held by nginx, process 9, started by hand');
    expect(require('nginx', true)).not.toThrow();
    expect(require('apache2', true)).toThrow('held by apache2, process 9, started by hand');
  });

  test('an nginx of a service, of a container or of no process is not taken over', () => {
    for (const other of [{ unit: 'web.service' }, { inContainer: true } as const]) {
      const facts = { listeners: [{ port: 80, program: 'nginx', pid: 9, ...other }] };
      expect(() => {
        requireFreePort(facts, { port: 80, unit: 'nginx.service', takesOver: true });
      }).toThrow('port 80 is held by');
    }
  });

  test('the hint names the variable, and a unit with an odd name is quoted', () => {
    const hint = (listener: object): string | undefined =>
      holderOfPort(
        { listeners: [{ port: 80, program: 'nginx', pid: 9, ...listener }] },
        { port: 80, unit: 'nginx.service' },
      )?.hint;
    expect(hint({})).toContain('nginx_takeover: yes');
    expect(hint({ unit: '$(reboot).service' })).toContain("disable --now '$(reboot).service'`");
  });
});

/** Lines as ss prints them, in place of those of this machine. */
const SSHD = 'LISTEN 0 128 0.0.0.0:22 0.0.0.0:* ino:1 cgroup:/system.slice/ssh.service <->';
const NGINX = 'LISTEN 0 511 0.0.0.0:80 0.0.0.0:* ino:2 cgroup:/system.slice/nginx.service <->';
const BY_HAND =
  'LISTEN 0 511 *:8080 *:* ino:3 cgroup:/user.slice/user-0.slice/session-3.scope v6only:0 <->';
const OF_LOGIN = 'LISTEN 0 511 *:8080 *:* ino:3 cgroup:/system.slice/sshd.service v6only:0 <->';
const FROM_CRON = 'LISTEN 0 511 *:8080 *:* ino:3 cgroup:/system.slice/cron.service <->';
const OF_USER =
  'LISTEN 0 511 *:8080 *:* ino:3 cgroup:/user.slice/user-0.slice/user@0.service/app.slice/web.service';
const IN_CONTAINER =
  'LISTEN 0 511 *:8080 *:* ino:3 cgroup:/system.slice/web.service/libpod-payload-4f2a <->';
const OF_OLD_SS = 'LISTEN 0 511 0.0.0.0:8080 0.0.0.0:* ino:3 sk:1 <->';

describe.each(['dash', 'bash', 'busybox sh'])(
  'whether all that listens are services, in %s',
  (shell) => {
    test.each<[string, readonly string[], number | undefined, boolean]>([
      ['nothing listens', [], undefined, true],
      ['the SSH server and nginx', [SSHD, NGINX], undefined, true],
      ['another port is of no matter', [SSHD, BY_HAND], 80, true],
      ['a longer number is another port', [BY_HAND.replace('8080', '1180')], 80, true],
      ['the port of a service', [SSHD, NGINX, BY_HAND], 80, true],
      ['one that was started by hand', [SSHD, NGINX, BY_HAND], undefined, false],
      ['its port', [NGINX, BY_HAND], 8080, false],
      ['two at one port', [NGINX, BY_HAND.replace('8080', '80')], 80, false],
      ['one from a login without a session of its own', [SSHD, OF_LOGIN], undefined, false],
      ['one that cron has started', [FROM_CRON], 8080, false],
      ["a service of a person's", [OF_USER], 8080, false],
      ['one in a container of a service', [IN_CONTAINER], 8080, false],
      ['a version of ss that tells no control groups', [OF_OLD_SS], 8080, false],
    ])('%s', (_name, lines, port, expected) => {
      const script = sh`
      ${areServicesFunction}
      if lvslab_are_services ${port ?? 'any'}; then echo yes; else echo no; fi
    `;
      const [program = '', ...words] = shell.split(' ');
      const { stdout } = spawnSync(program, words, {
        input: `ss() { printf '%s\\n' 'State Recv-Q' ${lines.map((line) => `'${line}'`).join(' ')}; }\n${script.text}`,
        encoding: 'utf8',
        env: { ...process.env, SSH_CONNECTION: '192.168.2.1 40000 192.168.2.128 22' },
      });
      expect(stdout).toBe(expected ? 'yes\n' : 'no\n');
    });
  },
);
