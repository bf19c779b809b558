import { fileURLToPath } from 'node:url';
import { type Contestant, interleaved, keptRun, type Tell } from '../measure/interleaved.ts';
import { type Measurement } from '../measure/result.ts';
import { runMeasured } from '../measure/run-measured.ts';

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
    'lvslab --help': [PROGRAM, '--help'],
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
  return await interleaved(contestants, { repeats, tell });
}
