import {
  DefaultRenderer,
  Listr,
  ListrDefaultRendererLogLevels,
  ListrLogger,
  ListrTaskState,
  ProcessOutput,
  Spinner,
} from 'listr2';
import { type RowState } from './live-row.ts';

/** One line of the screen with the sign of its state in front, and lines under it. */
export interface ScreenRow {
  readonly id: string;
  readonly state: RowState;
  readonly lines: readonly string[];
}

/** A live area at the lower end of the terminal. */
export interface Screen {
  /** Shows these rows from now on; known ids keep their place. */
  show(rows: readonly ScreenRow[]): void;
  /** Frees the terminal; only the rows that are to be kept stay there. */
  close(isKept: (id: string) => boolean): Promise<void>;
}

type RowList = Listr<unknown, 'default', 'default'>;
type RowTask = RowList['tasks'][number];

/**
 * Opens a live area drawn by listr2. Its renderer draws listr2's task objects; here events move those objects from
 * state to state, where listr2 itself would run functions: what goes on happens elsewhere, and hosts come as they come.
 * While it is open, what others write to stdout and stderr is kept and printed below the rows at the end.
 */
export function openScreen({
  stdout,
  stderr,
  color,
  onTick,
}: {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly color: boolean;
  /** Called ten times a second before the screen is drawn, and before it is drawn for the last time. */
  readonly onTick: () => void;
}): Screen {
  return new ListrScreen({ stdout, stderr, color, onTick });
}

const STATES: Readonly<Record<RowState, ListrTaskState>> = {
  running: ListrTaskState.STARTED,
  waiting: ListrTaskState.WAITING,
  done: ListrTaskState.COMPLETED,
  skipped: ListrTaskState.SKIPPED,
  failed: ListrTaskState.FAILED,
};

class ListrScreen implements Screen {
  readonly #list: RowList;
  readonly #renderer: DefaultRenderer;
  readonly #tasks = new Map<string, RowTask>();
  readonly #opened: Promise<void>;
  readonly #onTick: () => void;

  constructor({ stdout, stderr, color, onTick }: Parameters<typeof openScreen>[0]) {
    this.#onTick = onTick;
    this.#list = new Listr([], {
      renderer: 'default',
      fallbackRenderer: 'default',
      registerSignalListeners: false,
      // One failed row says nothing about the others.
      exitOnError: false,
    });
    this.#renderer = new DefaultRenderer(
      this.#list.tasks,
      {
        logger: new ListrLogger({ processOutput: new LiveOutput(stdout, stderr) }),
        spinner: new Ticker(onTick),
        formatOutput: 'truncate',
        collapseErrors: false,
        collapseSkips: false,
        showErrorMessage: false,
        showSkipMessage: false,
        ...(color ? {} : { color: COLORLESS }),
      },
      this.#list.events,
    );
    this.#opened = this.#renderer.render().then(() => {
      // Also when the process is ended from elsewhere, the cursor must come back.
      process.once('exit', this.#endAtExit);
    });
  }

  show(rows: readonly ScreenRow[]): void {
    for (const { id, state, lines } of rows) {
      const task = this.#tasks.get(id) ?? this.#add(id);
      task.title = lines.join('\n');
      task.state = STATES[state];
    }
  }

  async close(isKept: (id: string) => boolean): Promise<void> {
    await this.#opened;
    this.#onTick();
    for (const [id, task] of this.#tasks) {
      if (!isKept(id)) this.#list.tasks.splice(this.#list.tasks.indexOf(task), 1);
    }
    this.#end();
  }

  readonly #endAtExit = (): void => {
    this.#onTick();
    this.#end();
  };

  #end(): void {
    process.off('exit', this.#endAtExit);
    this.#renderer.end();
  }

  #add(id: string): RowTask {
    this.#list.add({ title: id, task: () => undefined });
    const task = this.#list.tasks.at(-1);
    if (task === undefined) throw new TypeError('listr2 did not add the task');
    this.#tasks.set(id, task);
    // listr2 enables tasks a moment later, which is too late for a row that is shown at the very end.
    return Object.assign(task, { enabled: true });
  }
}

const COLORLESS = Object.fromEntries(
  Object.values(ListrDefaultRendererLogLevels).map((level) => [
    level,
    (text?: string) => text ?? '',
  ]),
);

/** listr2 copies the stream and with it the width of the terminal; this one follows when the window is resized. */
class LiveOutput extends ProcessOutput {
  readonly #live: NodeJS.WriteStream;

  constructor(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream) {
    super(stdout, stderr);
    const output = super.stdout;
    const write = output.write.bind(output);
    this.#live = Object.create(stdout, { write: { value: write } }) as NodeJS.WriteStream;
  }

  override get stdout(): NodeJS.WriteStream {
    return this.#live;
  }

  /** Nothing to leave standing is no empty line. */
  override toStdout(text: string, endLine?: boolean): boolean {
    return text === '' || super.toStdout(text, endLine);
  }
}

/** Turns the spinner, and lets the rows' times go on with it. */
class Ticker extends Spinner {
  readonly #onTick: () => void;

  constructor(onTick: () => void) {
    super();
    this.#onTick = onTick;
  }

  override start(draw?: () => void): void {
    super.start(() => {
      this.#onTick();
      draw?.();
    });
  }
}
