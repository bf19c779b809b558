import { type LvslabError } from '../engine/model/failures/errors.ts';
import { type EngineEvent } from '../engine/model/events.ts';
import { type HostFailure, type Plan } from '../engine/model/plan.ts';
import { escaped } from './text/printable-text.ts';
import { causesOf, tailOf } from './render/render-error.ts';
import { type Reporter } from './reporter.ts';

/** For programs: one JSON object a line, each with its time and type; docs/events.md describes them. */
export function createJsonReporter({
  write,
  clock,
  verbose,
}: {
  readonly write: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** With the commands of each step. */
  readonly verbose: boolean;
}): Reporter {
  const line = (type: string, fields: object): void => {
    write(printLine(clock(), type, fields));
  };
  return {
    event: (event) => {
      line(event.type, fieldsOf(event, verbose));
    },
    task: (event) => {
      line('task', event);
    },
    say: (text) => {
      line('message', { text: text.trim() });
    },
    plan: (plan) => {
      line('plan', describePlan(plan));
      return Promise.resolve();
    },
    table: (table) => {
      line('table', table);
      return Promise.resolve();
    },
    diagnosis: (report) => {
      line('diagnosis', report);
      return Promise.resolve();
    },
    ask: async (question) => await question(),
    stop: () => Promise.resolve(),
  };
}

/** The line about an error that ends the whole command; `time` in milliseconds since 1970. */
export function jsonErrorLine(error: LvslabError, time: number): string {
  return printLine(time, 'error', { error: describeError(error) });
}

function printLine(time: number, type: string, fields: object): string {
  return `${escaped(JSON.stringify({ time: new Date(time).toISOString(), type, ...fields }))}\n`;
}

function fieldsOf(event: EngineEvent, verbose: boolean): object {
  if (event.type === 'host-failed') return { ...event, error: describeFailure(event) };
  if (event.type !== 'step-started') return event;
  const { commands, ...fields } = event;
  return verbose ? { ...fields, commands } : fields;
}

/** An error as data: what people are shown, without colours and line breaks of the screen. */
function describeError(error: LvslabError): object {
  const causes = causesOf(error);
  const output = tailOf(error, { verbose: true }).join('\n');
  return {
    code: error.code,
    message: error.message,
    ...(error.host === undefined ? {} : { host: error.host }),
    ...(error.step === undefined ? {} : { step: error.step }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(causes.length === 0 ? {} : { causes }),
    ...(output === '' ? {} : { output }),
    // By its shape, as in renderError: a playbook run from source may have loaded the class a second time.
    ...('conflicts' in error && { conflicts: error.conflicts }),
  };
}

function describeFailure({ host, error }: HostFailure): object {
  return { host, ...describeError(error) };
}

function describePlan({ hosts, failures }: Plan): object {
  return {
    hosts: hosts.map(({ host, plays, kept }) => ({
      host,
      ...(kept !== undefined && { kept }),
      plays: plays.map(({ play, steps, unchanged }) => ({
        play,
        unchanged,
        steps: steps.map(({ resource, from, to, changes }) => ({
          resource: resource.id,
          from: from.kind,
          to: to.kind,
          changes,
        })),
      })),
    })),
    failures: failures.map(describeFailure),
  };
}
