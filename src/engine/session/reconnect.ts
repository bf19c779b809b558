import { pause as pauseFor } from '../model/failures/cancellation.ts';
import {
  CancelledError,
  ConnectionLostError,
  HostKeyError,
  LvslabError,
  JobCutOffError,
} from '../model/failures/errors.ts';
import { type EngineContext } from '../model/engine-context.ts';
import { keepLock, type LockHolder } from '../detached/host-lock.ts';
import { type ReadingLimits, runShort } from '../host/reading.ts';
import { type HostSession } from './host-session.ts';

/** A piece of work that may be begun again over a new connection. */
export interface RepeatableWork<T> {
  readonly work: () => Promise<T>;
  /** How long the host may be away before the invocation gives up; its jobs go on there, and can be adopted later. */
  readonly awayMs?: number;
}

type ReconnectContext = ReadingLimits & Pick<EngineContext, 'emit' | 'clock'>;

const AWAY_MS = 90_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
/** How often one piece of work may lose its connection. */
const MOST_LOSSES = 10;

/**
 * Does a piece of work, again over a new connection as often as the connection breaks. A signal ends the waiting for a
 * host; where it has fired before, one try is made all the same. Where the session holds the lock, the new connection
 * keeps it.
 * @throws what `work` throws; ConnectionLostError when the host stays away; JobCutOffError when it was rebooted.
 */
export async function withReconnects<T>(
  session: HostSession,
  { work, awayMs = AWAY_MS }: RepeatableWork<T>,
  context: ReconnectContext,
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
      await reconnect(session, { awayMs, cause: error }, context);
    }
  }
}

async function reconnect(
  session: HostSession,
  { awayMs, cause }: { readonly awayMs: number; readonly cause: LvslabError },
  context: ReconnectContext,
): Promise<void> {
  const { emit, clock, signal } = context;
  const name = session.connection.host;
  emit({ type: 'reconnecting', host: name, reason: cause.message });
  const isStopping = signal.aborted;
  const began = clock.elapsed();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      await session.connection.renew(isStopping ? {} : { signal });
      if (session.lock !== undefined) await keep(session, session.lock, context);
      break;
    } catch (error) {
      if (!isPassing(error)) throw error;
      const isOver = isStopping || clock.elapsed() - began + pause > awayMs;
      if (isOver)
        throw stayedAway(name, { seconds: (clock.elapsed() - began) / 1000, cause: error });
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
  { connection, paths, boot }: HostSession,
  { invocation }: LockHolder,
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
