import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type LabHostName } from '../../src/embedded/lab/lab-hosts.ts';
import { type Tell } from '../measure/interleaved.ts';
import { type BenchLab } from './bench-lab.ts';

const run = promisify(execFile);

/** Why Ansible, and why Mitogen, can't be measured; not set, they can. */
export interface MissingTools {
  readonly ansible: string | undefined;
  readonly mitogen: string | undefined;
}

/**
 * Gives the hosts the Python that Ansible wants there, from the Debian archive that this machine's apt knows, and lets their
 * SSH servers tell of each session.
 */
export async function prepareHosts(lab: BenchLab, tell: Tell): Promise<MissingTools> {
  for (const host of ['rs1', 'rs2', 'director'] as const) await tellOfSessions(lab, host);
  if (!isInstalled('ansible-playbook')) return without('ansible-core');
  try {
    for (const host of ['rs1', 'rs2', 'director'] as const) {
      tell(`${host}: installing Python for Ansible`);
      await installPython(lab, host);
    }
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    tell(`Python could not be installed: ${first}`);
    const why = 'the hosts have no Python, and it could not be installed there';
    return { ansible: why, mitogen: why };
  }
  const mitogen = '/usr/lib/python3/dist-packages/ansible_mitogen';
  return {
    ansible: undefined,
    mitogen: existsSync(mitogen) ? undefined : 'the package ansible-mitogen is not installed',
  };
}

function without(name: string): MissingTools {
  const why = `the package ${name} is not installed`;
  return { ansible: why, mitogen: why };
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '')
    .split(':')
    .some((folder) => existsSync(`${folder}/${program}`));
}

/** What Ansible wants on a host: Python, and apt's own library for it. */
const PYTHON = ['python3', 'python3-apt'];

async function tellOfSessions(lab: BenchLab, host: LabHostName): Promise<void> {
  await lab.on(
    host,
    `grep -qs '^LogLevel VERBOSE' /etc/ssh/sshd_config.d/bench.conf || {
  mkdir -p /etc/ssh/sshd_config.d
  echo 'LogLevel VERBOSE' >/etc/ssh/sshd_config.d/bench.conf
  systemctl reload ssh || systemctl restart ssh
}`,
  );
}

/** How many sessions the host's SSH server has told of so far. */
export async function sessionsOf(lab: BenchLab, host: LabHostName): Promise<number> {
  return Number(
    await lab.on(host, "journalctl -q -t sshd -o cat | grep -c '^Starting session' || true"),
  );
}

/** apt on this machine goes by the list of packages that the host has, and downloads what it lacks. */
async function installPython(lab: BenchLab, host: LabHostName): Promise<void> {
  const asked = `dpkg-query -W -f '\${db:Status-Status} ' ${PYTHON.join(' ')} 2>/dev/null || true`;
  if (/^(?:installed ){2}$/.test(await lab.on(host, asked))) return;
  const folder = path.join(lab.folder, `debs-${host}`);
  await mkdir(path.join(folder, 'partial'), { recursive: true });
  const status = path.join(folder, 'status');
  await writeFile(status, await lab.on(host, 'cat /var/lib/dpkg/status'));
  const options = [
    `Dir::State::status=${status}`,
    `Dir::Cache::archives=${folder}`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=root',
    'APT::Install-Recommends=false',
  ].flatMap((option) => ['-o', option]);
  await run('apt-get', ['-qq', '-y', '--download-only', ...options, 'install', ...PYTHON]);
  const send = `cd ${folder} && tar -cf - *.deb | "$@"`;
  const install = [
    'set -e; mkdir -p /var/tmp/bench; cd /var/tmp/bench; tar -xf -',
    'DEBIAN_FRONTEND=noninteractive apt-get -y -qq install --no-install-recommends ./*.deb >/dev/null',
    'cd /; rm -r /var/tmp/bench',
  ].join('; ');
  await run('sh', ['-c', send, 'sh', ...lab.ssh(host), install], { maxBuffer: 2 ** 26 });
}

/** nginx.conf and nginx.service as lvslab has made them, for whoever shall make the same. */
export async function keepFiles(lab: BenchLab): Promise<void> {
  const folder = path.join(lab.folder, 'files');
  await mkdir(folder, { recursive: true });
  const files = {
    'nginx.conf': '/usr/local/nginx/conf/nginx.conf',
    'nginx.service': '/etc/systemd/system/nginx.service',
  };
  for (const [name, file] of Object.entries(files)) {
    await writeFile(path.join(folder, name), await lab.on('rs1', `cat ${file}`));
  }
}
