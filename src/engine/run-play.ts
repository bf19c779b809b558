import { type Connection } from './connection.ts';
import { ConnectionLostError, type StepFailedError } from './errors.ts';
import { type Emit } from './events.ts';
import { type PlannedPlay, type PlannedStep } from './plan.ts';
import { askToStop, parseRunLine, type RunLine, startAndFollow } from './run-script.ts';
import { type Script } from './script.ts';
import { stepFailure } from './step-failure.ts';

/** How far a play got on a host; what isn't finished after an interruption was not begun. */
export interface PlayOutcome {
  /** Ids of the resources that were converged. */
  readonly finished: readonly string[];
  /** The person asked to stop before the play was through. */
  readonly stopped: boolean;
}

/**
 * Takes the resources of one play on one host to their desired states: uploads first, then one session.
 * @throws StepFailedError with the end of the step's output; ConnectionLostError when the run's end was not seen.
 */
export async function runPlay({
  connection,
  play,
  run,
  emit,
  signal,
  now,
}: {
  readonly connection: Connection;
  readonly play: PlannedPlay;
  /** A fresh name for this run, letters and digits. */
  readonly run: string;
  readonly emit: Emit;
  /** When it fires, the step that is under way is finished and no other is begun. */
  readonly signal: AbortSignal;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}): Promise<PlayOutcome> {
  const { host } = connection;
  emit({ type: 'play-started', host, play: play.play, steps: play.steps.length });
  await uploadFiles(connection, play, emit);
  const scripts = play.steps.map(({ resource, from, to }) => resource.converge(from, to));
  const follower = new RunFollower({ host, play, scripts, emit, now });
  const askedToStop = stopOn(signal, connection, run);
  try {
    const result = await connection.run(startAndFollow(run, scripts), {
      onStdout: (text) => {
        follower.read(text);
      },
    });
    return follower.outcome(result.stderr);
  } finally {
    await askedToStop();
  }
}

async function uploadFiles(connection: Connection, play: PlannedPlay, emit: Emit): Promise<void> {
  for (const { resource } of play.steps) {
    for (const { source, path } of resource.uploads ?? []) {
      const file = await source();
      emit({ type: 'uploading', host: connection.host, play: play.play, path });
      await connection.upload(file, path);
    }
  }
}

/** Passes an interruption on to the host; the returned function waits until that has been said. */
function stopOn(signal: AbortSignal, connection: Connection, run: string): () => Promise<void> {
  let said: Promise<unknown> = Promise.resolve();
  const onAbort = (): void => {
    said = connection.run(askToStop(run)).catch(() => undefined);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return async () => {
    signal.removeEventListener('abort', onAbort);
    await said;
  };
}

/** Turns the event lines of a run into events for the person, and into the outcome. */
class RunFollower {
  readonly #host: string;
  readonly #play: PlannedPlay;
  readonly #scripts: readonly Script[];
  readonly #emit: Emit;
  readonly #now: () => number;
  readonly #finished: string[] = [];
  #rest = '';
  #began = 0;
  #done = false;
  #failure: StepFailedError | undefined;

  constructor({
    host,
    play,
    scripts,
    emit,
    now,
  }: {
    readonly host: string;
    readonly play: PlannedPlay;
    readonly scripts: readonly Script[];
    readonly emit: Emit;
    readonly now: () => number;
  }) {
    this.#host = host;
    this.#play = play;
    this.#scripts = scripts;
    this.#emit = emit;
    this.#now = now;
  }

  read(text: string): void {
    const complete = (this.#rest + text).split('\n');
    this.#rest = complete.pop() ?? '';
    for (const line of complete) {
      const event = parseRunLine(line);
      if (event !== undefined) this.#follow(event);
    }
  }

  outcome(stderr: string): PlayOutcome {
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#done) {
      throw new ConnectionLostError(`the run's end was not seen${stderr && `: ${stderr.trim()}`}`, {
        host: this.#host,
        step: this.#play.play,
        hint: 'Run the command again: it reads what state the host is in and goes on from there.',
      });
    }
    return {
      finished: this.#finished,
      stopped: this.#finished.length < this.#play.steps.length,
    };
  }

  #follow(event: RunLine): void {
    if (event.type === 'done') {
      this.#done = true;
      return;
    }
    const step = this.#play.steps[event.step];
    if (step === undefined) return;
    const { id } = step.resource;
    const where = { host: this.#host, play: this.#play.play, step: id };
    switch (event.type) {
      case 'begin':
        this.#began = this.#now();
        this.#emit({
          type: 'step-started',
          ...where,
          index: event.step + 1,
          of: this.#play.steps.length,
          commands: this.#scripts[event.step]?.text ?? '',
        });
        break;
      case 'progress':
        this.#emit({ type: 'step-progress', ...where, done: event.done, total: event.total });
        break;
      case 'end':
        this.#end(step, event);
    }
  }

  #end({ resource }: PlannedStep, { exitCode, output }: RunLine & { readonly type: 'end' }): void {
    const where = { host: this.#host, step: resource.id };
    if (exitCode === 0) {
      this.#finished.push(resource.id);
      const milliseconds = this.#now() - this.#began;
      this.#emit({ type: 'step-finished', ...where, play: this.#play.play, milliseconds });
      return;
    }
    this.#failure = stepFailure({ ...where, exitCode, output });
  }
}
