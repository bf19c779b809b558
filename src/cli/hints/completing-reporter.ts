import { type DiagnosisReport } from '../../diagnose/report.ts';
import { type LvslabError } from '../../engine/model/failures/errors.ts';
import { type EngineEvent } from '../../engine/model/events.ts';
import { type Plan } from '../../engine/model/plan.ts';
import { type Table } from '../../reporters/render/render-table.ts';
import { type Reporter } from '../../reporters/reporter.ts';
import { type Invocation } from './invocation.ts';

/** A reporter whose reader finds every command of lvslab as it can be typed. */
export function completingReporter(reporter: Reporter, invocation: Invocation): Reporter {
  const { complete } = invocation;
  return {
    event: (event) => {
      reporter.event(completedEvent(event, invocation));
    },
    task: (event) => {
      reporter.task(event);
    },
    say: (text) => {
      reporter.say(complete(text));
    },
    plan: (plan) => reporter.plan(completedPlan(plan, invocation)),
    table: (table) => reporter.table(completedTable(table, invocation)),
    diagnosis: (report) => reporter.diagnosis(completedDiagnosis(report, invocation)),
    ask: (question) => reporter.ask(question),
    stop: () => reporter.stop(),
  };
}

/** The error with a hint that can be typed; everything else of it, its class too, stays what it is. */
export function withTypableHint(
  error: LvslabError,
  { complete }: Invocation,
  host: string | undefined = error.host,
): LvslabError {
  if (error.hint === undefined) return error;
  const hint = complete(error.hint, host);
  return Object.create(error, { hint: { value: hint, enumerable: true } }) as LvslabError;
}

function completedEvent(event: EngineEvent, invocation: Invocation): EngineEvent {
  if (event.type === 'host-failed') {
    return { ...event, error: withTypableHint(event.error, invocation, event.host) };
  }
  if (event.type !== 'notice') return event;
  return { ...event, text: invocation.complete(event.text, event.host) };
}

function completedPlan(plan: Plan, invocation: Invocation): Plan {
  const failures = plan.failures.map(({ host, error }) => {
    return { host, error: withTypableHint(error, invocation, host) };
  });
  return { ...plan, failures };
}

function completedDiagnosis(report: DiagnosisReport, { complete }: Invocation): DiagnosisReport {
  return {
    ...report,
    next: complete(report.next),
    causes: report.causes.map((cause) =>
      cause.byLvslab === undefined ? cause : { ...cause, byLvslab: complete(cause.byLvslab) },
    ),
  };
}

function completedTable(table: Table, { complete }: Invocation): Table {
  const { rows, verdict } = table;
  return {
    ...table,
    rows: rows.map((row) =>
      row.map((cell) => {
        if (typeof cell === 'string') return complete(cell);
        if (typeof cell === 'number' || cell.text === undefined) return cell;
        return { ...cell, text: complete(cell.text) };
      }),
    ),
    ...(verdict !== undefined && { verdict: { ...verdict, text: complete(verdict.text) } }),
  };
}
