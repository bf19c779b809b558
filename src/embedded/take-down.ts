import { readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';

import { CancelledError } from '../engine/model/failures/errors.ts';
import { killCgroup, removeCgroup } from './machine/cgroups.ts';
import { labCgroup, type LabIdentity } from './embedded-lab.ts';
import { type ReportLabEvent, type RunStep, stepsReportedTo } from './lab/lab-event.ts';
import { withLabLock } from './lab/lab-lock.ts';
import { askProgram, removeTree } from './machine/programs.ts';

const NAMESPACES = '/run/netns';

/**
 * Removes everything of the lab but the cache: processes, control groups, namespaces with all their links, disks. Works
 * from the name alone, in whatever state the lab was left, and does nothing where there is no lab.
 * @throws EmbeddedLabError, CancelledError; what is left then, the next one removes.
 */
export async function takeDown(
  options: LabIdentity & {
    readonly report: ReportLabEvent;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { report, signal, ...lab } = options;
  const run = stepsReportedTo(report);
  await withLabLock({ ...lab, signal }, async () => {
    try {
      await removeAll(lab, run, signal);
    } catch (error) {
      throw error instanceof CancelledError ? stopped(error) : error;
    }
  });
}

async function removeAll(
  lab: LabIdentity,
  run: RunStep,
  signal: AbortSignal | undefined,
): Promise<void> {
  // First the processes: what is half done by them must not go on behind the rest.
  await run({ step: 'stop the hosts' }, () => killCgroup(labCgroup(lab), signal));
  await run({ step: 'remove the control groups' }, () => removeCgroup(labCgroup(lab), signal));
  await run({ step: 'remove the networks' }, () => removeNamespaces(lab, signal));
  await run({ step: 'remove the disks' }, async () => {
    await removeTree(lab.paths.state, { signal });
    await removeIfEmpty(path.dirname(lab.paths.state));
    // Made for nspawn on machines that don't run systemd.
    await removeIfEmpty('/run/systemd/nspawn');
  });
}

function stopped(cause: unknown): CancelledError {
  return new CancelledError('taking the lab down was stopped; part of it is left', {
    step: 'embedded lab',
    cause,
    hint: `Remove the rest with \`lvslab lab down\`.`,
  });
}

async function removeNamespaces(lab: LabIdentity, signal?: AbortSignal): Promise<void> {
  for (const namespace of await namespacesOf(lab)) {
    await askProgram(['ip', 'netns', 'del', namespace], { signal });
    // `ip netns add` that was killed halfway leaves a file that `del` refuses.
    await rm(path.join(NAMESPACES, namespace), { force: true });
  }
}

async function namespacesOf({ name }: LabIdentity): Promise<readonly string[]> {
  const all = await readdir(NAMESPACES).catch(() => []);
  return all.filter((namespace) => namespace === name || namespace.startsWith(`${name}-`));
}

async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'ENOTEMPTY', 'EBUSY'].includes(code)) throw error;
  });
}
