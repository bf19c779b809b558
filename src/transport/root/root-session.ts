import { type Writable } from 'node:stream';

import { cancelled, throwIfCancelled } from '../../engine/model/failures/cancellation.ts';
import { type RunOptions, type RunResult } from '../../engine/model/connection.ts';
import {
  AuthenticationError,
  ConnectionLostError,
  OutputTooLongError,
  TimeoutError,
} from '../../engine/model/failures/errors.ts';
import { type Script } from '../../engine/model/shell/script.ts';
import { shortened } from '../host-text.ts';
import {
  eatenMark,
  endStrayShells,
  loginCommand,
  loginMark,
  restrictedLoginCommand,
} from './login-commands.ts';
import {
  ENDLESS_LOGIN_HINT,
  inputEaten,
  isLoginOver,
  isRestricted,
  loginShellEnded,
  loginShellHangs,
} from './login-shell.ts';
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
  /** How to get to a shell as root; not set, as login shells without restrictions can. */
  readonly command?: readonly string[];
}

/** Slow: a PAM module that asks the network. */
const START_TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;

/**
 * Runs a script as root in one session, whatever the login shell is, and whether sudo asks for a password or not.
 * A password is sent when sudo asks for it, never before and never twice.
 */
export async function runAsRoot(open: OpenSession, request: RootRequest): Promise<RunResult> {
  const { host, script, become, nonce, options = {}, onStarted, startTimeoutMs } = request;
  if (options.signal !== undefined) throwIfCancelled(options.signal, { host, step: 'run' });
  const failures = failureSource();
  const isAsked = become.kind === 'sudo-with-password';
  const sendScript = (): void => {
    // Where a password may be asked for, the shell is there already: what comes first could be taken for the password.
    const first = isAsked ? '' : endStrayShells;
    session.stdin.end(`${first}${nonce}\n${wholeOrNothing(script)}`);
  };
  const began = performance.now();
  const mark = `${nonce}-ready\n`;
  const { maxBytes, onExcess } = outputLimit(options, {
    host,
    fail: failures.fail,
    isLoginOver: () => isLoginOver(output(), nonce) || stdout.isOpen(),
  });
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
  // What a login shell complains about comes last.
  const loginOutput = (): string => `${stdout.before()}\n${stderr.before()}`;
  let timesAsked = 0;
  const watchPrompt = markWatch(sudoPrompt(nonce), () => {
    if (stdout.isOpen() || !isAsked) return;
    timesAsked++;
    if (timesAsked === 1) session.stdin.write(`${become.password.reveal()}\n`);
    else failures.fail(refusedRoot({ host, become, nonce, output: output() }));
  });
  const { command = loginCommand(become, nonce) } = request;
  const session = open(command, {
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
  });
  const limitMs = startTimeoutMs ?? START_TIMEOUT_MS;
  const startTimer = setTimeout(() => {
    failures.fail(startedTooLate({ host, become, nonce, limitMs, output: loginOutput() }));
  }, limitMs);
  const stopWatching = watch(options, { host, fail: failures.fail });
  // A program that ends early closes its end; how it ended says more than the failed write.
  session.stdin.on('error', () => undefined);
  if (!isAsked) sendScript();
  try {
    const { exitCode } = await Promise.race([session.ended, failures.failed]);
    if (!stdout.isOpen()) {
      const ended = { output: output(), loginOutput: loginOutput(), exitCode };
      return await runAsRoot(open, restrictedRequest(request, ended));
    }
    const errors = stderr.finish();
    if (errors.endsWith(eatenMark(nonce))) throw inputEaten(host);
    return { exitCode, stdout: stdout.finish(), stderr: errors };
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

/**
 * The request for a login shell that starts nothing by its path, where this one has ended so; nothing has run yet then.
 * @throws AuthenticationError for any other end.
 */
function restrictedRequest(
  request: RootRequest,
  {
    output,
    loginOutput,
    exitCode,
  }: {
    readonly output: string;
    readonly loginOutput: string;
    readonly exitCode: number | null;
  },
): RootRequest {
  const { host, become, nonce } = request;
  if (isLoginOver(output, nonce)) throw refusedRoot({ host, become, nonce, output });
  if (request.command === undefined && isRestricted(output)) {
    return { ...request, command: restrictedLoginCommand(become, nonce) };
  }
  throw loginShellEnded({ host, output: loginOutput, exitCode });
}

interface StartedTooLate {
  readonly host: string;
  readonly become: Become;
  readonly nonce: string;
  readonly limitMs: number;
  readonly output: string;
}

function startedTooLate({
  host,
  become,
  nonce,
  limitMs,
  output,
}: StartedTooLate): AuthenticationError {
  if (!isLoginOver(output, nonce)) return loginShellHangs({ host, output }, limitMs);
  const last = output.replace(loginMark(nonce), '').trim().split('\n').at(-1) ?? '';
  const printed = last === '' ? '' : `; the last that was printed: ${shortened(last)}`;
  return new AuthenticationError(
    `no shell as root was started within ${Math.round(limitMs / 1000)} s${printed}`,
    {
      host,
      step: become.kind === 'never' ? 'login' : 'sudo',
      hint: 'Log in by hand and see what `sudo id` waits for.',
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
  {
    host,
    fail,
    isLoginOver: isOver,
  }: { readonly host: string; readonly fail: Fail; readonly isLoginOver: () => boolean },
): { readonly maxBytes: number; readonly onExcess: (stream: string) => () => void } {
  const size = maxBytes >= 1024 * 1024 ? `${maxBytes / 1024 / 1024} MiB` : `${maxBytes} bytes`;
  const onExcess = (stream: string) => (): void => {
    const isLogin = !isOver();
    const who = isLogin ? ' of the login shell, before it ran anything' : '';
    fail(
      new OutputTooLongError(
        `more than ${size} came on standard ${stream}${who}; the session was ended`,
        {
          host,
          step: isLogin ? 'login' : 'run',
          hint: isLogin
            ? ENDLESS_LOGIN_HINT
            : 'Log in by hand and see what prints so much there, then run the command again.',
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
