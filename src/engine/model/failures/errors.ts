import { type Conflict, placeOfConflict } from '../conflict.ts';

/** Where and why something failed, beside the message. */
export interface LvslabErrorOptions {
  /** The inventory name of the host that it concerns. */
  readonly host?: string;
  /** What was being done: a resource id, 'connect', 'facts' … */
  readonly step?: string;
  readonly cause?: unknown;
  /**
   * What the reader can do about it: one imperative sentence. A command stands in backticks, one of lvslab in its short
   * form: `lvslab unlock`, or `lvslab … --wait 60s` for the command that was given with one more option. The command line
   * completes it for this lab, and "run the command again" as well.
   */
  readonly hint?: string;
}

/** Base of every error that lvslab throws on purpose; anything else that reaches the command line is a bug. */
export abstract class LvslabError extends Error {
  /** Stable, listed in docs/errors.md. */
  abstract readonly code: string;
  readonly host: string | undefined;
  readonly step: string | undefined;
  readonly hint: string | undefined;

  constructor(message: string, { host, step, cause, hint }: LvslabErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.host = host;
    this.step = step;
    this.hint = hint;
  }
}

/** The command line, or a file it names, can't be used as given. */
export class UsageError extends LvslabError {
  readonly code = 'E_USAGE';
}

/** No SSH connection could be made to the host. */
export class ConnectError extends LvslabError {
  readonly code = 'E_CONNECT';
}

/** The host refused the login, or root rights on it. */
export class AuthenticationError extends LvslabError {
  readonly code = 'E_AUTHENTICATION';
}

/** The host's key is not the one that is known for it. */
export class HostKeyError extends LvslabError {
  readonly code = 'E_HOST_KEY';
}

/** The connection ended while something ran over it. */
export class ConnectionLostError extends LvslabError {
  readonly code = 'E_CONNECTION_LOST';
  /** The connection may still be there, but nothing was heard over it. */
  readonly isSilence: boolean;

  constructor(
    message: string,
    { isSilence = false, ...options }: LvslabErrorOptions & { readonly isSilence?: boolean } = {},
  ) {
    super(message, options);
    this.isSilence = isSilence;
  }
}

/** The state of a host could not be read, so nothing can be planned for it. */
export class ObserveError extends LvslabError {
  readonly code = 'E_OBSERVE';
}

/** Something on the host stands against what is wanted, and is not lvslab's to change. Nothing was changed there. */
export class ConflictError extends LvslabError {
  readonly code = 'E_CONFLICT';
  /** Never empty. */
  readonly conflicts: readonly Conflict[];

  constructor(
    conflicts: readonly Conflict[],
    options: Pick<LvslabErrorOptions, 'host' | 'step'> = {},
  ) {
    const told = conflicts.map((conflict) => `${placeOfConflict(conflict)}: ${conflict.why}`);
    const hints = [...new Set(conflicts.map(({ hint }) => hint))];
    super(told.join('\n'), {
      ...options,
      hint: [...hints, 'Then run the command again; nothing was changed on this host.'].join(' '),
    });
    this.conflicts = conflicts;
  }
}

/** A step ran on the host and failed. */
export class StepFailedError extends LvslabError {
  readonly code = 'E_STEP_FAILED';
  readonly exitCode: number;
  /** The end of what the step printed. */
  readonly output: string;

  constructor(
    message: string,
    options: LvslabErrorOptions & { readonly exitCode: number; readonly output: string },
  ) {
    super(message, options);
    this.exitCode = options.exitCode;
    this.output = options.output;
  }
}

/** A job on a host did not come to its end: the host was rebooted, or somebody killed it. */
export class JobCutOffError extends LvslabError {
  readonly code = 'E_JOB_CUT_OFF';
  readonly isReboot: boolean;

  constructor(
    message: string,
    { isReboot = false, ...options }: LvslabErrorOptions & { readonly isReboot?: boolean } = {},
  ) {
    super(message, options);
    this.isReboot = isReboot;
  }
}

/** A change of the network was not confirmed, or failed, and the host has rolled it back by itself. */
export class RolledBackError extends LvslabError {
  readonly code = 'E_ROLLED_BACK';
}

/** Everything ran, but what was observed afterwards is not what was wanted. */
export class ProofError extends LvslabError {
  readonly code = 'E_PROOF';
}

/** Another run changes the host at this moment, or seems to. */
export class LockedError extends LvslabError {
  readonly code = 'E_LOCKED';
}

/** Another run has changed the host since the plan was made. */
export class StalePlanError extends LvslabError {
  readonly code = 'E_STALE_PLAN';
}

/** lvslab doesn't know how to provision this operating system. */
export class UnsupportedPlatformError extends LvslabError {
  readonly code = 'E_PLATFORM';
}

/** The host lacks something that the lab can't do without: a NIC, a kernel module, disk space. */
export class MissingOnHostError extends LvslabError {
  readonly code = 'E_MISSING_ON_HOST';
}

/** A program or right is missing on the controller. */
export class MissingOnControllerError extends LvslabError {
  readonly code = 'E_MISSING_ON_CONTROLLER';
}

/** A file could not be fetched, or is not what it claims to be. */
export class DownloadError extends LvslabError {
  readonly code = 'E_DOWNLOAD';
}

/** A template is broken or was given the wrong data. */
export class TemplateError extends LvslabError {
  readonly code = 'E_TEMPLATE';
}

/** A playbook can't be loaded, or what it exports is no playbook. */
export class PlaybookError extends LvslabError {
  readonly code = 'E_PLAYBOOK';
}

/** Something took longer than it may. */
export class TimeoutError extends LvslabError {
  readonly code = 'E_TIMEOUT';
}

/** A host printed more than the output of one script may have. */
export class OutputTooLongError extends LvslabError {
  readonly code = 'E_OUTPUT_TOO_LONG';
}

/** The person, or another program, asked lvslab to stop. */
export class CancelledError extends LvslabError {
  readonly code = 'E_CANCELLED';
}

/** The embedded lab could not be started, or stopped, or is not as it should be. */
export class EmbeddedLabError extends LvslabError {
  readonly code = 'E_EMBEDDED_LAB';
}

/** A mistake in lvslab itself showed while it dealt with one host; the other hosts are not concerned. */
export class InternalError extends LvslabError {
  readonly code = 'E_INTERNAL';
}
