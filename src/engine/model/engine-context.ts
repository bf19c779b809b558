import { type Emit } from './events.ts';
import { type ExplainFailure } from './failures/failure-reason.ts';
import { type Resource, type ResourceSpec } from './resource.ts';

/** Makes a resource again from what the journal has of it. */
export type MakeFromSpec = (spec: ResourceSpec) => Resource;

/** Time, as the engine asks for it. */
interface Clock {
  /** Milliseconds on a clock that never goes back. */
  readonly elapsed: () => number;
  /** The time of day. */
  readonly date: () => Date;
}

/** Who is at work: shown to others that find a host locked. */
export interface Identity {
  /** The person: 'alice'. */
  readonly owner: string;
  /** The machine that lvslab runs on. */
  readonly controller: string;
}

/**
 * All that the engine needs beside the hosts, made once for a command and handed on as it is. What only one operation
 * needs is an argument of that operation.
 */
export interface EngineContext {
  readonly emit: Emit;
  /** A person's request to stop: the steps that run are finished, and none is begun. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** A fresh random word of letters and digits: no output of a host can contain it by chance. */
  readonly random: () => string;
  readonly identity: Identity;
  readonly makeFromSpec: MakeFromSpec;
  /** Not set, only what any program may say is put into words. */
  readonly explainFailure?: ExplainFailure;
  /** What a reading may take on a host that answers at once, in milliseconds; 60 s unless told. */
  readonly leastReadingMs?: number | undefined;
}
