// Measures lvslab beside others that do the same, keeps what it has measured in bench/results, and writes docs/performance.md
// from it. Each part ends by itself and removes what it made.
import { Argument, Command, Option, InvalidArgumentError } from 'commander';
import { measureEmbedded } from './embedded/embedded-part.ts';
import { measureFleet } from './fleet/fleet-part.ts';
import { type Tell } from './measure/interleaved.ts';
import { machine, versions } from './measure/machine.ts';
import { type Measurement, type Part } from './measure/result.ts';
import { withEarlier } from './measure/earlier.ts';
import { readResults, writeResult } from './measure/result-files.ts';
import { stopOnSignals, stopSignal } from './measure/stopping.ts';
import { writePage } from './report/write-page.ts';
import { measureStart } from './start/start-part.ts';
import { measureTwo, type TwoTask, twoTasks } from './two/two-part.ts';

interface Flags {
  readonly repeats?: number;
  readonly slowRepeats: number;
  readonly hosts: readonly number[];
  readonly task: readonly TwoTask[];
  readonly lab: string;
  readonly keepLab?: boolean;
}

const tell: Tell = (text) => {
  process.stderr.write(`${text}\n`);
};

const parts: Readonly<Record<Part, (flags: Flags) => Promise<readonly Measurement[]>>> = {
  start: ({ repeats = 15 }) => measureStart({ repeats, tell }),
  embedded: ({ slowRepeats, lab }) => measureEmbedded({ name: lab, repeats: slowRepeats, tell }),
  fleet: ({ repeats = 3, hosts }) => measureFleet({ sizes: hosts, repeats, tell }),
  two: ({ repeats = 5, slowRepeats, lab, task, keepLab = false }) =>
    measureTwo({ name: lab, repeats, slowRepeats, tasks: task, keep: keepLab, tell }),
};

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It has to be a whole number from 1 to 9999.');
}

const mostHosts = 1000;

function sizes(text: string): readonly number[] {
  const numbers = text.split(',').map(wholeNumber);
  if (numbers.every((size) => size <= mostHosts)) return numbers;
  throw new InvalidArgumentError(`There can be ${mostHosts} hosts at most.`);
}

async function bench(named: readonly (Part | 'page')[], flags: Flags): Promise<void> {
  const wanted = named.length === 0 ? (Object.keys(parts) as Part[]) : named;
  for (const part of wanted) {
    if (part === 'page') continue;
    const made = {
      date: new Date().toISOString().slice(0, 10),
      machine: machine(),
      versions: versions(),
    };
    const measurements = await parts[part](flags);
    await writeResult(
      withEarlier({ part, ...made, measurements: [...measurements] }, readResults()),
    );
    tell(`bench/results/${part}.json is written`);
  }
  for (const file of writePage(readResults())) tell(`${file} is written`);
}

stopOnSignals();
const program = new Command('npm run bench --')
  .description('measure lvslab beside others, and write docs/performance.md')
  .addArgument(
    new Argument(
      '[part...]',
      'what to measure; all of it unless told; page measures nothing',
    ).choices([...Object.keys(parts), 'page']),
  )
  .option('--repeats <number>', 'how often each is measured, one after the other', wholeNumber)
  .option('--hosts <numbers>', 'the sizes of the fleet', sizes, [10, 50, 200, 500])
  .addOption(
    new Option('--task <names...>', 'what is done with two hosts')
      .choices(twoTasks)
      .default(twoTasks),
  )
  .option('--slow-repeats <number>', 'how often what takes minutes is measured', wholeNumber, 3)
  .option('--lab <name>', 'the embedded lab that is brought up for it', 'lvbench')
  .option('--keep-lab', 'leave that lab up at the end')
  .action(bench);

try {
  await program.parseAsync();
} catch (error) {
  if (!stopSignal.aborted) throw error;
  tell('stopped');
  process.exitCode = 130;
}
