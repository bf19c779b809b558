/** Something that needs hosts for itself for a while. */
export interface Job {
  /** Each of these lists names hosts that would do; the first list of which all are free is taken. */
  readonly needs: readonly (readonly string[])[];
  readonly run: (hosts: readonly string[]) => Promise<void>;
}

/**
 * Runs the jobs side by side as far as the hosts that they need allow it, in their order otherwise.
 * @param onLast called, at least once, when the last one has begun.
 */
export async function runJobs(
  jobs: readonly Job[],
  hosts: readonly string[],
  onLast: () => void,
): Promise<void> {
  const free = new Set(hosts);
  const waiting = [...jobs];
  const running = new Set<Promise<void>>();
  while (waiting.length > 0 || running.size > 0) {
    if (waiting.length === 0) onLast();
    const [index, taken] = firstPossible(waiting, free);
    const job = index === undefined ? undefined : waiting.splice(index, 1)[0];
    if (job === undefined || taken === undefined) {
      if (running.size === 0) throw new Error('a job needs a host that there is not');
      await Promise.race(running);
      continue;
    }
    for (const host of taken) free.delete(host);
    const work = job.run(taken).finally(() => {
      for (const host of taken) free.add(host);
      running.delete(work);
    });
    running.add(work);
  }
  onLast();
}

function firstPossible(
  jobs: readonly Job[],
  free: ReadonlySet<string>,
): [number, readonly string[]] | [undefined, undefined] {
  // A job that needs several hosts is not overtaken by later ones that need one of them.
  const reserved = new Set<string>();
  for (const [index, { needs }] of jobs.entries()) {
    const available = needs.find((list) =>
      list.every((host) => free.has(host) && !reserved.has(host)),
    );
    if (available !== undefined) return [index, available];
    if (needs.length === 1) for (const host of needs[0] ?? []) reserved.add(host);
  }
  return [undefined, undefined];
}
