import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Connection } from '../../../src/engine/model/connection.ts';
import { type Script, sh } from '../../../src/engine/model/shell/script.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { wrapConnection } from '../ssh/wrapped-connection.ts';

/** Why no such disk can be had on this machine; undefined where it can. */
export const noLosableDisk =
  process.getuid?.() !== 0
    ? 'needs root'
    : existsSync('/dev/loop-control')
      ? undefined
      : 'needs loop devices';

/**
 * An ext4 disk in a mount namespace of its own. Its image is what has reached the disk: a copy of it, mounted, is what a
 * host finds that has lost its power at that moment. What was written and not yet synced is not there.
 */
export class LosableDisk {
  readonly #folder: string;
  readonly #holder: ReturnType<typeof spawn>;
  /** Where the disk is mounted, for scripts that run over a connection to it. */
  readonly root: string;

  private constructor(folder: string, root: string, holder: ReturnType<typeof spawn>) {
    this.#folder = folder;
    this.root = root;
    this.#holder = holder;
  }

  /** An empty disk. */
  static async make(): Promise<LosableDisk> {
    const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-disk-'));
    execFileSync('truncate', ['-s', '16M', path.join(folder, 'image')]);
    execFileSync('/usr/sbin/mkfs.ext4', ['-q', path.join(folder, 'image')]);
    const root = path.join(folder, 'root');
    mkdirSync(root);
    return await LosableDisk.#mount(folder, root);
  }

  /** Nothing is written by the clock: only what asks for it is on the disk. */
  static async #mount(folder: string, root: string): Promise<LosableDisk> {
    const mount = sh`mount -o loop,commit=3600 ${folder}/image ${root} && echo mounted && exec cat`;
    const words = ['--mount', '--propagation', 'private', 'sh', '-c', mount.text];
    const holder = spawn('unshare', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    const mounted = once(holder.stdout, 'data');
    const ended = once(holder, 'exit').then(() => {
      throw new Error('the disk could not be mounted');
    });
    ended.catch(() => undefined);
    await Promise.race([mounted, ended]);
    return new LosableDisk(folder, root, holder);
  }

  /** Shell for the host at the moment at which the power goes. */
  get losePower(): Script {
    return sh`cp -- ${path.join(this.#folder, 'image')} ${path.join(this.#folder, 'cut')}`;
  }

  /** The disk as it was when the power went, at the same place in a host that was booted again. */
  async afterPowerLoss(): Promise<LosableDisk> {
    const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-disk-'));
    copyFileSync(path.join(this.#folder, 'cut'), path.join(folder, 'image'));
    return await LosableDisk.#mount(folder, this.root);
  }

  /** A path on the disk, for this process. */
  at(name: string): string {
    return path.join(`/proc/${this.#holder.pid ?? 0}/root`, this.root, name);
  }

  /** The machine that has this disk. */
  connect(host: string): Connection {
    const local = openLocalConnection({ host });
    return wrapConnection(local, {
      run: (script, options) =>
        local.run(sh`exec nsenter -t ${this.#holder.pid ?? 0} -m sh -c ${script.text}`, options),
      again: () => Promise.resolve(this.connect(host)),
    });
  }

  /** Writes all that was written so far to the disk. */
  sync(): void {
    execFileSync('sync', ['-f', this.at('.')]);
  }

  async remove(): Promise<void> {
    const ended = once(this.#holder, 'exit');
    this.#holder.stdin?.end();
    await ended;
    rmSync(this.#folder, { recursive: true });
  }
}
