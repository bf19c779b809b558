import { type Writable } from 'node:stream';

import { cancelled, throwIfCancelled } from '../../engine/model/cancellation.ts';
import { type RunOptions, type RunResult } from '../../engine/model/connection.ts';
import {
  AuthenticationError,
  ConnectionLostError,
  OutputTooLongError,
  TimeoutError,
} from '../../engine/model/errors.ts';
import { type Script, sh } from '../../engine/model/script.ts';
import { shortened } from '../host-text.ts';
import { markWatch, outputFence } from './output-fence.ts';
import { type Become, refusedRoot, sudoPrompt } from './root-rights.ts';

/** One program running on the host, its standard streams in our hands. */
interface Session {
  readonly stdin: Writable;
  /** Rejects when the connection breaks. */
  readonly ended: Promise<{ readonly exitCode: number | null }>;
  /** Ends the program as far as that can be done; what it still prints is thrown away. */
  kill(): void;
}

interface SessionOutput {
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
  /** How long the host may take to start a shell as root; 30 s unless told. */
  readonly startTimeoutMs?: number;
}

/** Slow: a PAM module that asks the network. */
const START_TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;

/**
 * Runs as root: says that it is there, skips what is left of a password, and becomes the shell that reads the script.
 * No single quote in it, and nothing that csh or fish would read in another way.
 */
const AS_ROOT = inOneLine(sh`
  export LC_ALL=C
  echo "$1-ready"
  echo "$1-ready" >&2
  while IFS= read -r line && [ "$line" != "$1" ]; do :; done
  exec sh -s
`);

/** What the login shell starts; $1 is AS_ROOT, $2 the nonce. */
const AS_LOGIN_USER: Readonly<Record<Become['kind'], string>> = {
  never: unlessRoot(sh`
    echo "$2-not-root" >&2
    exit 1
  `),
  sudo: unlessRoot(sh`exec sudo -H -n sh -c "$1" sh "$2"`),
  'sudo-with-password': unlessRoot(sh`exec sudo -H -S -p "$2-password:" sh -c "$1" sh "$2"`),
};

function unlessRoot(otherwise: Script): string {
  return inOneLine(sh`
    [ "$(id -u)" = 0 ] && exec sh -c "$1" sh "$2"
    ${otherwise}
  `);
}

/** csh ends a quoted word at the end of a line. */
function inOneLine(script: Script): string {
  return script.text.replaceAll('\n', '; ');
}

/**
 * Runs a script as root in one session, whatever the login shell is, and whether sudo asks for a password or not.
 * A password is sent when sudo asks for it, never before and never twice.
 */
export async function runAsRoot(
  open: OpenSession,
  { host, script, become, nonce, options = {}, onStarted, startTimeoutMs }: RootRequest,
): Promise<RunResult> {
  if (options.signal !== undefined) throwIfCancelled(options.signal, { host, step: 'run' });
  const failures = failureSource();
  const isAsked = become.kind === 'sudo-with-password';
  const sendScript = (): void => {
    session.stdin.end(`${nonce}\n${wholeOrNothing(script)}`);
  };
  const began = performance.now();
  const mark = `${nonce}-ready\n`;
  const { maxBytes, onExcess } = outputLimit(options, { host, fail: failures.fail });
  const stdout = outputFence({
    mark,
    onOpen: () => {
      clearTimeout(startTimer);
      onStarted?.(performance.now() - began);
      if (isAsked) sendScript();
    },
    onText: options.onStdout,
    maxBytes,
    onExcess: onExcess('output'),
  });
  const stderr = outputFence({ mark, maxBytes, onExcess: onExcess('error') });
  const silence = watchSilence(options, { host, fail: failures.fail });
  const output = (): string => stderr.before() + stdout.before();
  let timesAsked = 0;
  const watchPrompt = markWatch(sudoPrompt(nonce), () => {
    if (stdout.isOpen() || !isAsked) return;
    timesAsked++;
    if (timesAsked === 1) session.stdin.write(`${become.password.reveal()}\n`);
    else failures.fail(refusedRoot({ host, become, nonce, output: output() }));
  });
  const session = open(
    ['env', 'LC_ALL=C', 'sh', '-c', AS_LOGIN_USER[become.kind], 'sh', AS_ROOT, nonce],
    {
      onStdout: (chunk) => {
        silence.heard();
        if (!failures.hasFailed()) stdout.push(chunk);
      },
      onStderr: (chunk) => {
        silence.heard();
        if (failures.hasFailed()) return;
        const isBefore = !stderr.isOpen();
        stderr.push(chunk);
        if (isBefore) watchPrompt(chunk);
      },
    },
  );
  const limitMs = startTimeoutMs ?? START_TIMEOUT_MS;
  const startTimer = setTimeout(() => {
    failures.fail(startedTooLate({ host, become, limitMs, output: output() }));
  }, limitMs);
  const stopWatching = watch(options, { host, fail: failures.fail });
  // A program that ends early closes its end; how it ended says more than the failed write.
  session.stdin.on('error', () => undefined);
  if (!isAsked) sendScript();
  try {
    const { exitCode } = await Promise.race([session.ended, failures.failed]);
    if (!stdout.isOpen()) throw refusedRoot({ host, become, nonce, output: output() });
    return { exitCode, stdout: stdout.finish(), stderr: stderr.finish() };
  } catch (error) {
    failures.fail(error);
    // The error that is thrown here says why it ended; how does not matter any more.
    session.ended.catch(() => undefined);
    // A sudo that waits for another password ends when there is none to come.
    session.stdin.end();
    session.kill();
    throw error;
  } finally {
    clearTimeout(startTimer);
    silence.stop();
    stopWatching();
  }
}

