import { CancelledError } from '../../engine/model/failures/errors.ts';

/** What `bringUp` and `takeDown` tell while they work; whoever receives it keeps the time. */
export type LabEvent =
  /** What was chosen and why: ('director', 'QEMU virtual machine', 'the kernel of this machine has no IPVS'). */
  | {
      readonly type: 'choice';
      readonly about: string;
      readonly chosen: string;
      readonly reason: string;
    }
  /** Something that takes a moment began; `step` with `host` is unique. */
  | { readonly type: 'started'; readonly step: string; readonly host?: string }
  /** How far it is; `fraction` (0–1) only where it is really known. */
  | {
      readonly type: 'progress';
      readonly step: string;
      readonly host?: string;
      readonly text: string;
      readonly fraction?: number;
    }
  | {
      readonly type: 'done';
      readonly step: string;
      readonly host?: string;
      /** 'was running already', 'from the cache'. */
      readonly note?: string;
    }
  | {
      readonly type: 'failed';
      readonly step: string;
      readonly host?: string;
      /** Why, in one line; the error itself is thrown. */
      readonly text: string;
    }
  /** It was asked to stop before it was done. */
  | { readonly type: 'stopped'; readonly step: string; readonly host?: string }
  | { readonly type: 'warning'; readonly text: string; readonly host?: string };

export type ReportLabEvent = (event: LabEvent) => void;

/** What a piece of work tells about itself while it runs. */
export interface Tell {
  progress(text: string, fraction?: number): void;
  /** Shown when it is done. */
  note(text: string): void;
}

/** Does a piece of work and reports its beginning, its progress and its end. */
export type RunStep = <T>(
  subject: { readonly step: string; readonly host?: string },
  work: (tell: Tell) => Promise<T>,
) => Promise<T>;

/**
 * Makes a `RunStep`. `onTransition` is called right before and right after each piece of work: between two such moments
 * the lab goes from one state that `takeDown` must know how to remove to the next.
 */
export function stepsReportedTo(
  report: ReportLabEvent,
  onTransition: (transition: string) => void = () => undefined,
): RunStep {
  return async (subject, work) => {
    const name = [subject.step, subject.host].filter((part) => part !== undefined).join(' ');
    let note: string | undefined;
    onTransition(`planned: ${name}`);
    report({ type: 'started', ...subject });
    const result = await work({
      progress: (text, fraction) => {
        const known = fraction === undefined ? {} : { fraction };
        report({ type: 'progress', ...subject, text, ...known });
      },
      note: (text) => {
        note = text;
      },
    }).catch((error: unknown) => {
      if (error instanceof CancelledError) {
        report({ type: 'stopped', ...subject });
        throw error;
      }
      const [text = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      report({ type: 'failed', ...subject, text });
      throw error;
    });
    onTransition(`made: ${name}`);
    report({ type: 'done', ...subject, ...(note === undefined ? {} : { note }) });
    return result;
  };
}
