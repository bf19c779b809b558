import { type Diagnosis } from '../../../src/diagnose/diagnosis.ts';
import { expectExit, lvslab } from '../../support/lvslab.ts';

/** What `lvslab diagnose` came to. */
export interface Named {
  readonly exitCode: number | null;
  readonly verdict: string;
  /** Each once, sorted. */
  readonly ids: readonly string[];
  /** All that it printed, to be shown where it is not what was expected. */
  readonly output: string;
}

/** The real program against one embedded lab. */
export class LabProgram {
  readonly #inventory: string;

  constructor(inventory: string) {
    this.#inventory = inventory;
  }

  /** Runs a command that has to succeed. */
  async run(command: string, ...args: readonly string[]): Promise<void> {
    expectExit(await lvslab(command, ...args, '-i', this.#inventory), 0);
  }

  async diagnose(...args: readonly string[]): Promise<Named> {
    const command = ['diagnose', '--json', '-i', this.#inventory, ...args];
    const { exitCode, stdout, stderr } = await lvslab(...command);
    const events = stdout
      .split('\n')
      .filter((line) => line.includes('"type":"diagnosis"'))
      .map((line) => JSON.parse(line) as Diagnosis);
    const ids = events.flatMap(({ causes }) => causes.map(({ id }) => id));
    return {
      exitCode,
      verdict: events[0]?.verdict ?? 'none',
      ids: [...new Set(ids)].toSorted(),
      output: `${stdout}${stderr}`.slice(-6000),
    };
  }
}
