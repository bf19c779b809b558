import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LabHostName } from '../../src/embedded/lab/lab-hosts.ts';
import { type Contestant, keptRun, type Tell } from '../measure/interleaved.ts';
import { type Run } from '../measure/result.ts';
import { countWarnings, type MeasuredRun, runMeasured } from '../measure/run-measured.ts';
import { spansOf } from '../measure/spans.ts';
import { type BenchLab, PROGRAM } from './bench-lab.ts';
import { processorProfile } from '../measure/processor-profile.ts';

/** What playbooks/real-servers.ts does, and nothing of the director. */
const REAL_SERVERS = fileURLToPath(new URL('../../playbooks/real-servers.ts', import.meta.url));
const DIRECTOR = fileURLToPath(new URL('../../playbooks/director.ts', import.meta.url));
const ANSIBLE = fileURLToPath(new URL('../ansible/', import.meta.url));
const QUESTION = readFileSync(new URL('question.sh', import.meta.url), 'utf8');

export const realServers: readonly LabHostName[] = ['rs1', 'rs2'];

/** What a run is judged and counted by. */
interface Judged {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The exit statuses of success; 0 unless told. */
  readonly good?: readonly number[];
}

/** Makes runs on a lab, and counts what its hosts have used meanwhile. */
export class Course {
  readonly lab: BenchLab;
  readonly tell: Tell;
  #changes = 0;

  constructor(lab: BenchLab, tell: Tell) {
    this.lab = lab;
    this.tell = tell;
  }

