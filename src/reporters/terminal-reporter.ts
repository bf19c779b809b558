import { type RunEvent, type TaskEvent } from '../engine/events.ts';
import { type Plan } from '../engine/plan.ts';
import { displayWidth, wrap } from './fit-text.ts';
import { openScreen, type Screen, type ScreenRow } from './listr-screen.ts';
import { type LiveRow, renderRow, rowAfterEvent, rowAfterTask } from './live-row.ts';
import { createPalette } from './palette.ts';
import { printable, printableLines } from './printable-text.ts';
import { renderError } from './render-error.ts';
import { renderPlan } from './render-plan.ts';
import { renderTable, type Table } from './render-table.ts';
import { type Look, type Reporter } from './reporter.ts';

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

/** What the ids of rows that hold a sentence of lvslab begin with. */
const SAYING = 'saying ';

class TerminalReporter implements Reporter {
  readonly #options: TerminalReporterOptions;
  readonly #rows = new Map<string, LiveRow>();
  readonly #sayings: string[] = [];
  #screen: Screen | undefined;
  /** What has to be done before the terminal is free for the next print. */
  #pending: Promise<void> = Promise.resolve();
  #isClosing = false;
  #isStopped = false;

  constructor(options: TerminalReporterOptions) {
    this.#options = options;
  }

  event(event: RunEvent): void {
    this.#update(`host ${event.host}`, (row, now) => rowAfterEvent(row, event, now));
  }

  task(event: TaskEvent): void {
    this.#update(`task ${event.task}`, (row, now) => rowAfterTask(row, event, now));
  }

  /** Above what comes next; while something runs, below it. */
  say(text: string): void {
    if (this.#isRunning()) this.#sayings.push(text);
    else void this.#print(() => wrapLines(text, this.#look().width).join('\n'));
  }

  async plan(plan: Plan): Promise<void> {
    await this.#print(() => `\n${renderPlan(plan, this.#look())}`);
  }

  async table(table: Table): Promise<void> {
    await this.#print(() => `\n${renderTable(table, this.#look())}`);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#pending = this.#pending.then(async () => {
      for (const [id, row] of this.#rows) {
        if (row.state === 'running') {
          this.#rows.set(id, { ...row, state: 'skipped', text: `stopped: ${row.text}` });
        }
      }
      await this.#closeScreen();
    });
    await this.#pending;
  }

  #update(id: string, change: (row: LiveRow | undefined, now: number) => LiveRow): void {
    if (this.#isStopped) return;
    this.#rows.set(id, change(this.#rows.get(id), this.#options.now()));
    if (!this.#isClosing) this.#openScreen();
  }

  #isRunning(): boolean {
    return [...this.#rows.values()].some(({ state }) => state === 'running');
  }

  async #print(render: () => string): Promise<void> {
    this.#pending = this.#pending.then(async () => {
      await this.#closeScreen();
      this.#options.stdout.write(`${render()}\n`);
      if (this.#isRunning()) this.#openScreen();
    });
    await this.#pending;
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
  async #closeScreen(): Promise<void> {
    const rows = [...this.#rows].filter(([, { state }]) => state !== 'running');
    const ended = new Set(rows.map(([id]) => id));
    this.#isClosing = true;
    await this.#screen?.close((id) => ended.has(id) || id.startsWith(SAYING));
    this.#isClosing = false;
    this.#screen = undefined;
    for (const id of ended) this.#rows.delete(id);
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
    return { id: `${SAYING}${i}`, state: 'waiting', lines: wrapLines(text, this.#rowWidth()) };
  }

  #screenRow(id: string, row: LiveRow, labelWidth: number): ScreenRow {
    const width = this.#rowWidth();
    const palette = createPalette(this.#options.color);
    const line = renderRow(row, { width, labelWidth, now: this.#options.now(), palette });
    const notes = row.notes.flatMap((note) => wrapLines(note, width)).map(palette.yellow);
    const failure =
      row.error === undefined
        ? []
        : renderError(row.error, { ...this.#look(), width })
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
