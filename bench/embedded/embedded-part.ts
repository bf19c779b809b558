import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { labNamed } from '../../src/embedded/embedded-lab.ts';
import { writeRecord } from '../../src/embedded/lab/lab-record.ts';
import { type Contestant, interleaved, keptRun, type Tell } from '../measure/interleaved.ts';
import { type Measurement, type Run } from '../measure/result.ts';
import { countWarnings, type MeasuredRun, runMeasured } from '../measure/run-measured.ts';
import { spansOf } from '../measure/spans.ts';
import { PROGRAM } from '../two/bench-lab.ts';
import { EMBEDDED, embeddedRuns } from './embedded-runs.ts';
import { OwnCache } from './own-cache.ts';

/** Begins and ends with no lab; what is between the two times is what counts. */
const UP_AND_DOWN = `name=$1; shift
date +%s%3N; "$@" lab up -n "$name" --json; ended=$?; date +%s%3N
"$@" lab down -n "$name" && exit "$ended"`;

const eventSchema = z.object({ task: z.string(), state: z.string(), milliseconds: z.number() });

/** How long the embedded lab takes: its image, its boot, and the whole demo. */
export async function measureEmbedded({
  name,
  repeats,
  tell,
}: {
  readonly name: string;
  readonly repeats: number;
  readonly tell: Tell;
}): Promise<readonly Measurement[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lvslab-bench-'));
  const [program = '', ...words] = PROGRAM;
  const lab = (...args: readonly string[]): Promise<unknown> =>
    promisify(execFile)(program, [...words, 'lab', ...args, '-n', name], { maxBuffer: 2 ** 26 });
  const upAndDown = ['sh', '-c', UP_AND_DOWN, 'sh', name, ...PROGRAM];
  const demo = [...PROGRAM, 'demo', '--down', '--json', '-n', name];
  const inFolder = { XDG_CACHE_HOME: folder };
  const embedded = { task: EMBEDDED, hosts: 4, delayMs: 0 };
  const contestants: readonly Contestant[] = [
    {
      ...{ ...embedded, by: embeddedRuns.image },
      once: () => withOwnCache((cache) => imageRun(cache.words(upAndDown))),
    },
    {
      ...{ ...embedded, by: embeddedRuns.boot },
      once: () => bootRun(upAndDown),
    },
    {
      ...{ ...embedded, by: embeddedRuns.containers },
      once: async () => {
        const reasons = ['only its boot is measured'];
        await writeRecord(labNamed(name), { flavour: 'debian', director: 'container', reasons });
        return await bootRun(upAndDown);
      },
    },
    {
      ...{ ...embedded, by: embeddedRuns.firstDemo },
      once: () =>
        withOwnCache(async (cache) => {
          await rm(path.join(folder, 'lvslab'), { recursive: true, force: true });
          return await demoRun(cache.words(demo), inFolder);
        }),
    },
    {
      ...{ ...embedded, by: embeddedRuns.nextDemo },
      once: () => demoRun(demo, inFolder),
    },
  ];
  try {
    tell('making sure that the image and the packages are there');
    await lab('down');
    await lab('up');
    await lab('down');
    return await interleaved(contestants, { repeats, warmUp: false, tell });
  } finally {
    await lab('down');
    await rm(folder, { recursive: true, force: true });
  }
}

async function withOwnCache(work: (cache: OwnCache) => Promise<Run>): Promise<Run> {
  const cache = await OwnCache.make();
  try {
    return await work(cache);
  } finally {
    await cache.remove();
  }
}

/** The making of the image alone, as `lab up` itself tells. */
async function imageRun(argv: readonly string[]): Promise<Run> {
  const run = await runMeasured({ argv });
  const made = run.stdout
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [eventSchema.safeParse(JSON.parse(line))] : []))
    .find(({ data }) => data?.task.startsWith('image') === true && data.state === 'finished');
  return kept(run, made?.data?.milliseconds);
}

async function bootRun(argv: readonly string[]): Promise<Run> {
  const run = await runMeasured({ argv });
  const [began, ended] = run.stdout.split('\n').filter((line) => /^\d+$/.test(line));
  return kept(run, began === undefined || ended === undefined ? undefined : +ended - +began);
}

async function demoRun(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Run> {
  const run = await runMeasured({ argv, env });
  return kept(run, run.wallMs);
}

/** A run of which only a part counts; without that part it has failed. */
function kept(run: MeasuredRun, part: number | undefined): Run {
  const { wallMs, cpuMs, peakKiB, status } = run;
  const failures = status === 0 && part !== undefined ? 0 : 1;
  const warnings = countWarnings(run);
  return keptRun({
    wallMs: part ?? wallMs,
    cpuMs,
    peakKiB,
    failures,
    warnings,
    spans: spansOf(run.stdout),
  });
}
