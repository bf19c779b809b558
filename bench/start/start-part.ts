import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Contestant, interleaved, keptRun, type Tell } from '../measure/interleaved.ts';
import { processorProfile } from '../measure/processor-profile.ts';
import { type Measurement } from '../measure/result.ts';
import { runMeasured } from '../measure/run-measured.ts';

const HELP = 'lvslab --help';
const PROGRAM = fileURLToPath(new URL('../../bin/lvslab.js', import.meta.url));

/** How long the program takes to start, beside a Node that does nothing. */
export async function measureStart({
  repeats,
  tell,
}: {
  readonly repeats: number;
  readonly tell: Tell;
}): Promise<readonly Measurement[]> {
  const commands = {
    'node -e 0': ['-e', '0'],
    'lvslab --version': [PROGRAM, '--version'],
    [HELP]: [PROGRAM, '--help'],
  };
  const contestants = Object.entries(commands).map(([by, args]): Contestant => ({
    ...{ task: 'start', by, hosts: 0, delayMs: 0 },
    once: async () => {
      const { wallMs, cpuMs, peakKiB, status } = await runMeasured({
        argv: [process.execPath, ...args],
      });
      return keptRun({ wallMs, cpuMs, peakKiB, failures: status === 0 ? 0 : 1, warnings: 0 });
    },
  }));
  const measured = await interleaved(contestants, { repeats, tell });
  const uses = await profileOfHelp();
  return measured.map((one) => (one.by === HELP ? { ...one, uses } : one));
}

/** Where the time of one more --help goes, under a profiler. */
async function profileOfHelp(): Promise<Readonly<Record<string, number>>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lvslab-bench-'));
  try {
    return await processorProfile([process.execPath, PROGRAM, '--help'], { folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
