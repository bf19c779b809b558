import { setTimeout as sleep } from 'node:timers/promises';
import { type Emit } from '../../engine/model/events.ts';
import { type TaskReporting } from '../../verify/run-task.ts';
import { type Look } from '../../reporters/text/look.ts';
import { type Reporter } from '../../reporters/reporter.ts';
import { AcceptedHostKeys } from '../../transport/keys/accepted-host-keys.ts';
import { canAsk } from '../secrets/ask-secret.ts';
import { EXIT } from '../exit-codes.ts';
import { type OutputFlags } from '../flags.ts';
import { completingReporter } from '../hints/completing-reporter.ts';
import { listenForInterruption } from './interruption.ts';
import { RunningSteps } from './running-steps.ts';

/** What a command shows itself through, and how the person stops it. */
export interface Screen {
  readonly reporter: Reporter;
  /** For the engine: events go to the reporter. */
  readonly emit: Emit;
  /** For work that is no play. */
  readonly reporting: TaskReporting;
  readonly signal: AbortSignal;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** The keys of hosts that this run has accepted, and the person to ask about others where there is one. */
  readonly hostKeys: AcceptedHostKeys;
}

/** Gives a command its screen, and the terminal back to the person however the command ends. */
export async function withScreen(
  flags: OutputFlags,
  work: (screen: Screen) => Promise<number>,
  /** Where it shows itself; not stdout where that is for something else. */
  stream: NodeJS.WriteStream = process.stdout,
): Promise<number> {
  const plain = await createReporter(flags, stream);
  const { invocation } = flags;
  const reporter = invocation === undefined ? plain : completingReporter(plain, invocation);
  const running = new RunningSteps();
  const { signal, stop } = listenForInterruption(
    (text) => {
      reporter.say(text);
    },
    () => running.text,
  );
  const now = (): number => performance.now();
  try {
    const exitCode = await work({
      reporter,
      signal,
      hostKeys: hostKeysOf(flags, reporter),
      emit: (event) => {
        running.follow(event);
        reporter.event(event);
      },
      reporting: {
        emit: (event) => {
          reporter.task(event);
        },
        now,
      },
      pause: async (milliseconds) => {
        await sleep(milliseconds);
      },
    });
    return signal.aborted && exitCode !== EXIT.ok ? EXIT.interrupted : exitCode;
  } finally {
    stop();
    await reporter.stop();
  }
}

/** Nobody is asked where a program reads what is printed, or there is no terminal. */
function hostKeysOf({ json }: OutputFlags, reporter: Reporter): AcceptedHostKeys {
  if (json === true || !canAsk()) return new AcceptedHostKeys();
  return new AcceptedHostKeys(async (key, signal) => {
    const { askHostKey } = await import('./ask-host-key.ts');
    return await reporter.ask(() => askHostKey(key, signal));
  });
}

/** What this terminal, or the pipe in its place, can show. */
export function currentLook(
  { verbose = false }: OutputFlags,
  stream: NodeJS.WriteStream = process.stdout,
): Look {
  return {
    width: stream.isTTY && stream.columns > 0 ? Math.max(40, stream.columns) : 100,
    color: stream.isTTY && (process.env['NO_COLOR'] ?? '') === '',
    verbose,
  };
}

/** A serial console is a terminal, too, but has no size: what is drawn there anew and anew is never seen. */
function canBeDrawnOn({ isTTY, columns, rows }: NodeJS.WriteStream): boolean {
  return isTTY && columns > 0 && rows > 0 && process.env['TERM'] !== 'dumb';
}

async function createReporter(flags: OutputFlags, stream: NodeJS.WriteStream): Promise<Reporter> {
  const write = (text: string): void => {
    stream.write(text);
  };
  const now = (): number => performance.now();
  const look = currentLook(flags, stream);
  if (flags.json === true) {
    const { createJsonReporter } = await import('../../reporters/json-reporter.ts');
    return createJsonReporter({ write, clock: () => Date.now(), verbose: look.verbose });
  }
  if (canBeDrawnOn(stream)) {
    const { createTerminalReporter } =
      await import('../../reporters/terminal/terminal-reporter.ts');
    return createTerminalReporter({
      stdout: stream,
      stderr: process.stderr,
      now,
      ...look,
    });
  }
  const { createPlainReporter } = await import('../../reporters/plain-reporter.ts');
  return createPlainReporter({ write, now, look });
}
