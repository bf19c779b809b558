import { availableParallelism, loadavg } from 'node:os';
import { type FaultFlavour } from './fault-flavours.ts';
import { snapshotScript } from '../../../support/lab/host-snapshot.ts';
import { type FaultHost, type SavedState } from './fault-host.ts';
import { type FaultLab } from './fault-lab.ts';
import { leftoversIn, printLeftovers } from './leftovers.ts';
import { deviations, guardedFiles, halfFiles, printContents, type Reference } from './reference.ts';
import { errorsOf, type Watching, watchedRun, type WatchedRun } from '../course/watched-run.ts';

/** Where a fault is tried: one host that lvslab works on, and the inventory that it works from. */
export interface SiteOptions {
  readonly lab: FaultLab;
  readonly host: FaultHost;
  readonly inventory: string;
  readonly playbook: string;
  /** Pattern for the hosts that a run has to do with; all of the inventory, without it. */
  readonly limit?: string;
}

/** What the program has to say about a fault. */
export interface ExpectedFailure {
  /** A regular expression for the whole of it. */
  readonly code: string;
  /** The message, with its causes and the end of the step's output. */
  readonly says: RegExp;
  readonly step?: RegExp;
}

export interface RunOptions extends Watching {
  readonly extra?: readonly string[];
  /** Another inventory than the site's own. */
  readonly inventory?: string;
  /** How long this run may take at most, milliseconds. */
  readonly limitMs?: number;
}

/** The states between which a command leads. */
export const statesOf = {
  apply: { from: 'fresh', to: 'applied' },
  teardown: { from: 'applied', to: 'fresh' },
} as const;

/** How long a run on a host of the lab may take when nothing holds it up, milliseconds. */
const USUAL_LIMIT_MS = 90_000;

/** A host and lvslab on it: runs, and the judgement of what they leave, from the host's own state only. */
export class Site {
  readonly lab: FaultLab;
  readonly host: FaultHost;
  readonly inventory: string;
  readonly #playbook: string;
  readonly #limit: readonly string[];
  #reference: Reference | undefined;
  /** The saved state that the host is known to be in. */
  #state: SavedState | undefined;
  #isSmall = false;

  constructor({ lab, host, inventory, playbook, limit }: SiteOptions) {
    this.lab = lab;
    this.host = host;
    this.inventory = inventory;
    this.#playbook = playbook;
    this.#limit = limit === undefined ? [] : ['--limit', limit];
  }

  get flavour(): FaultFlavour {
    return this.lab.flavour;
  }

