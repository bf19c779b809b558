import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EvilHost, makeHostKeys, startEvilHost } from './evil-server.ts';
import { type Behaviour, type Command } from './evil-behaviour.ts';
import { openTerminal } from '../terminal.ts';

/** What came of one command that met an evil host. */
export interface Encounter {
  /** null: it did not end by itself, and was killed. */
  readonly exitCode: number | null;
  readonly output: string;
  readonly milliseconds: number;
  /** The most memory that it had, in MB; 0 where that was not seen. */
  readonly peakMb: number;
  /** Processes that it left on this machine. */
  readonly left: readonly string[];
  /** What the evil host was told. */
  readonly heard: string;
}

/** Passwords that no evil host and no screen may see where the host's key is not the known one. */
export const SECRETS = { login: 'pass-of-login', become: 'pass-of-sudo' } as const;

const PROGRAM = fileURLToPath(new URL('../../../bin/lvslab.js', import.meta.url));
const PLAYBOOK = fileURLToPath(new URL('evil-playbook.ts', import.meta.url));

/** What is typed after the inventory. */
const ARGUMENTS: Readonly<Record<Exclude<Command, 'init'>, readonly string[]>> = {
  plan: ['-p', PLAYBOOK],
  apply: ['-p', PLAYBOOK, '--yes'],
  verify: ['--requests', '20'],
  drill: [],
  teardown: ['--yes'],
  reprovision: ['-p', PLAYBOOK, '--yes'],
  unlock: ['--yes'],
  export: ['-p', PLAYBOOK],
  doctor: [],
};

const keys = makeHostKeys();

/** Hosts that were provisioned by an honest run, for teardowns to begin with. */
export class EvilRange {
  readonly #folder: string;
  #provisioned: string | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<EvilRange> {
    const range = new EvilRange(await mkdtemp(path.join(tmpdir(), 'lvslab-evil-')));
    await range.#provision();
    return range;
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #provision(): Promise<void> {
    const honest: Behaviour = { name: '', manners: {}, answer: '', against: [] };
    await this.#between(honest, false, async (hosts) => {
      const { exitCode, output } = await this.#run('apply', hosts);
      if (exitCode !== 0) throw new Error(`an honest host could not be provisioned:\n${output}`);
      this.#provisioned = path.join(this.#folder, 'provisioned');
      for (const part of PROVISIONED) {
        await cp(hosts.evil.disguise.at(part), path.join(this.#provisioned, part), {
          recursive: true,
          preserveTimestamps: true,
        });
      }
    });
  }

  /** Lets a command meet a host that behaves so beside one that is honest. */
  async meet(command: Command, behaviour: Behaviour): Promise<Encounter> {
    const isProvisioned = command === 'teardown' || command === 'reprovision';
    return await this.#between(behaviour, isProvisioned, (hosts) => this.#run(command, hosts));
  }

  /** Presses Ctrl-C once the evil host has begun to misbehave. */
  async interrupt(command: Command, behaviour: Behaviour): Promise<Encounter> {
    const isProvisioned = command === 'teardown';
    return await this.#between(behaviour, isProvisioned, (hosts) =>
      this.#run(command, hosts, 'interrupted'),
    );
  }

  async #between<T>(
    behaviour: Behaviour,
    isProvisioned: boolean,
    work: (hosts: Hosts) => Promise<T>,
  ): Promise<T> {
    const evil = await startEvilHost(behaviour.manners, keys);
    const honest = await startEvilHost({}, keys);
    const client = await startEvilHost({}, keys);
    const folder = await mkdtemp(path.join(this.#folder, 'run-'));
    try {
      if (isProvisioned && this.#provisioned !== undefined) {
        for (const host of [evil, honest]) {
          await cp(this.#provisioned, host.disguise.folder, { recursive: true, force: true });
        }
      }
      await writeInventory(folder, { evil, honest, client }, behaviour);
      return await work({ evil, honest, client, folder });
    } finally {
      await Promise.all([evil, honest, client].map((host) => host.stop()));
    }
  }

  async #run(command: Command, hosts: Hosts, end?: 'interrupted'): Promise<Encounter> {
    if (command === 'init') return await meetWizard(hosts);
    const { evil, folder } = hosts;
    const began = performance.now();
    const mark = path.basename(folder);
    const inventory = path.join(folder, 'lab.yml');
    const child = spawn(
      process.execPath,
      [PROGRAM, command, '-i', inventory, ...ARGUMENTS[command]],
      { stdio: ['ignore', 'pipe', 'pipe'], env: this.#env(folder, mark) },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    let peakMb = 0;
    const watch = setInterval(() => {
      void peakOf(child.pid ?? 0).then((seen) => (peakMb = Math.max(peakMb, seen)));
    }, 100);
    const timer = setTimeout(() => child.kill('SIGKILL'), KILLED_AFTER_MS);
    const closed = once(child, 'close') as Promise<[number | null]>;
    let interrupted = began;
    if (end === 'interrupted') {
      // A command that ends before it meets the evil has nothing to be interrupted in.
      await Promise.race([evil.misbehaves, closed]);
      await new Promise((resolve) => setTimeout(resolve, 500));
      interrupted = performance.now();
      child.kill('SIGINT');
    }
    const [exitCode] = await closed;
    clearInterval(watch);
    clearTimeout(timer);
    const milliseconds = performance.now() - interrupted;
    const left = await processesOf(mark);
    return { exitCode, output, milliseconds, peakMb, left, heard: evil.heard() };
  }

  /** Nothing of the person who runs the tests; compiled playbooks are shared between the runs. */
  #env(home: string, mark: string): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOME: home,
      XDG_CACHE_HOME: path.join(this.#folder, 'cache'),
      LVSLAB_EVIL_RUN: mark,
    };
  }
}

/** Longer than any limit of the product, on a machine that is busy with other tests. */
const KILLED_AFTER_MS = 300_000;

const PROVISIONED = ['/usr/local', '/var/lib'];

interface Hosts {
  readonly evil: EvilHost;
  readonly honest: EvilHost;
  /** For the test traffic; honest, too. */
  readonly client: EvilHost;
  /** For the files of the run. */
  readonly folder: string;
}

async function writeInventory(
  folder: string,
  { evil, honest, client }: Omit<Hosts, 'folder'>,
  { key }: Behaviour,
): Promise<void> {
  const knownHosts = path.join(folder, 'known_hosts');
  const known = (port: number, hostKey: string): string => `[127.0.0.1]:${port} ${hostKey}\n`;
  const evilKey = key === undefined ? evil.hostKey : keys[1].public;
  const others = [honest, client].map((host) => known(host.port, host.hostKey));
  await writeFile(knownHosts, known(evil.port, evilKey) + others.join(''));
  const checking = key === 'changed, and not to be checked' ? ' -o StrictHostKeyChecking=no' : '';
  await writeFile(
    path.join(folder, 'lab.yml'),
    `all:
  vars:
    ansible_user: admin
    ansible_become: true
    ansible_password: ${SECRETS.login}
    ansible_become_password: ${SECRETS.become}
    ansible_host: 127.0.0.1
    ansible_ssh_common_args: -F /dev/null -o UserKnownHostsFile=${knownHosts} -o GlobalKnownHostsFile=none -o IdentityAgent=none -o IdentityFile=none${checking}
    lvs_vip: 192.168.4.133
    lvs_dip: 192.168.2.130
    lvs_scheduler: wrr
director:
  hosts:
    evil1:
      ansible_port: ${evil.port}
      lvs_vip_interface: ens37
      lvs_dip_interface: ens33
real_servers:
  hosts:
    rs1:
      ansible_port: ${honest.port}
      lvs_rip: 192.168.2.128
      lvs_interface: ens33
clients:
  hosts:
    client1:
      ansible_port: ${client.port}
      lvs_cip: 192.168.4.132
`,
  );
}

async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}

/** Command lines of the processes whose environment holds the mark. */
async function processesOf(mark: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (!environment.includes(`LVSLAB_EVIL_RUN=${mark}\0`)) continue;
    found.push((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) || pid);
  }
  return found;
}

