import { type Writable } from 'node:stream';

import { type RunOptions, type RunResult } from '../engine/connection.ts';
import { AuthenticationError, CancelledError, TimeoutError } from '../engine/errors.ts';
import { type Script } from '../engine/script.ts';
import { outputFence } from './output-fence.ts';
import { type Become, refusedRoot, wrongSudoPassword } from './root-rights.ts';

/** One program running on the host, its standard streams in our hands. */
export interface Session {
  readonly stdin: Writable;
  /** Rejects when the connection breaks. */
  readonly ended: Promise<{ readonly exitCode: number | null }>;
  kill(): void;
}

export interface SessionOutput {
  readonly onStdout: (chunk: Buffer) => void;
  readonly onStderr: (chunk: Buffer) => void;
}

/** Starts a program on the host, given as its words. */
export type OpenSession = (command: readonly string[], output: SessionOutput) => Session;

export interface RootRequest {
  readonly host: string;
  readonly script: Script;
  readonly become: Become;
  /** A word that no output can contain by chance. */
  readonly nonce: string;
  readonly options?: RunOptions | undefined;
  /** Told how many milliseconds it took until the root shell was there. */
  readonly onStarted?: (milliseconds: number) => void;
}

/** How long the host may take to start a shell as root. Slow: a PAM module that asks the network. */
const START_TIMEOUT_MS = 30_000;

/**
 * Runs as root: says that it is there, skips what is left of a password, and becomes the shell that reads the script.
 * No single quote in it, and nothing that csh or fish would read in another way.
 */
const AS_ROOT =
  'export LC_ALL=C; echo "$1-ready"; echo "$1-ready" >&2; while IFS= read -r line && [ "$line" != "$1" ]; do :; done; exec sh -s';

/** What the login shell starts; $1 is AS_ROOT, $2 the nonce. */
const AS_LOGIN_USER: Readonly<Record<Become['kind'], string>> = {
  never: '[ "$(id -u)" = 0 ] && exec sh -c "$1" sh "$2"; echo "$2-not-root" >&2; exit 1',
  sudo: '[ "$(id -u)" = 0 ] && exec sh -c "$1" sh "$2"; exec sudo -H -n sh -c "$1" sh "$2"',
  'sudo-with-password':
    '[ "$(id -u)" = 0 ] && exec sh -c "$1" sh "$2"; exec sudo -H -S -p "$2-password:" sh -c "$1" sh "$2"',
};

/** Runs a script as root in one session, whatever the login shell is, and whether sudo asks for a password or not. */
export async function runAsRoot(
  open: OpenSession,
  { host, script, become, nonce, options = {}, onStarted }: RootRequest,
): Promise<RunResult> {
  const failures = failureSource();
  const began = performance.now();
  const isAsked = become.kind === 'sudo-with-password';
  const sendScript = (): void => {
    session.stdin.end(`${nonce}\n${wholeOrNothing(script)}`);
  };
  const stdout = outputFence({
    mark: `${nonce}-ready\n`,
    onOpen: () => {
      clearTimeout(startTimer);
      onStarted?.(performance.now() - began);
      if (isAsked) sendScript();
    },
    onText: options.onStdout,
  });
  const stderr = outputFence({ mark: `${nonce}-ready\n` });
  const session = open(
    ['env', 'LC_ALL=C', 'sh', '-c', AS_LOGIN_USER[become.kind], 'sh', AS_ROOT, nonce],
    {
      onStdout: stdout.push,
      onStderr: (chunk) => {
        stderr.push(chunk);
        const output = stderr.before();
        if (isAsked && !stdout.isOpen() && wrongSudoPassword(output, nonce)) {
          failures.fail(refusedRoot({ host, become, nonce, output }));
        }
      },
    },
  );
  const startTimer = setTimeout(() => {
    failures.fail(startedTooLate(host, become));
  }, START_TIMEOUT_MS);
  const stopWatching = watch(options, { host, fail: failures.fail });
  // A program that ends early closes its end; how it ended says more than the failed write.
  session.stdin.on('error', () => undefined);
  if (become.kind === 'sudo-with-password') session.stdin.write(`${become.password.reveal()}\n`);
  else sendScript();
  try {
    const { exitCode } = await Promise.race([session.ended, failures.failed]);
    if (!stdout.isOpen()) {
      const output = stderr.before() + stdout.before();
      throw refusedRoot({ host, become, nonce, output });
    }
    return { exitCode, stdout: stdout.finish(), stderr: stderr.finish() };
  } catch (error) {
    session.ended.catch(() => undefined);
    // A sudo that waits for another password ends when there is none to come.
    session.stdin.end();
    session.kill();
    throw error;
  } finally {
    clearTimeout(startTimer);
    stopWatching();
  }
}

function startedTooLate(host: string, become: Become): AuthenticationError {
  return new AuthenticationError(
    `no shell as root was started within ${START_TIMEOUT_MS / 1000} s`,
    {
      host,
      step: become.kind === 'never' ? 'login' : 'sudo',
      hint: 'Log in by hand and see what the login shell, or sudo, waits for.',
    },
  );
}

/** A shell reads a group to its end before it runs any of it: a script that was cut off on its way does nothing. */
function wholeOrNothing(script: Script): string {
  return `{ :; ${script.text}\n\n}\n`;
}

interface FailureSource {
  /** Never resolves. */
  readonly failed: Promise<never>;
  readonly fail: (error: Error) => void;
}

function failureSource(): FailureSource {
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  return { failed, fail };
}

/** Fails when the time is over or the caller gives up. */
function watch(
  { timeoutMs, signal }: RunOptions,
  { host, fail }: { readonly host: string; readonly fail: (error: Error) => void },
): () => void {
  const onAbort = (): void => {
    fail(new CancelledError('stopped on request', { host, step: 'run', cause: signal?.reason }));
  };
  const onTimeout = (): void => {
    fail(
      new TimeoutError(`the script did not end within ${(timeoutMs ?? 0) / 1000} s`, {
        host,
        step: 'run',
        hint: 'See what the host is busy with, then run the command again.',
      }),
    );
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(onTimeout, timeoutMs);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted === true) onAbort();
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  };
}
