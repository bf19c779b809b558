import { type DiagnosisReport } from '../../diagnose/report.ts';
import { type EngineEvent, type TaskEvent } from '../../engine/model/events.ts';
import { type Plan } from '../../engine/model/plan.ts';
import { displayWidth, wrap } from '../text/fit-text.ts';
import { openScreen, type Screen, type ScreenRow } from './listr-screen.ts';
import {
  type LiveRow,
  type RowState,
  renderRow,
  rowAfterEvent,
  rowAfterTask,
  withoutError,
} from './live-row.ts';
import { createPalette } from '../text/palette.ts';
import { printable, printableLines } from '../text/printable-text.ts';
import { renderCommands } from '../render/render-commands.ts';
import { renderDiagnosis } from '../render/render-diagnosis.ts';
import { renderError } from '../render/render-error.ts';
import { renderPlan } from '../render/render-plan.ts';
import { renderTable, type Table } from '../render/render-table.ts';
import { type Look } from '../text/look.ts';
import { type Reporter } from '../reporter.ts';

interface TerminalReporterOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly color: boolean;
  readonly verbose: boolean;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/** For a person at a terminal: one live line for each host and task, plans and tables between them. */
export function createTerminalReporter(options: TerminalReporterOptions): Reporter {
  return new TerminalReporter(options);
}

/** Labels wider than this are cut, so that there is room for what goes on. */
const MAX_LABEL = 28;

class TerminalReporter implements Reporter {
  readonly #options: TerminalReporterOptions;
  readonly #rows = new Map<string, LiveRow>();
  readonly #sayings: string[] = [];
  readonly #jobs: (() => void | Promise<void>)[] = [];
  #isBusy = false;
  #isStopped = false;
  #endsWithBlock = false;
  #screen: Screen | undefined;

  constructor(options: TerminalReporterOptions) {
    this.#options = options;
  }

  event(event: EngineEvent): void {
    if (event.type === 'step-started' && this.#options.verbose) {
      this.#enqueue(() => this.#printCommands(event));
    }
    this.#update(`host ${event.host}`, (row, now) => rowAfterEvent(row, event, now));
  }

  task(event: TaskEvent): void {
    this.#update(`task ${event.task}`, (row, now) => rowAfterTask(row, event, now));
  }

