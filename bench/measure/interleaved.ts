import { type Measurement, type Run } from './result.ts';

/** One way to do a task, which can be done again and again. */
export interface Contestant extends Omit<Measurement, 'runs'> {
  /** Does it once; without it, `missing` says why it can't. */
  readonly once?: () => Promise<Run>;
}

/** Says what is being measured. */
export type Tell = (text: string) => void;

/** Lets all do their task in turn, so that a noisy machine is noisy for each of them; once more at first where `warmUp` says so. */
export async function interleaved(
  contestants: readonly Contestant[],
  {
    repeats,
    warmUp = true,
    tell,
  }: { readonly repeats: number; readonly warmUp?: boolean; readonly tell: Tell },
): Promise<readonly Measurement[]> {
  const measured = contestants.map(({ once, ...rest }) => ({ once, rest, runs: [] as Run[] }));
  for (let round = warmUp ? -1 : 0; round < repeats; round += 1) {
    for (const { once, rest, runs } of measured) {
      if (once === undefined) continue;
      const run = await once();
      if (round >= 0) runs.push(run);
      const wall = (run.wallMs / 1000).toFixed(2);
      const what = `${rest.task}, ${rest.hosts} hosts, ${rest.delayMs} ms, ${rest.by}`;
      const failed = run.failures === 0 ? '' : `, ${run.failures} failed`;
      tell(`${round < 0 ? 'warm-up' : `run ${round + 1}`}: ${what}: ${wall} s${failed}`);
    }
  }
  return measured.map(({ rest, runs }) => ({ ...rest, runs }));
}

/** A run as it is kept: no more digits than the clock is good for. */
export function keptRun({ wallMs, cpuMs, hostCpuMs, ...run }: Run): Run {
  const hosts = Object.entries(hostCpuMs ?? {}).map(([kind, ms]) => [kind, tenths(ms)] as const);
  return {
    ...run,
    wallMs: tenths(wallMs),
    cpuMs: tenths(cpuMs),
    ...(hosts.length > 0 && { hostCpuMs: Object.fromEntries(hosts) }),
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
