import { type EngineEvent } from '../../engine/model/events.ts';

const BEGINNINGS: readonly EngineEvent['type'][] = ['step-started', 'step-followed'];
const ENDS: readonly EngineEvent['type'][] = ['step-finished', 'play-finished', 'observing'];

/** Remembers from the events which steps are running on which hosts. */
export class RunningSteps {
  readonly #steps = new Map<string, string>();

  follow(event: EngineEvent): void {
    if ('step' in event && BEGINNINGS.includes(event.type)) {
      this.#steps.set(event.host, event.step ?? '');
    }
    // A step goes on without its connection; one that has failed does not.
    const hasFailed = event.type === 'host-failed' && event.error.code === 'E_STEP_FAILED';
    if (hasFailed || ENDS.includes(event.type)) this.#steps.delete(event.host);
  }

  /** 'nginx from source on rs1, packages on rs2'; '' when nothing is running. */
  get text(): string {
    return [...this.#steps].map(([host, step]) => `${step} on ${host}`).join(', ');
  }
}
