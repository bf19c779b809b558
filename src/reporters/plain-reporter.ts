import { type EngineEvent, type TaskEvent } from '../engine/model/events.ts';
import { describeEvent, percentage } from './render/describe-event.ts';
import { formatDuration } from './text/format-duration.ts';
import { printable, printableLines } from './text/printable-text.ts';
import { renderCommands } from './render/render-commands.ts';
import { renderDiagnosis } from './render/render-diagnosis.ts';
import { renderError } from './render/render-error.ts';
import { renderPlan } from './render/render-plan.ts';
import { renderTable } from './render/render-table.ts';
import { type Look } from './text/look.ts';
import { type Reporter } from './reporter.ts';

/** For logs and pipes: one line an event, each with the time since the beginning and the host. */
export function createPlainReporter({
  write,
  now,
  look,
}: {
  readonly write: (text: string) => void;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly look: Look;
}): Reporter {
  const began = now();
  const due = createThrottle(now);
  const told = new Set<string>();
  let endsWithBlock = false;
  const line = (text: string): void => {
    endsWithBlock = false;
    write(`${minutesAndSeconds(now() - began)} ${text}\n`);
  };
  /** With an empty line before it and one after it; there is only one between two blocks. */
  const block = (text: string): Promise<void> => {
    write(`${endsWithBlock ? '' : '\n'}${text}\n`);
    endsWithBlock = true;
    return Promise.resolve();
  };
  return {
    event: (event) => {
      if (event.type === 'host-failed') {
        failureLines(event, look).forEach(line);
        told.add(event.host);
      } else if (event.type === 'step-started' && look.verbose) {
        renderCommands(event, { ...look, width: Infinity }).forEach(line);
      } else if (isDue(event, due)) line(printable(`${event.host}: ${describeEvent(event)}`));
    },
    task: (event) => {
      if (event.state !== 'progress' || due(event.task, event.fraction)) {
        line(printable(describeTask(event)));
      }
    },
    say: (text) => {
      // A drawing or a heading would lose its shape behind the time.
      endsWithBlock = false;
      if (text.includes('\n')) write(`${printableLines(text).join('\n')}\n`);
      else line(printable(text));
    },
    plan: (plan) => block(renderPlan(plan, look, told)),
    table: (table) => block(renderTable(table, look)),
    diagnosis: (report) => block(renderDiagnosis(report, look)),
    ask: async (question) => await question(),
    stop: () => Promise.resolve(),
  };
}

type Throttle = (key: string, fraction: number | undefined) => boolean;

/** Progress is worth a line after another tenth, or when ten seconds have gone by without one. */
function createThrottle(now: () => number): Throttle {
  const last = new Map<string, { readonly tenth: number; readonly at: number }>();
  return (key, fraction) => {
    const current = { tenth: Math.floor((fraction ?? 0) * 10), at: now() };
    const before = last.get(key);
    const isDue =
      before === undefined
        ? fraction === undefined || current.tenth > 0
        : // Less than before: something new of the same name has begun.
          current.tenth !== before.tenth || current.at - before.at >= 10_000;
    if (isDue || before === undefined) last.set(key, current);
    return isDue;
  };
}

function isDue(event: EngineEvent, due: Throttle): boolean {
  if (event.type !== 'step-progress') return true;
  return due(JSON.stringify([event.host, event.step]), event.done / event.total);
}

function describeTask({ task, state, text, fraction, milliseconds }: TaskEvent): string {
  const how = {
    started: 'started',
    progress: fraction === undefined ? '' : percentage(fraction),
    finished: milliseconds === undefined ? 'done' : `done in ${formatDuration(milliseconds)}`,
    failed: 'failed',
  }[state];
  return [task, how, text ?? ''].filter((part) => part !== '').join(': ');
}

/** The whole error: in a log, what stood above it is far away. */
function failureLines(
  { host, error }: EngineEvent & { readonly type: 'host-failed' },
  look: Look,
): readonly string[] {
  return renderError(error, { ...look, width: Infinity }, host)
    .trimEnd()
    .split('\n')
    .map((line, i) => (i === 0 ? line : `${printable(host)}: ${line}`));
}

/** '01:12': always of one width, so that the lines stand under each other. */
function minutesAndSeconds(milliseconds: number): string {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
  const pair = (number: number): string => String(number).padStart(2, '0');
  return `${pair(Math.floor(seconds / 60))}:${pair(seconds % 60)}`;
}
