import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { type Readable, type Writable } from 'node:stream';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  confirmChange,
  commitConfirmedStep,
} from '../../../src/engine/rollback/commit-confirmed.ts';
import { type Resource, type Target } from '../../../src/engine/model/resource.ts';
import { type Script, trusted } from '../../../src/engine/model/shell/script.ts';
import { observeFor, type Stage } from '../run-resource.ts';
import { readersFolder } from './real-readers.ts';

/** A network of its own with one card, ens37, whose cable leads to a neighbour in another. */
export class WiredNamespace {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'lvslab-net-'));
  readonly name = path.basename(this.folder);
  readonly #neighbour = `${this.name}-n`;
  readonly paths = {
    stateDir: path.join(this.folder, 'state'),
    runtimeDir: path.join(this.folder, 'runtime'),
    unitDir: path.join(this.folder, 'units'),
  };
  readonly jobFolder = path.join(this.paths.runtimeDir, 'runs/1');
  readonly stage: Stage = {
    inside: ['ip', 'netns', 'exec', this.name],
    paths: {
      '/etc/network': path.join(this.folder, 'network'),
      '/etc/sysconfig': this.folder,
      ifquery: path.join(this.folder, 'interfaces-reader'),
    },
  };

  constructor() {
    for (const name of ['network', 'network-scripts']) mkdirSync(path.join(this.folder, name));
    mkdirSync(this.jobFolder, { recursive: true });
    mkdirSync(this.paths.unitDir);
    const reader = path.join(readersFolder() ?? '', 'usr/sbin/ifquery');
    const read = `exec ${reader} -i ${this.at('network/interfaces')} "$@"`;
    writeFileSync(this.at('interfaces-reader'), `#!/bin/sh\n${read}\n`, { mode: 0o755 });
    execFileSync('ip', ['netns', 'add', this.name]);
    execFileSync('ip', ['netns', 'add', this.#neighbour]);
    this.ip('link', 'add', 'ens37', 'type', 'veth', 'peer', 'cable', 'netns', this.#neighbour);
    this.neighbourIp('link', 'set', 'cable', 'address', '00:0c:29:53:71:a2', 'up');
  }

  remove(): void {
    execFileSync('ip', ['netns', 'del', this.name]);
    execFileSync('ip', ['netns', 'del', this.#neighbour]);
    rmSync(this.folder, { recursive: true });
  }

  ip(...words: readonly string[]): string {
    return execFileSync('ip', ['-n', this.name, ...words], { encoding: 'utf8' });
  }

  neighbourIp(...words: readonly string[]): string {
    return execFileSync('ip', ['-n', this.#neighbour, ...words], { encoding: 'utf8' });
  }

  at(name: string): string {
    return path.join(this.folder, name);
  }

  writeFile(name: string, text: string, mode = 0o644): void {
    writeFileSync(this.at(name), text, { mode });
  }

  /** All that a change of a card can touch: link, addresses, routes, and the files with their modes and owners. */
  state(): string {
    const files = ['network', 'network-scripts'].flatMap((folder) =>
      readdirSync(this.at(folder)).map((name) => {
        const { mode, uid, gid } = statSync(this.at(`${folder}/${name}`));
        const content = readFileSync(this.at(`${folder}/${name}`), 'utf8');
        return `${name} ${mode.toString(8)} ${uid}:${gid}\n${content}`;
      }),
    );
    const link = /<.*>/.exec(this.ip('-o', 'link', 'show', 'ens37'))?.[0] ?? '';
    const addresses = this.ip('-o', '-4', 'addr', 'show', 'dev', 'ens37');
    return [link, addresses, this.ip('-4', 'route'), ...files].join('\n');
  }

  /** What is left of changes that were tried: names of files and paths. */
  leftovers(): readonly string[] {
    const found = [this.paths.stateDir, this.paths.unitDir].flatMap((folder) =>
      existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [],
    );
    return found;
  }

  /** Starts a change of a resource, commit-confirmed, as a job on a host does. */
  start<S>(resource: Resource<S>, options: StartOptions<S> = {}): StartedChange {
    return new StartedChange(this, this.step(resource, options));
  }

  /** What a job on a host does to change a resource commit-confirmed. */
  step<S>(
    resource: Resource<S>,
    { to, converge, windowSeconds = 6 }: StartOptions<S> = {},
  ): Script {
    const from = observeFor(resource, this.stage);
    const target = to ?? resource.aim(from);
    const rollback = resource.rollback?.(from, target);
    if (rollback === undefined) throw new Error('this change can not be rolled back');
    return commitConfirmedStep({
      rollback,
      converge: converge ?? resource.converge(from, target),
      job: 'r',
      step: 0,
      jobFolder: this.jobFolder,
      paths: this.paths,
      windowSeconds,
    });
  }

  /** Runs the boot roll-back of a pending change, if a boot would find it. */
  async runBootGuard(): Promise<void> {
    const wanted = this.at('units/sysinit.target.wants/lvslab-revert-r-0-at-boot.service');
    if (!existsSync(wanted)) return;
    const unit = readFileSync(wanted, 'utf8');
    const [, command = ''] = /^ExecStart=\/bin\/sh -c "(.*)"$/m.exec(unit) ?? [];
    await this.run(trusted(command));
  }

  /** Runs shell in the network; resolves to what it printed. */
  async run(script: Script): Promise<string> {
    const { child, output } = this.spawn(`${script.text}\n`);
    await once(child, 'close');
    return output();
  }

  spawn(text: string): {
    readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
    readonly output: () => string;
  } {
    const words = ['netns', 'exec', this.name, 'sh', '-s'];
    const child = spawn('ip', words, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (printed += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (printed += part));
    const staged = Object.entries(this.stage.paths ?? {}).reduce(
      (script, [real, instead]) => script.replaceAll(real, instead),
      text,
    );
    child.stdin.end(staged);
    return { child, output: () => printed };
  }
}

interface StartOptions<S> {
  readonly to?: Target<S>;
  /** In place of the resource's own. */
  readonly converge?: Script;
  readonly windowSeconds?: number;
}

/** A change that is being tried. */
export class StartedChange {
  readonly #wires: WiredNamespace;
  readonly #child: ReturnType<WiredNamespace['spawn']>;
  readonly #ended: Promise<unknown>;
  readonly #events: string;

  constructor(wires: WiredNamespace, step: Script) {
    this.#wires = wires;
    this.#events = path.join(wires.jobFolder, 'events');
    rmSync(this.#events, { force: true });
    rmSync(path.join(wires.jobFolder, 'decision.0'), { force: true });
    this.#child = wires.spawn(
      `exec 3>>${this.#events}; ( set -eu; umask 022; cd /\n${step.text}\n) </dev/null\n`,
    );
    this.#ended = once(this.#child.child, 'close');
  }

  get events(): string {
    return existsSync(this.#events) ? readFileSync(this.#events, 'utf8') : '';
  }

  /** Resolves when the change is made and waits for its confirmation. */
  async untilMade(): Promise<void> {
    while (!this.events.includes('confirm ')) {
      if (this.#child.child.exitCode !== null) throw new Error(`not made: ${this.#child.output()}`);
      await sleep(50);
    }
  }

  confirm(): Promise<string> {
    return this.#wires.run(confirmChange(this.#wires.paths, 'r-0'));
  }

  /** Resolves to its exit status and what it printed. */
  async end(): Promise<{ readonly exitCode: number | null; readonly output: string }> {
    await this.#ended;
    return { exitCode: this.#child.child.exitCode, output: this.#child.output() };
  }

  /** Ends the run's own script, as a crash would. */
  kill(): void {
    if (this.#child.child.pid !== undefined) process.kill(-this.#child.child.pid, 'SIGKILL');
  }
}
