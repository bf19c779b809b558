import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Edit, nameOf, type NoticingTest, type Sabotage } from './sabotage.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

const COPIED = [
  'src',
  'test',
  'bin',
  'playbooks',
  'templates',
  'inventory',
  'package.json',
  'jest.config.js',
];

/** How a test ended; 'missing' where there is none of that name. */
export type TestEnd = 'passed' | 'failed' | 'missing';

const REPORT = z.object({
  testResults: z.array(
    z.object({
      message: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** The text with the one place that is looked for replaced. @throws Error where it isn't there exactly once. */
export function edited(text: string, { file, find, replace }: Edit): string {
  const [before = '', ...after] = text.split(find);
  if (after.length === 1) return `${before}${replace}${after[0] ?? ''}`;
  throw new Error(`${file} has ${after.length} times what is to be replaced: ${find}`);
}

/** A copy of the project in which things are made wrong; the project itself stays as it is. */
export class CopiedSources {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'lvslab-teeth-'));

  constructor() {
    for (const name of COPIED) {
      cpSync(path.join(project, name), path.join(this.#folder, name), { recursive: true });
    }
    symlinkSync(path.join(project, 'node_modules'), path.join(this.#folder, 'node_modules'));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** Runs tests on the sources as they are; resolves to how each ended, in their order, and what was printed. */
  async run(
    tests: readonly NoticingTest[],
  ): Promise<{ readonly ends: readonly TestEnd[]; readonly printed: string }> {
    const report = path.join(this.#folder, 'report.json');
    rmSync(report, { force: true });
    const names = tests.map((test) => nameOf(test).replaceAll(/[^\w ]/g, '.'));
    const child = spawn(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--no-warnings=ExperimentalWarning',
        'node_modules/jest/bin/jest.js',
        ...['--selectProjects', 'unit', 'integration', 'slow'],
        ...['--maxWorkers', '2', '--json', '--outputFile', report],
        ...['--testNamePattern', `(${names.join('|')})$`],
        ...['--runTestsByPath', ...new Set(tests.map(({ file }) => file))],
      ],
      { cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let printed = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => (printed += part));
    await once(child, 'close');
    const { testResults } = REPORT.parse(JSON.parse(readFileSync(report, 'utf8')));
    const results = testResults.flatMap(({ assertionResults }) => assertionResults);
    const ends = tests.map((test): TestEnd => {
      const ran = results.find(
        ({ fullName, status }) =>
          fullName.endsWith(nameOf(test)) && (status === 'passed' || status === 'failed'),
      );
      return ran === undefined ? 'missing' : ran.status === 'passed' ? 'passed' : 'failed';
    });
    return { ends, printed };
  }

  /** Runs the test that has to notice on sources with the mistake in them, which is then taken out again. */
  async runWith({
    edits,
    test,
  }: Sabotage): Promise<{ readonly end: TestEnd; readonly printed: string }> {
    const files = new Set(edits.map(({ file }) => path.join(this.#folder, file)));
    const originals = [...files].map((file) => [file, readFileSync(file, 'utf8')] as const);
    try {
      for (const edit of edits) {
        const file = path.join(this.#folder, edit.file);
        writeFileSync(file, edited(readFileSync(file, 'utf8'), edit));
      }
      const { ends, printed } = await this.run([test]);
      return { end: ends[0] ?? 'missing', printed };
    } finally {
      for (const [file, text] of originals) writeFileSync(file, text);
    }
  }
}
