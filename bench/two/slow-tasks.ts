import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Contestant, interleaved } from '../measure/interleaved.ts';
import { type Measurement, type Run } from '../measure/result.ts';
import { ansibles, type Course, realServers } from './contestants.ts';
import { type TaskOptions } from './quick-tasks.ts';

/** What one would type on a real server that has the compiler; the tarball is there before the clock starts. */
const BUILD = `set -e
rm -rf /usr/local/src/typed; mkdir -p /usr/local/src/typed; cd /usr/local/src/typed
tar -xzf /var/tmp/typed.tar.gz --strip-components=1
{ ./configure --prefix=/usr/local/src/typed/made && make -j "$(nproc)" && make install; } >/dev/null
cd /; rm -rf /usr/local/src/typed
`;

/** The packages that a host has, for UNDO. */
const NOTE = `dpkg-query -W -f '\${Package}\\n' | sort >/var/tmp/bench-packages`;

/** Takes back what the playbook for Ansible has done, which has no undo of its own: also the packages that are new. */
const UNDO = `systemctl disable --now nginx
rm -rf /usr/local/nginx /usr/local/src/nginx-* /etc/systemd/system/nginx.service
systemctl daemon-reload
userdel nginx
new=$(dpkg-query -W -f '\${Package}\\n' | sort | comm -13 /var/tmp/bench-packages -)
[ -z "$new" ] || DEBIAN_FRONTEND=noninteractive dpkg --purge $new
true
`;

/** From nothing to two real servers, and back; begins and ends with a lab that is provisioned. */
export async function measureFirst(
  course: Course,
  { repeats, missing }: TaskOptions,
): Promise<readonly Measurement[]> {
  const inventory = await course.lab.inventory(0);
  const first = { task: 'first apply', hosts: realServers.length, delayMs: 0 };
  await sendTarball(course);
  const teardown = (): Promise<Run> =>
    course.run({
      argv: [...course.program, 'teardown', '--yes', '-i', inventory, '--limit', 'real_servers'],
    });
  const contestants: readonly Contestant[] = [
    {
      ...{ ...first, by: 'OpenSSH, configure && make -j && make install', hosts: 1 },
      once: () => course.openssh(['rs1'], { script: BUILD }),
    },
    { ...first, task: 'teardown', by: 'lvslab', once: teardown },
    {
      ...{ ...first, by: 'lvslab' },
      once: async () => {
        // What the controller keeps of an earlier build would be unpacked instead.
        await rm(path.join(course.lab.folder, 'cache/lvslab/builds'), {
          recursive: true,
          force: true,
        });
        return await course.lvslab(['apply', '--yes', '--json'], inventory);
      },
    },
    ...ansibles(missing, (mitogen) => ({
      ...first,
      once: async () => {
        await teardown();
        await Promise.all(realServers.map((host) => course.lab.on(host, NOTE)));
        const run = await course.ansible('real-servers.yml', inventory, { mitogen });
        await Promise.all(realServers.map((host) => course.lab.on(host, UNDO)));
        return run;
      },
    })),
    {
      ...{ ...first, task: 'apply with a kept build', by: 'lvslab' },
      once: async () => course.lvslab(['apply', '--yes'], inventory),
    },
    {
      ...{ ...first, task: 'reprovision', by: 'lvslab', hosts: 3 },
      once: async () => {
        await course.wholeLab(['apply', '--yes'], inventory);
        return await course.wholeLab(['reprovision', '--yes', '--json'], inventory);
      },
    },
  ];
  return await interleaved(contestants, { repeats, warmUp: false, tell: course.tell });
}

async function sendTarball(course: Course): Promise<void> {
  const tarball = await course.tarball();
  const send = `exec "$@" 'cat >/var/tmp/typed.tar.gz' <${tarball}`;
  await course.run({ argv: ['sh', '-c', send, 'sh', ...course.lab.ssh('rs1')] });
}