  /** Stands above what comes next; while something runs, below it. */
  say(text: string): void {
    this.#enqueue(() => {
      if (!this.#isRunning())
        return this.#print(() => wrapLines(text, this.#look().width).join('\n'));
      this.#sayings.push(text);
      return undefined;
    });
  }

  async plan(plan: Plan): Promise<void> {
    await this.#enqueued(async () => {
      this.#leaveErrorsToPlan(plan);
      await this.#printBlock(() => renderPlan(plan, this.#look()));
    });
  }

  async table(table: Table): Promise<void> {
    await this.#enqueued(() => this.#printBlock(() => renderTable(table, this.#look())));
  }

  async diagnosis(report: DiagnosisReport): Promise<void> {
    await this.#enqueued(() => this.#printBlock(() => renderDiagnosis(report, this.#look())));
  }

  async ask<T>(question: () => Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      this.#enqueue(async () => {
        await this.#closeScreen(['running', 'waiting']);
        this.#endsWithBlock = false;
        await question().then(resolve, reject);
        if (this.#isRunning() && !this.#isStopped) this.#openScreen();
      });
    });
  }

  async stop(): Promise<void> {
    await this.#enqueued(async () => {
      this.#isStopped = true;
      for (const [id, row] of this.#rows) {
        if (row.state === 'running') {
          this.#rows.set(id, { ...row, state: 'skipped', text: `stopped: ${row.text}` });
        }
      }
      await this.#closeScreen();
    });
  }

  #update(id: string, change: (row: LiveRow | undefined, now: number) => LiveRow): void {
    const now = this.#options.now();
    this.#enqueue(() => {
      if (this.#isStopped) return;
      this.#rows.set(id, change(this.#rows.get(id), now));
      this.#openScreen();
    });
  }

  /** Runs the job at once, or after those that still wait for the terminal: everything is shown in its order. */
  #enqueue(job: () => void | Promise<void>): void {
    this.#jobs.push(job);
    if (!this.#isBusy) void this.#work();
  }

  async #enqueued(job: () => Promise<void>): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      // A job that throws at once rejects like one that throws later.
      const started = async (): Promise<void> => {
        await job();
      };
      this.#enqueue(() => started().then(resolve, reject));
    });
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      try {
        const done = job();
        if (done !== undefined) await done;
      } catch (error) {
        // What can't be shown must not keep anything else from being shown, nor end what goes on.
        this.#tellBroken(error);
      }
    }
    this.#isBusy = false;
  }

  #tellBroken(error: unknown): void {
    this.#options.stderr.write(renderError(error, this.#look()));
  }

  #isRunning(): boolean {
    return [...this.#rows.values()].some(({ state }) => state === 'running');
  }

  async #print(render: () => string): Promise<void> {
    await this.#closeScreen();
    this.#endsWithBlock = false;
    this.#options.stdout.write(`${render()}\n`);
    if (this.#isRunning()) this.#openScreen();
  }

  /** They stand below, near the question and the verdict. */
  #leaveErrorsToPlan({ failures }: Plan): void {
    for (const { host } of failures) {
      const id = `host ${host}`;
      const row = this.#rows.get(id);
      if (row !== undefined) this.#rows.set(id, withoutError(row));
    }
  }

  /** With an empty line before it and one after it; there is only one between two blocks. */
  async #printBlock(render: () => string): Promise<void> {
    const isFirst = this.#screen !== undefined || !this.#endsWithBlock;
    await this.#print(() => (isFirst ? '\n' : '') + render());
    this.#endsWithBlock = true;
  }

  /** Between the rows of hosts that have more to do; none of them has come to an end because of it. */
  async #printCommands(event: EngineEvent & { readonly type: 'step-started' }): Promise<void> {
    await this.#closeScreen(['running', 'waiting']);
    this.#options.stdout.write(`${renderCommands(event, this.#look()).join('\n')}\n`);
    this.#openScreen();
  }

  #openScreen(): void {
    this.#screen ??= openScreen({
      ...this.#options,
      onTick: () => {
        this.#refresh();
      },
    });
  }

  /** What has come to an end stays on the terminal; what still goes on moves to the next live area. */
  async #closeScreen(goesOn: readonly RowState[] = ['running']): Promise<void> {
    const isOver = ({ state }: LiveRow): boolean => !goesOn.includes(state);
    const rows = this.#rows;
    await this.#screen?.close((id) => {
      const row = rows.get(id);
      return row === undefined || isOver(row);
    });
    this.#screen = undefined;
    for (const [id, row] of rows) if (isOver(row)) rows.delete(id);
    this.#sayings.length = 0;
  }

  #refresh(): void {
    const rows = [...this.#rows];
    const labels = rows.map(([, { label }]) => displayWidth(printable(label)));
    const labelWidth = Math.min(MAX_LABEL, Math.max(0, ...labels));
    this.#screen?.show([
      ...rows.map(([id, row]) => this.#screenRow(id, row, labelWidth)),
      ...this.#sayings.map((text, i) => this.#sayingRow(text, i)),
    ]);
  }

  #sayingRow(text: string, i: number): ScreenRow {
    return { id: `saying ${i}`, state: 'waiting', lines: wrapLines(text, this.#rowWidth()) };
  }

  #screenRow(id: string, row: LiveRow, labelWidth: number): ScreenRow {
    const width = this.#rowWidth();
    const palette = createPalette(this.#options.color);
    const line = renderRow(row, { width, labelWidth, now: this.#options.now(), palette });
    const notes = row.notes.flatMap((note) => wrapLines(note, width)).map(palette.yellow);
    const failure =
      row.error === undefined
        ? []
        : renderError(row.error, { ...this.#look(), width }, row.label)
            .trimEnd()
            .split('\n');
    return { id, state: row.state, lines: [line, ...notes, ...failure] };
  }

  /** Sign and space in front, and two columns that listr2 keeps free; lines under a row are indented as much. */
  #rowWidth(): number {
    return this.#look().width - 4;
  }

  #look(): Look {
    const { stdout, color, verbose } = this.#options;
    return { width: stdout.columns || 80, color, verbose };
  }
}

function wrapLines(text: string, width: number): readonly string[] {
  return printableLines(text).flatMap((line) => wrap(line, width));
}