/** Answers the wizard until it has looked at the evil host, and leaves it where it says what it found. */
async function meetWizard({ evil, folder }: Hosts): Promise<Encounter> {
  const began = performance.now();
  const own = (name: string): string => path.join(folder, name);
  const options = `-F /dev/null -o UserKnownHostsFile=${own('known_hosts')} -o GlobalKnownHostsFile=none`;
  await writeFile(own('ssh'), `#!/bin/sh\nexec /usr/bin/ssh ${options} "$@"\n`, { mode: 0o755 });
  await writeFile(own('key'), keys[0].private, { mode: 0o600 });
  const given = [
    ...['login.user=root', 'login.method=key_file', `login.key_file=${own('key')}`],
    ...['director.name=evil1', `director.address=127.0.0.1:${evil.port}`],
  ].map((text) => `--answer ${text}`);
  const wizard = `node ${PROGRAM} init ${given.join(' ')} ${own('new.yml')}`;
  // What a terminal has been sent, with all that it would not show.
  const terminal = await openTerminal(`script -qec '${wizard}' ${own('sent')}; echo "exit $?"`, {
    PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    SSH_AUTH_SOCK: '',
  });
  try {
    await terminal.see('Probing evil1', KILLED_AFTER_MS);
    await terminal.see('? ', KILLED_AFTER_MS);
    const milliseconds = performance.now() - began;
    await terminal.press('C-c');
    await terminal.see('exit 130', KILLED_AFTER_MS);
    const output = await readFile(own('sent'), 'utf8');
    return { exitCode: 130, output, milliseconds, peakMb: 0, left: [], heard: evil.heard() };
  } finally {
    await terminal.close();
  }
}
