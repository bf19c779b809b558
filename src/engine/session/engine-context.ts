import { type Emit } from '../detached/events.ts';
import { type LockHolder } from '../detached/host-lock.ts';
import { type ReadingContext } from '../host/observe.ts';
import { type MakeFromSpec } from '../journal/plan-undo.ts';
import { type ExplainFailure } from '../host/step-failure.ts';

/** What the engine needs from the world beside the hosts. */
export interface EngineContext extends ReadingContext {
  readonly emit: Emit;
  readonly makeFromSpec: MakeFromSpec;
  /** Not set, only what any program may say is put into words. */
  readonly explainFailure?: ExplainFailure;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Who is shown to others that find a host locked. */
  readonly by: Pick<LockHolder, 'owner' | 'controller'>;
  /** What becomes of orphaned jobs: a survey that leads to changes adopts them. */
  readonly orphans: 'report' | 'adopt';
}
