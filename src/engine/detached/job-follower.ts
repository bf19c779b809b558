import { type StepFailedError } from '../model/failures/errors.ts';
import { type EngineContext } from '../model/engine-context.ts';
import { parseJobLine, type JobLine } from './job-script.ts';
import { stepFailure } from '../host/step-failure.ts';

/** A play's job as it is followed. */
export interface FollowedPlay {
  readonly host: string;
  readonly play: string;
  /** Ids of the resources, in the order of the steps. */
  readonly steps: readonly string[];
  /** The shell that each step runs. */
  readonly commands: readonly string[];
  /** How many steps of the play other jobs do, before and after these. */
  readonly others?: { readonly before: number; readonly after: number };
  /** Called when a step asks for the confirmation of a change. */
  readonly onConfirm: (change: string) => void;
}

/** How far a job has come; a job that has neither ended nor died is still running, as far as is known. */
export interface JobStatus {
  /** Ids of the resources that were converged. */
  readonly finished: readonly string[];
  /** The step that has begun and not ended. */
  readonly running?: string;
  readonly failure?: StepFailedError;
  /** The failed step's change was rolled back by the host itself. */
  readonly isRolledBack: boolean;
  readonly end?: 'done' | 'died' | 'gone';
}

/** What following a job needs. */
type FollowContext = Pick<EngineContext, 'emit' | 'clock' | 'explainFailure'>;

/** Turns the event lines of a job into events for the person, over as many sessions as it takes. */
export class JobFollower {
  readonly #play: FollowedPlay;
  readonly #emit: EngineContext['emit'];
  readonly #clock: EngineContext['clock'];
  readonly #explain: EngineContext['explainFailure'];
  readonly #finished: string[] = [];
  #rest = '';
  #linesRead = 0;
  #began = 0;
  #running: number | undefined;
  #end: JobStatus['end'];
  #failure: StepFailedError | undefined;
  #isRolledBack = false;

  constructor(play: FollowedPlay, { emit, clock, explainFailure }: FollowContext) {
    this.#play = play;
    this.#emit = emit;
    this.#clock = clock;
    this.#explain = explainFailure;
  }

  /** Knows what a job has told before it was found, without telling it again. */
  static of(
    play: FollowedPlay,
    {
      events,
      linesRead,
      ...context
    }: FollowContext & {
      readonly events: readonly JobLine[];
      readonly linesRead: number;
    },
  ): JobFollower {
    const follower = new JobFollower(play, context);
    follower.#linesRead = linesRead;
    follower.#began = context.clock.elapsed();
    for (const event of events) {
      if (event.type === 'begin') follower.#running = event.step;
      if (event.type === 'end') follower.#running = undefined;
    }
    return follower;
  }

  /** The first event line that has not been read yet, counted from 1. */
  get nextLine(): number {
    return this.#linesRead + 1;
  }

  get status(): JobStatus {
    const running = this.#running === undefined ? undefined : this.#play.steps[this.#running];
    return {
      finished: this.#finished,
      isRolledBack: this.#isRolledBack,
      ...(running !== undefined && { running }),
      ...(this.#failure !== undefined && { failure: this.#failure }),
      ...(this.#end !== undefined && { end: this.#end }),
    };
  }

  /** Takes output as it comes, in whole or part lines. */
  read(text: string): void {
    this.#rest += text;
    // A line that comes in many pieces is taken apart once, not once for each of them.
    if (!text.includes('\n')) return;
    const complete = this.#rest.split('\n');
    this.#rest = complete.pop() ?? '';
    for (const line of complete) {
      this.#linesRead++;
      const event = parseJobLine(line);
      if (event !== undefined) this.#follow(event);
    }
  }

  /** Another session follows from `nextLine` on: half a line that came before comes again. */
  resume(): void {
    this.#rest = '';
    const index = this.#running;
    const step = this.#stepAt(index);
    if (index === undefined || step === undefined) return;
    const { host, play } = this.#play;
    this.#emit({ type: 'step-followed', host, play, step, ...this.#placeOf(index) });
  }

  #follow(event: JobLine): void {
    if (!('step' in event)) {
      this.#end = event.type;
      return;
    }
    const step = this.#stepAt(event.step);
    if (step === undefined) return;
    const where = { host: this.#play.host, play: this.#play.play, step };
    switch (event.type) {
      case 'begin':
        this.#began = this.#clock.elapsed();
        this.#running = event.step;
        this.#emit({
          type: 'step-started',
          ...where,
          ...this.#placeOf(event.step),
          commands: this.#play.commands[event.step] ?? '',
        });
        break;
      case 'progress':
        this.#emit({ type: 'step-progress', ...where, done: event.done, total: event.total });
        break;
      case 'confirm':
        this.#emit({ type: 'step-confirming', ...where, seconds: event.seconds });
        this.#play.onConfirm(event.change);
        break;
      case 'rolled-back':
        this.#isRolledBack = true;
        break;
      case 'end':
        this.#running = undefined;
        this.#endStep(step, event);
    }
  }

  #endStep(step: string, { exitCode, output }: JobLine & { readonly type: 'end' }): void {
    const { host, play } = this.#play;
    if (exitCode === 0) {
      this.#finished.push(step);
      const milliseconds = this.#clock.elapsed() - this.#began;
      this.#emit({ type: 'step-finished', host, step, play, milliseconds });
      return;
    }
    this.#failure = stepFailure({ host, step, exitCode, output, explain: this.#explain });
  }

  /** Counted from 1, in the whole play. */
  #placeOf(step: number): { readonly index: number; readonly total: number } {
    const { steps, others = { before: 0, after: 0 } } = this.#play;
    const total = others.before + steps.length + others.after;
    return { index: others.before + step + 1, total };
  }

  #stepAt(index: number | undefined): string | undefined {
    return index === undefined ? undefined : this.#play.steps[index];
  }
}
