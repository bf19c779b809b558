import { pause as pauseFor } from '../model/cancellation.ts';
import {
  CancelledError,
  ConnectionLostError,
  HostKeyError,
  LvslabError,
  JobCutOffError,
} from '../model/errors.ts';
import { type Emit } from '../detached/events.ts';
import { keepLock } from '../detached/host-lock.ts';
import { type RenewableConnection } from '../host/renewable-connection.ts';
import { type ReadingLimits, runShort } from '../host/reading.ts';
import { type StatePaths } from '../host/state-paths.ts';

/** A host in the middle of something that a lost connection must not end. */
export interface HeldHost {
  readonly connection: RenewableConnection;
  readonly paths: StatePaths;
  /** Boot id of the host when it was surveyed. */
  readonly boot: string;
}

export interface ReconnectContext extends ReadingLimits {
  readonly emit: Emit;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** How long a host may be away before the invocation gives up; its jobs go on there, and can be adopted later. 90 s unless told. */
  readonly awayMs?: number;
}

const AWAY_MS = 90_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
/** How often one piece of work may lose its connection. */
const MOST_LOSSES = 10;

/**
 * Does a piece of work that may be begun again over a new connection, as often as the connection breaks. A signal ends
 * the waiting for a host; where it has fired before, one try is made all the same.
 * @param invocation under whose id the lock is held, which the new connection then keeps; none where it isn't held.
 * @throws what `work` throws; ConnectionLostError when the host stays away; JobCutOffError when it was rebooted.
 */
export async function withReconnects<T>(
  host: HeldHost,
  invocation: string | undefined,
  { context, work }: { readonly context: ReconnectContext; readonly work: () => Promise<T> },
): Promise<T> {
  let wasSilent = false;
  for (let losses = 1; ; losses++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ConnectionLostError) || losses > MOST_LOSSES) throw error;
      // A host that takes a new connection and says nothing over that either will not do so over a third.
      if (error.isSilence && wasSilent) throw error;
      wasSilent = error.isSilence;
      await reconnect(host, invocation, { context, cause: error });
    }
  }
}

async function reconnect(
  host: HeldHost,
  invocation: string | undefined,
  { context, cause }: { readonly context: ReconnectContext; readonly cause: LvslabError },
): Promise<void> {
  const { emit, now, signal, awayMs = AWAY_MS } = context;
  const name = host.connection.host;
  emit({ type: 'reconnecting', host: name, reason: cause.message });
  const isStopping = signal.aborted;
  const began = now();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      await host.connection.renew(isStopping ? {} : { signal });
      if (invocation !== undefined) await keep(host, invocation, context);
      break;
    } catch (error) {
      if (!isPassing(error)) throw error;
      const isOver = isStopping || now() - began + pause > awayMs;
      if (isOver) throw stayedAway(name, { seconds: (now() - began) / 1000, cause: error });
    }
    await pauseFor(pause, signal, {
      host: name,
      step: 'reconnect',
      cause,
      hint: 'The job goes on there. Run the command again: it adopts the job.',
    });
  }
  emit({ type: 'reconnected', host: name });
}

async function keep(
  { connection, paths, boot }: HeldHost,
  invocation: string,
  limits: ReadingLimits,
): Promise<void> {
  const { stdout, stderr } = await runShort(
    connection,
    keepLock({ paths, invocation, boot }),
    limits,
  );
  const [answer] = stdout.trim().split('\n').slice(-1);
  if (answer === 'kept') return;
  const { host } = connection;
  if (answer === 'rebooted') {
    throw new JobCutOffError('the host was rebooted meanwhile', {
      isReboot: true,
      host,
      step: 'reconnect',
      hint: 'Run the command again: it reads what state the host is in and goes on from there.',
    });
  }
  throw new JobCutOffError(
    `the lock was lost while the connection was gone${stderr && `: ${stderr.trim()}`}`,
    {
      host,
      step: 'reconnect',
      hint: 'See with `lvslab plan` whether another lvslab is at work there, then run the command again.',
    },
  );
}

/** A host that is booting refuses connections, and logins too; another key or an answer is there to stay. */
function isPassing(error: unknown): error is LvslabError {
  return (
    error instanceof LvslabError &&
    !(error instanceof HostKeyError) &&
    !(error instanceof CancelledError) &&
    !(error instanceof JobCutOffError)
  );
}

function stayedAway(
  host: string,
  { seconds, cause }: { readonly seconds: number; readonly cause: LvslabError },
): LvslabError {
  return new ConnectionLostError(
    `the connection broke, and for ${Math.round(seconds)} s no new one could be made: ${cause.message}`,
    {
      host,
      step: 'reconnect',
      cause,
      hint: 'The job goes on there. Run the command again once the host can be reached: it adopts the job.',
    },
  );
}
