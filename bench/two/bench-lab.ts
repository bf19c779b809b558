import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { labCgroup, labNamed } from '../../src/embedded/embedded-lab.ts';
import { type LabHostName } from '../../src/embedded/lab/lab-hosts.ts';
import { processorTime } from '../../src/embedded/machine/cgroups.ts';
import { sweep } from '../measure/leftovers.ts';
import { farFrom, type FarNamespace } from './delayed-wire.ts';

const run = promisify(execFile);

/** The built program, as words of a command. */
export const PROGRAM: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../../bin/lvslab.js', import.meta.url)),
];

/** An embedded lab of the bench, reached directly or over wires that take their time. */
export class BenchLab {
  readonly name: string;
  /** The bench's own files, gone at the end. */
  readonly folder: string;
  readonly #far = new Map<number, FarNamespace>();

  private constructor(name: string, folder: string) {
    this.name = name;
    this.folder = folder;
  }

  /** Brings a lab of this name up, or takes the one that is up. */
  static async up(name: string): Promise<BenchLab> {
    await sweep();
    const folder = await mkdtemp(path.join(tmpdir(), 'lvslab-bench-'));
    const [program = '', ...words] = PROGRAM;
    const lab = new BenchLab(name, folder);
    try {
      await run(program, [...words, 'lab', 'up', '-n', name], { maxBuffer: 2 ** 26 });
      return lab;
    } catch (error) {
      await lab.down();
      throw error;
    }
  }

  async down({ keep = false }: { readonly keep?: boolean } = {}): Promise<void> {
    for (const far of this.#far.values()) await far.remove();
    await rm(this.folder, { recursive: true, force: true });
    const [program = '', ...words] = PROGRAM;
    if (!keep) await run(program, [...words, 'lab', 'down', '-n', this.name]);
  }

  /** The inventory that reaches the hosts over a wire that takes `delayMs` longer for a round trip. */
  async inventory(delayMs: number): Promise<string> {
    const { state } = labNamed(this.name).paths;
    const own = path.join(state, 'inventory.yml');
    if (delayMs === 0) return own;
    const known = this.#far.get(delayMs);
    const far = known ?? (await farFrom(this.name, delayMs));
    this.#far.set(delayMs, far);
    const file = path.join(this.folder, `inventory-${delayMs}.yml`);
    const near = `ip netns exec ${this.name} nc`;
    const text = await readFile(own, 'utf8');
    await writeFile(file, text.replaceAll(near, `ip netns exec ${far.name} nc`));
    return file;
  }

  /** The words of an ssh to a host, over a wire that takes so much longer. */
  ssh(host: LabHostName, delayMs = 0): readonly string[] {
    const { state } = labNamed(this.name).paths;
    const namespace = this.#far.get(delayMs)?.name ?? this.name;
    const options = [
      `ProxyCommand=ip netns exec ${namespace} nc %h %p`,
      `UserKnownHostsFile=${state}/ssh/known_hosts`,
      ...['StrictHostKeyChecking=yes', 'IdentitiesOnly=yes', 'BatchMode=yes'],
    ].flatMap((option) => ['-o', option]);
    return [
      'ssh',
      '-F',
      'none',
      '-i',
      `${state}/ssh/id_ed25519`,
      ...options,
      `root@${ADDRESSES[host]}`,
    ];
  }

  /** Runs a script on a host; resolves to what it printed. */
  async on(host: LabHostName, script: string): Promise<string> {
    const [program = '', ...words] = this.ssh(host);
    const { stdout } = await run(program, [...words, script], { maxBuffer: 2 ** 26 });
    return stdout;
  }

  /** Processor milliseconds that a host has used so far, by its control group. */
  async usedMs(host: LabHostName): Promise<number> {
    return (await processorTime(labCgroup(labNamed(this.name), host))).usedMs;
  }
}

const ADDRESSES: Readonly<Record<string, string>> = {
  client: '192.168.4.132',
  director: '192.168.2.130',
  rs1: '192.168.2.128',
  rs2: '192.168.2.129',
};
