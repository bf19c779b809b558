import { type DiagnosisReport } from '../diagnose/report.ts';
import { type EngineEvent, type TaskEvent } from '../engine/model/events.ts';
import { type Plan } from '../engine/model/plan.ts';
import { type Table } from './render/render-table.ts';

/** Shows one person, or one program, what happens. Events may come at any time and never wait; nothing here throws. */
export interface Reporter {
  event(event: EngineEvent): void;
  task(event: TaskEvent): void;
  /** A sentence, or several lines as they stand, of lvslab itself, about no host and no task. */
  say(text: string): void;
  /** Resolves when the plan stands there and, unless a task still runs, the terminal is free for a question. */
  plan(plan: Plan): Promise<void>;
  /** Resolves when the table stands there, as `plan` does. */
  table(table: Table): Promise<void>;
  /** Resolves when the diagnosis stands there, as `plan` does. */
  diagnosis(report: DiagnosisReport): Promise<void>;
  /** Asks the person something, with the terminal free for it; what happens meanwhile is shown afterwards. */
  ask<T>(question: () => Promise<T>): Promise<T>;
  /** Ends the display and gives the terminal back, whatever was going on; what comes later is not shown. */
  stop(): Promise<void>;
}
