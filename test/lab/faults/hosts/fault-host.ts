import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hostFolder, labCgroup, type LabIdentity } from '../../../../src/embedded/embedded-lab.ts';
import { powerCut, startHost } from '../../../../src/embedded/hosts/host-power.ts';
import {
  type LabHostName,
  labHosts,
  type LabHostSpec,
} from '../../../../src/embedded/lab/lab-hosts.ts';
import { sshCommand } from '../../../../src/embedded/lab/lab-ssh.ts';
import { cable } from '../../../../src/embedded/lab/wires.ts';
import { type ProgramRun } from '../../../support/lvslab.ts';
import { runProgram } from '../course/run-program.ts';

/** The state of a host as it was saved: as delivered, or as a fault-free apply left it. */
export type SavedState = 'applied' | 'fresh';

/** A host of the lab, with all that a fault needs: its power, its disk, and a way in that lvslab knows nothing of. */
export class FaultHost {
  readonly name: LabHostName;
  readonly spec: LabHostSpec;
  readonly lab: LabIdentity;

  constructor(lab: LabIdentity, name: LabHostName) {
    const spec = labHosts.find((host) => host.name === name);
    if (spec === undefined) throw new RangeError(`no host ${name}`);
    this.lab = lab;
    this.name = name;
    this.spec = spec;
  }

  /** Whether it has a kernel of its own. */
  get isVirtualMachine(): boolean {
    return existsSync(path.join(this.#folder, 'initrd'));
  }

  /** Runs shell as root over SSH and resolves to what it printed. */
  async run(command: string): Promise<string> {
    const [ssh = '', ...rest] = sshCommand(this.lab, this.spec);
    const options = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=20'];
    return told(this.name, command, await runProgram([ssh, ...options, ...rest, command]));
  }

  /**
   * Runs shell as root, in a container without its network, and with no right that could reach this machine itself; over SSH
   * in a virtual machine.
   */
  async inside(command: string): Promise<string> {
    if (this.isVirtualMachine) return await this.run(command);
    const argv = [
      ...['setpriv', '--bounding-set=-sys_time,-sys_module,-sys_boot,-sys_rawio'],
      ...['nsenter', '-t', await this.leader(), '-m', '-u', '-i', '-n', '-p', '--'],
      ...['sh', '-c', command],
    ];
    return told(this.name, command, await runProgram(argv));
  }

  /** The number, on this machine, of the container's first process. */
  async leader(): Promise<string> {
    const tree = existsSync('/sys/fs/cgroup/cgroup.controllers')
      ? '/sys/fs/cgroup'
      : '/sys/fs/cgroup/unified';
    const group = path.join(tree, labCgroup(this.lab, this.name), 'machine/payload/init.scope');
    const [pid = ''] = (await readFile(path.join(group, 'cgroup.procs'), 'utf8')).split('\n');
    return pid;
  }

  /** Stops the host where it is, without a word to anybody, or lets it go on. */
  async freeze(frozen: boolean): Promise<void> {
    const tree = existsSync('/sys/fs/cgroup/cgroup.controllers')
      ? '/sys/fs/cgroup'
      : '/sys/fs/cgroup/unified';
    const file = path.join(tree, labCgroup(this.lab, this.name), 'machine/cgroup.freeze');
    await writeFile(file, frozen ? '1' : '0');
  }

  /** Pulls the host's cable, or plugs it in again. */
  async plug(isIn: boolean): Promise<void> {
    const [nic] = this.spec.nics;
    if (nic === undefined) return;
    const link = ['link', 'set', cable(this.spec, nic), isIn ? 'up' : 'down'];
    told(this.name, 'cable', await runProgram(['ip', '-n', this.lab.name, ...link]));
  }

  async powerCut(): Promise<void> {
    await powerCut(this.lab, { host: this.name });
  }

  /** Switches it on and waits until it has booted. */
  async start(): Promise<void> {
    await startHost(this.lab, { host: this.name });
  }

  /** Keeps a copy of the host's disk as it is; switches the host off. */
  async save(state: SavedState): Promise<void> {
    await this.run('sync');
    await this.powerCut();
    const copy = this.#copyOf(state);
    await rm(copy, { recursive: true, force: true });
    await mkdir(path.dirname(copy), { recursive: true });
    await copyDisk(this.#disk, copy);
  }

  /** Makes the host's disk the saved one, and boots it; `disk` is how many MiB its disk shall have, in memory. */
  async reset(state: SavedState, { diskMiB }: { readonly diskMiB?: number } = {}): Promise<void> {
    await this.powerCut();
    await rm(this.#disk, { recursive: true, force: true });
    await copyDisk(this.#copyOf(state), this.#disk);
    if (!this.isVirtualMachine) await this.#clearWork();
    await this.#writeRunFile(diskMiB);
    await this.start();
  }

  /** Puts a folder between the image and the container's own layer. */
  async insertLayer(layer: string): Promise<void> {
    const run = await readFile(this.runFile, 'utf8');
    await writeFile(this.runFile, run.replace('lowerdir=', `lowerdir=${layer}:`));
    await rm(`${this.runFile}.usual`, { force: true });
  }

  /** Moves the container's own layer to another place, and the saved state in its stead. */
  async giveLayerAway(to: string): Promise<void> {
    await rm(to, { recursive: true, force: true });
    await rename(this.#disk, to);
    await copyDisk(this.#copyOf('fresh'), this.#disk);
    await this.#clearWork();
  }

  get #folder(): string {
    return hostFolder(this.lab, this.name);
  }

  get #disk(): string {
    return path.join(this.#folder, this.isVirtualMachine ? 'disk' : 'upper');
  }

  /** The shell program that starts it. */
  get runFile(): string {
    return path.join(this.#folder, 'run');
  }

  #copyOf(state: SavedState): string {
    return path.join(this.lab.paths.state, 'saved', `${this.name}-${state}`);
  }

  async #clearWork(): Promise<void> {
    const work = path.join(this.#folder, 'work');
    await rm(work, { recursive: true, force: true });
    await mkdir(work);
  }

  /** With a small disk, the container's own layer lies in memory; it is gone when the host is switched off. */
  async #writeRunFile(diskMiB: number | undefined): Promise<void> {
    if (this.isVirtualMachine) return;
    const usual = `${this.runFile}.usual`;
    if (!existsSync(usual)) await cp(this.runFile, usual);
    const text = await readFile(usual, 'utf8');
    if (diskMiB === undefined) {
      await writeFile(this.runFile, text);
      return;
    }
    const small = path.join(this.#folder, 'small');
    await mkdir(small, { recursive: true });
    const make = [
      `mount -t tmpfs -o size=${diskMiB}m,mode=755 tmpfs ${small}`,
      `mkdir ${small}/work`,
      `cp -a ${this.#folder}/upper ${small}/upper`,
    ].join('\n');
    const moved = text
      .replace('mount -t overlay', `${make}\nmount -t overlay`)
      .replace(`upperdir=${this.#folder}/upper`, `upperdir=${small}/upper`)
      .replace(`workdir=${this.#folder}/work`, `workdir=${small}/work`);
    await writeFile(this.runFile, moved);
  }
}

async function copyDisk(from: string, to: string): Promise<void> {
  told('cp', from, await runProgram(['cp', '-a', '--sparse=always', '--reflink=auto', from, to]));
}

function told(where: string, what: string, { exitCode, stdout, stderr }: ProgramRun): string {
  if (exitCode === 0) return stdout;
  throw new Error(`${where}: '${what.slice(0, 300)}' ended with ${exitCode}: ${stderr || stdout}`);
}
