import { type LvslabError } from '../model/failures/errors.ts';
import { type Emit } from '../model/events.ts';
import { hostError } from '../model/failures/host-error.ts';
import { type SurveyedHost } from './survey.ts';

/** What has become of one host since its plan began to be carried out. */
export class HostProgress {
  readonly host: SurveyedHost;
  readonly #emit: Emit;
  /** Ids of the steps that came to their end, also of plays that failed. */
  readonly finished = new Set<string>();
  /** Ids of the resources that plays have changed which came to their end; undefined while none has. */
  changed: readonly string[] | undefined;
  /** A play was left out because something that it depends on had failed. */
  isIncomplete = false;
  /** The first failure: what fails after it may well be its doing. */
  failure: LvslabError | undefined;
  /** What the proof read. */
  afterwards: SurveyedHost['observations'] | undefined;

  constructor(host: SurveyedHost, emit: Emit) {
    this.host = host;
    this.#emit = (event) => {
      if (event.type === 'step-finished') this.finished.add(event.step);
      emit(event);
    };
  }

  /** For the host's own events. */
  get emit(): Emit {
    return this.#emit;
  }

  /** Takes note of a failure from before. */
  fail(error: LvslabError): void {
    this.failure ??= error;
  }

  /** Does something on the host; whatever goes wrong there is this host's failure and nobody else's. */
  async attempt(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (thrown) {
      const error = hostError(thrown, this.host.name);
      if (this.failure === undefined)
        this.#emit({ type: 'host-failed', host: this.host.name, error });
      this.failure ??= error;
      return false;
    }
  }
}
