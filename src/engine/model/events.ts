import { type LvslabError } from './failures/errors.ts';

/** How a job stands. */
export interface JobSummary {
  /** 'rebooted': its host was, and nothing more is known of it. */
  readonly state: 'running' | 'done' | 'failed' | 'stopped' | 'killed' | 'rebooted';
  /** How many steps were done. */
  readonly done: number;
  /** The step that is running, has failed, or was running when the job was cut off. */
  readonly step?: string;
  /** How the step failed, in a few words, and the end of what it printed. */
  readonly reason?: string;
  readonly output?: string;
}

/** What happens during a run, as it happens; every reporter is fed by these and by the plan, and by nothing else. */
export type EngineEvent =
  | { readonly type: 'connecting'; readonly host: string }
  | { readonly type: 'observing'; readonly host: string; readonly resources: number }
  | { readonly type: 'observed'; readonly host: string; readonly changes: number }
  | {
      readonly type: 'play-started';
      readonly host: string;
      readonly play: string;
      readonly steps: number;
    }
  | {
      readonly type: 'uploading';
      readonly host: string;
      readonly play: string;
      readonly path: string;
    }
  | {
      readonly type: 'step-started';
      readonly host: string;
      readonly play: string;
      readonly step: string;
      /** 1-based. */
      readonly index: number;
      readonly total: number;
      /** The shell that the step runs, as it was sent to the host. */
      readonly commands: string;
    }
  | {
      readonly type: 'step-progress';
      readonly host: string;
      readonly play: string;
      readonly step: string;
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly type: 'step-finished';
      readonly host: string;
      readonly play: string;
      readonly step: string;
      readonly milliseconds: number;
    }
  | {
      /** The step has changed the network, and stays only if a new connection can be made. */
      readonly type: 'step-confirming';
      readonly host: string;
      readonly play: string;
      readonly step: string;
      readonly seconds: number;
    }
  | { readonly type: 'reconnecting'; readonly host: string; readonly reason: string }
  | { readonly type: 'reconnected'; readonly host: string }
  | {
      /** A step that had begun before this connection was made. */
      readonly type: 'step-followed';
      readonly host: string;
      readonly play: string;
      readonly step: string;
      /** 1-based. */
      readonly index: number;
      readonly total: number;
    }
  | ({
      /** A run that another lvslab has begun, and how it stands. */
      readonly type: 'job-found';
      readonly host: string;
      readonly play: string;
      readonly owner: string;
      readonly controller: string;
      /** ISO 8601. */
      readonly since: string;
      /** The lvslab that has begun it is gone. */
      readonly isOrphaned: boolean;
      /** How many steps it has. */
      readonly total: number;
    } & JobSummary)
  | { readonly type: 'play-finished'; readonly host: string; readonly play: string }
  | {
      readonly type: 'play-skipped';
      readonly host: string;
      readonly play: string;
      readonly reason: string;
    }
  | { readonly type: 'proving'; readonly host: string }
  | { readonly type: 'proved'; readonly host: string; readonly remaining: number }
  | { readonly type: 'notice'; readonly host: string; readonly text: string }
  | { readonly type: 'host-failed'; readonly host: string; readonly error: LvslabError };

/** Takes events as they happen; must not throw. */
export type Emit = (event: EngineEvent) => void;

/** Progress of work that is no play: building an image, booting a host, a verification, a phase of the drill. */
export interface TaskEvent {
  /** What is being done, unique among what goes on at the same time: 'boot director'. */
  readonly task: string;
  readonly state: 'started' | 'progress' | 'finished' | 'failed';
  /** How far it is, how it ended, or why it failed. */
  readonly text?: string;
  /** 0–1, with 'progress', where it is really known. */
  readonly fraction?: number;
  /** How long it took; only with 'finished' and 'failed'. */
  readonly milliseconds?: number;
}

/** Takes the events of tasks as they happen; must not throw. */
export type EmitTask = (event: TaskEvent) => void;
