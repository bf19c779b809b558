import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeCgroup, processorTime, procsFiles } from '../../src/embedded/machine/cgroups.ts';
import { hostsCgroup, ownNamespace, removeNamespaces, sweep } from '../measure/leftovers.ts';
import { untilAllListen } from './until-all-listen.ts';
import { addHosts, type FleetNames, fleetFiles, hostAddress } from './fleet-scripts.ts';

const run = promisify(execFile);

/**
 * SSH servers in network namespaces of their own, all with this machine's root file system, which they only read. Their
 * cables lead to the controller's namespace and no further.
 */
export class Fleet {
  readonly names: FleetNames;
  readonly keyFile: string;
  readonly knownHosts: string;
  #count = 0;

  private constructor(names: FleetNames) {
    this.names = names;
    this.keyFile = path.join(names.folder, 'id_ed25519');
    this.knownHosts = path.join(names.folder, 'known_hosts');
  }

  /** An empty fleet, after removing what benches that were killed have left. */
  static async make(): Promise<Fleet> {
    await sweep();
    const name = ownNamespace;
    const folder = await mkdtemp(path.join(tmpdir(), 'lvslab-bench-'));
    const fleet = new Fleet({ name, folder, cgroup: hostsCgroup() });
    for (const file of ['id_ed25519', 'host_key']) {
      const key = path.join(folder, file);
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'bench', '-f', key]);
    }
    await run('cp', [`${fleet.keyFile}.pub`, path.join(folder, 'authorized_keys')]);
    for (const [file, text] of Object.entries(fleetFiles(fleet.names))) {
      await writeFile(path.join(folder, file), text);
    }
    // Where sshd locks itself in before a login.
    await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
    await makeCgroup(fleet.names.cgroup);
    await shell(`ip netns add ${name} && ip -n ${name} link set lo up
ip -n ${name} address add 10.86.0.1/32 dev lo`);
    return fleet;
  }

  /** How many hosts there are. */
  get count(): number {
    return this.#count;
  }

  get addresses(): readonly string[] {
    return Array.from({ length: this.#count }, (_, i) => hostAddress(i));
  }

  /** Adds hosts until there are so many, and waits until all of them greet. */
  async grow(count: number): Promise<void> {
    if (count <= this.#count) return;
    const enter = procsFiles(this.names.cgroup)
      .map((file) => `echo 0 >${file}\n`)
      .join('');
    await shell(enter + addHosts(this.names, { from: this.#count, to: count }));
    this.#count = count;
    const key = await readFile(path.join(this.names.folder, 'host_key.pub'), 'utf8');
    await writeFile(this.knownHosts, this.addresses.map((one) => `${one} ${key}`).join(''));
    await untilAllListen(this.names.name, this.addresses);
  }

  /** Processor milliseconds that all hosts together have used so far. */
  async usedMs(): Promise<number> {
    return (await processorTime(this.names.cgroup)).usedMs;
  }

  async remove(): Promise<void> {
    await removeNamespaces();
    await rm(this.names.folder, { recursive: true, force: true });
  }
}

async function shell(script: string): Promise<void> {
  await run('sh', ['-c', `set -eu\n${script}`], { maxBuffer: 2 ** 26 });
}