  /** Runs a command; what it says is told where it fails, and what it was busy with is kept where it tells (--json). */
  async run({ argv, env = {}, good = [0] }: Judged): Promise<Run> {
    const hosts: readonly LabHostName[] = [...realServers, 'director'];
    const used = async (): Promise<readonly number[]> =>
      Promise.all(hosts.map((host) => this.lab.usedMs(host)));
    const before = await used();
    const ended = await runMeasured({ argv, env: { XDG_CACHE_HOME: await this.#cache(), ...env } });
    const [one = 0, two = 0, director = 0] = (await used()).map((ms, i) => ms - (before[i] ?? 0));
    const failures = ended.status !== null && good.includes(ended.status) ? 0 : 1;
    if (failures > 0) this.tell(lastWords(ended));
    const { wallMs, cpuMs, peakKiB } = ended;
    return keptRun({
      ...{ wallMs, cpuMs, peakKiB, failures, warnings: countWarnings(ended) },
      hostCpuMs: { 'real server': (one + two) / 2, director },
      ...(argv.includes('--json') && { spans: spansOf(ended.stdout) }),
    });
  }

  /** What lvslab keeps for the next time, and for nobody else. */
  async #cache(): Promise<string> {
    const cache = path.join(this.lab.folder, 'cache');
    await mkdir(cache, { recursive: true, mode: 0o700 });
    return cache;
  }

  /** lvslab with the plays of the real servers alone. */
  async lvslab(command: readonly string[], inventory: string): Promise<Run> {
    return await this.run({ argv: realServersOnly(command, inventory) });
  }

  /** Where the time of the controller goes then, as `processorProfile` tells. */
  async lvslabProfile(
    command: readonly string[],
    inventory: string,
  ): Promise<Readonly<Record<string, number>>> {
    const { folder } = this.lab;
    const env = { XDG_CACHE_HOME: await this.#cache() };
    return await processorProfile(realServersOnly(command, inventory), { folder, env });
  }

  /** lvslab with all plays. */
  async wholeLab(command: readonly string[], inventory: string): Promise<Run> {
    return await this.run({ argv: [...PROGRAM, ...command, '-i', inventory] });
  }

  /** lvslab with the plays of the director alone. */
  async lvslabDirector(command: readonly string[], inventory: string): Promise<Run> {
    const only = ['--playbook', DIRECTOR, '--limit', 'director'];
    return await this.run({ argv: [...PROGRAM, ...command, '-i', inventory, ...only] });
  }

  async ansible(
    playbook: 'real-servers.yml' | 'weight.yml',
    inventory: string,
    {
      mitogen = false,
      check = false,
    }: { readonly mitogen?: boolean; readonly check?: boolean } = {},
  ): Promise<Run> {
    const files = path.join(this.lab.folder, 'files');
    // None but this one: what the person has set for themselves is no matter of the bench.
    const config = path.join(this.lab.folder, 'ansible.cfg');
    await writeFile(config, '');
    const words = ['-i', inventory, '-e', `files=${files}`, '-e', PYTHON, `${ANSIBLE}${playbook}`];
    return await this.run({
      argv: ['ansible-playbook', ...(check ? ['--check'] : []), ...words],
      env: {
        ANSIBLE_CONFIG: config,
        ANSIBLE_PIPELINING: '1',
        ANSIBLE_FORKS: '20',
        ANSIBLE_HOME: path.join(this.lab.folder, 'ansible'),
        ANSIBLE_LOCAL_TEMP: path.join(this.lab.folder, 'ansible/tmp'),
        ...(mitogen && { ANSIBLE_STRATEGY: 'mitogen_linear' }),
      },
    });
  }

  /** OpenSSH on several hosts at once, each with a script on its standard input. */
  async openssh(
    hosts: readonly LabHostName[],
    { script, delayMs = 0 }: { readonly script?: string; readonly delayMs?: number },
  ): Promise<Run> {
    const file = path.join(this.lab.folder, 'script');
    await writeFile(file, script ?? '');
    const remote = script === undefined ? ['true'] : ['sh', '-s'];
    const each = hosts.map((host) =>
      [...this.lab.ssh(host, delayMs), ...remote].map(quoted).join(' '),
    );
    const line = each.map((one) => `${one} <${file} >/dev/null & pids="$pids $!"`).join('\n');
    const wait = 'for pid in $pids; do wait "$pid" || exit 1; done';
    return await this.run({ argv: ['sh', '-c', `pids=''\n${line}\n${wait}`] });
  }

  /** The inventory with another weight and another page than ever before. */
  async changedInventory(what: 'weight' | 'page'): Promise<string> {
    this.#changes += 1;
    const text = readFileSync(await this.lab.inventory(0), 'utf8');
    const changed =
      what === 'weight'
        ? text.replace(/lvs_weight: 1$/m, `lvs_weight: ${this.#changes + 2}`)
        : text.replaceAll(
            /^( +)lvs_rip: (.*)$/gm,
            `$&\n$1lvs_page: I am $2, for the ${this.#changes}. time`,
          );
    const file = path.join(this.lab.folder, 'changed.yml');
    await writeFile(file, changed);
    return file;
  }

  /** The words that begin a command of lvslab. */
  get program(): readonly string[] {
    return PROGRAM;
  }

  /** The release tarball of nginx that the lab's inventory names. */
  async tarball(): Promise<string> {
    const text = readFileSync(await this.lab.inventory(0), 'utf8');
    return /^ +nginx_tarball: (\/[\w./-]+)$/m.exec(text)?.[1] ?? '';
  }

  /** The text that asks a real server all that a plan asks. */
  get question(): string {
    return QUESTION;
  }
}

function realServersOnly(command: readonly string[], inventory: string): readonly string[] {
  const only = ['--playbook', REAL_SERVERS, '--limit', 'real_servers'];
  return [...PROGRAM, ...command, '-i', inventory, ...only];
}

const PYTHON = 'ansible_python_interpreter=/usr/bin/python3';

/** A word as a shell reads it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function lastWords({ stdout, stderr, status }: MeasuredRun): string {
  return `exit status ${status ?? 'none: it took too long'}\n${`${stdout}\n${stderr}`.trim().slice(-3000)}`;
}

/** Ansible and Ansible with Mitogen, where this machine and the hosts have what they need; else why not. */
export function ansibles(
  missing: { readonly ansible: string | undefined; readonly mitogen: string | undefined },
  one: (mitogen: boolean) => Omit<Contestant, 'by' | 'missing'>,
): readonly Contestant[] {
  return [
    { by: 'Ansible', mitogen: false, why: missing.ansible },
    { by: 'Ansible + Mitogen', mitogen: true, why: missing.ansible ?? missing.mitogen },
  ].map(({ by, mitogen, why }) => {
    const { once, ...rest } = one(mitogen);
    if (why !== undefined) return { ...rest, by, missing: why };
    return { ...rest, by, ...(once !== undefined && { once }) };
  });
}