  get reference(): Reference {
    if (this.#reference === undefined) throw new Error(`${this.host.name} has no reference yet`);
    return this.#reference;
  }

  /** Applies and tears down without any fault, and keeps what was seen. */
  async makeReference(): Promise<void> {
    await this.host.save('fresh');
    await this.host.start();
    const fresh = await this.host.run(snapshotScript);
    const apply = await this.apply();
    expectExitCode(apply, 0);
    const applied = await this.host.run(snapshotScript);
    await this.host.save('applied');
    await this.host.start();
    const teardown = await this.teardown();
    expectExitCode(teardown, 0);
    this.#reference = { fresh, applied, apply, teardown };
    await this.#expectState('fresh');
  }

  /** Makes sure that the host is in this state; it is booted anew only where that isn't known already. */
  async begin(state: SavedState, options: { readonly diskMiB?: number } = {}): Promise<void> {
    if (this.#state !== state || options.diskMiB !== undefined)
      await this.host.reset(state, options);
    this.#isSmall = options.diskMiB !== undefined;
    this.#state = state;
  }

  /** What was done to the host is not seen in its state: boot it anew before it is used again. */
  forget(): void {
    this.#state = undefined;
  }

  async apply(options: RunOptions = {}): Promise<WatchedRun> {
    return await this.#run(['apply', '--yes', '-p', this.#playbook], options);
  }

  async plan(options: RunOptions = {}): Promise<WatchedRun> {
    return await this.#run(['plan', '-p', this.#playbook], options);
  }

  async teardown(options: RunOptions = {}): Promise<WatchedRun> {
    return await this.#run(['teardown', '--yes'], options);
  }

  /** The run has exit status 0. */
  expectSuccess(run: WatchedRun): void {
    expectExitCode(run, 0);
  }

  /** I3: the run failed, and names host, step and cause. */
  expectFailure(run: WatchedRun, { code, says, step }: ExpectedFailure): void {
    expectExitCode(run, 1);
    const told = errorsOf(run);
    const fitting = told.find(
      (error) =>
        error.host === this.host.name &&
        new RegExp(`^${code}$`).test(error.code) &&
        says.test([error.message, ...(error.causes ?? []), error.output ?? ''].join('\n')) &&
        (step === undefined || step.test(error.step ?? '')),
    );
    if (fitting === undefined) {
      throw new Error(
        `no error ${code} ${says.source} ${step?.source ?? ''}: ${print(told)}${run.stderr}`,
      );
    }
  }

  /**
   * I2: right after the fault, each file that lvslab writes is the old one or the new one.
   * @param others files that the run was to make something else of than a run without faults.
   */
  async expectWholeFiles(others: readonly string[] = []): Promise<void> {
    const files = guardedFiles(this.reference).filter(({ path }) => !others.includes(path));
    const printed = await this.host.inside(printContents(files));
    const half = halfFiles(files, printed);
    if (half.length > 0) {
      const found = await this.host.inside(`head -c 1000 ${half.join(' ')} | cat -A`);
      throw new Error(`neither old nor new: ${half.join(', ')}\n${found}`);
    }
    const journal = await this.host.inside('cat /var/lib/lvslab/journal 2>/dev/null || :');
    const damaged = journal
      .split('\n')
      .slice(0, -1)
      .filter((line) => !/^[\da-f]{32} \{.*\}$/.test(line));
    if (damaged.length > 0) throw new Error(`damaged lines in the journal: ${print(damaged)}`);
  }

  /** I1, I5, I6: the same run again leads to the fault-free state, a further plan is empty, and nothing lies around. */
  async expectRecovery(to: SavedState, options: RunOptions = {}): Promise<void> {
    const again = to === 'applied' ? await this.apply(options) : await this.teardown(options);
    expectExitCode(again, 0);
    await this.#expectState(to);
    const further = to === 'applied' ? await this.plan() : undefined;
    if (further !== undefined) expectExitCode(further, 0);
  }

  async #expectState(state: SavedState): Promise<void> {
    this.#state = undefined;
    const different = deviations(this.reference[state], await this.host.run(snapshotScript));
    if (different.length > 0) throw new Error(`not the state '${state}': ${print(different)}`);
    const left = leftoversIn(await this.host.run(printLeftovers), state);
    if (left.length > 0) throw new Error(`left on ${this.host.name}: ${left.join('\n')}`);
    if (!this.#isSmall) this.#state = state;
  }

  async #run(
    [command = '', ...words]: readonly string[],
    { extra = [], inventory = this.inventory, limitMs = USUAL_LIMIT_MS, ...watching }: RunOptions,
  ): Promise<WatchedRun> {
    if (command !== 'plan') this.#state = undefined;
    const run = await watchedRun(
      [command, '-i', inventory, ...this.#limit, ...words, ...extra],
      watching,
    );
    if (run.milliseconds > limitMs * busyness()) {
      throw new Error(`${command} took ${Math.round(run.milliseconds / 1000)} s`);
    }
    return run;
  }
}

/** How many times as long as usual everything may take while others use this machine, too; 1 or more. */
export function busyness(): number {
  return Math.max(1, (2 * (loadavg()[0] ?? 0)) / availableParallelism());
}

/** For a run that finds the host still busy with an earlier one: a minute, or longer where others use this machine, too. */
export function patiently(): readonly string[] {
  return ['--wait', String(Math.ceil(60 * busyness()))];
}

/** The run must end so; what it said is in the message when it doesn't. */
export function expectExitCode(run: WatchedRun, expected: number | null): void {
  if (run.exitCode === expected) return;
  const last = run.events.slice(-5).map(({ type, host, step }) => ({ type, host, step }));
  // What was left alone is no error, and stands in the plan alone.
  const plan = run.events.findLast(({ type }) => type === 'plan');
  throw new Error(
    `exit status ${run.exitCode}, not ${expected}: ${print(errorsOf(run))} ${print(last)} ${print(plan ?? {})} ${run.stderr}`,
  );
}

function print(what: unknown): string {
  return JSON.stringify(what, undefined, 1).slice(0, 3000);
}