interface StartedTooLate {
  readonly host: string;
  readonly become: Become;
  readonly limitMs: number;
  readonly output: string;
}

function startedTooLate({ host, become, limitMs, output }: StartedTooLate): AuthenticationError {
  const last = output.trim().split('\n').at(-1) ?? '';
  const printed = last === '' ? '' : `; the last that was printed: ${shortened(last)}`;
  return new AuthenticationError(
    `no shell as root was started within ${Math.round(limitMs / 1000)} s${printed}`,
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
  readonly fail: (error: unknown) => void;
  hasFailed(): boolean;
}

function failureSource(): FailureSource {
  let fail: (error: unknown) => void = () => undefined;
  let hasFailed = false;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  // Whoever runs the script waits for it too; where it has ended before, there is nobody to tell.
  failed.catch(() => undefined);
  return {
    failed,
    fail: (error) => {
      hasFailed = true;
      fail(error);
    },
    hasFailed: () => hasFailed,
  };
}

type Fail = (error: Error) => void;

/** What a script may print, and the failure when it is more. */
function outputLimit(
  { maxOutputBytes: maxBytes = MAX_OUTPUT_BYTES }: RunOptions,
  { host, fail }: { readonly host: string; readonly fail: Fail },
): { readonly maxBytes: number; readonly onExcess: (stream: string) => () => void } {
  const size = maxBytes >= 1024 * 1024 ? `${maxBytes / 1024 / 1024} MiB` : `${maxBytes} bytes`;
  const onExcess = (stream: string) => (): void => {
    fail(
      new OutputTooLongError(
        `more than ${size} came on standard ${stream}; the session was ended`,
        {
          host,
          step: 'run',
          hint: 'Log in by hand and see what prints so much there, then run the command again.',
        },
      ),
    );
  };
  return { maxBytes, onExcess };
}

/** Fails when for too long nothing is heard; how long the shell takes to start is another limit's business. */
function watchSilence(
  { silenceMs }: RunOptions,
  { host, fail }: { readonly host: string; readonly fail: Fail },
): { readonly heard: () => void; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(timer);
  };
  const onSilence = (): void => {
    fail(
      new ConnectionLostError(`nothing was heard for ${Math.round((silenceMs ?? 0) / 1000)} s`, {
        host,
        step: 'run',
        isSilence: true,
        hint: 'Check that the host is up and can be reached, then run the command again.',
      }),
    );
  };
  const heard = (): void => {
    stop();
    if (silenceMs !== undefined) timer = setTimeout(onSilence, silenceMs);
  };
  return { heard, stop };
}

/** Fails when the time is over or the caller gives up. */
function watch(
  { timeoutMs, signal }: RunOptions,
  { host, fail }: { readonly host: string; readonly fail: Fail },
): () => void {
  const onAbort = (): void => {
    if (signal !== undefined) fail(cancelled(signal, { host, step: 'run' }));
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
