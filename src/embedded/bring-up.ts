import { existsSync } from 'node:fs';

import { CancelledError } from '../engine/model/failures/errors.ts';
import { isPopulated, killCgroup, makeCgroup } from './machine/cgroups.ts';
import { chosenFor, type LabRequest, requireFitting } from './choose-lab.ts';
import { hostFolder, labCgroup, type LabIdentity } from './embedded-lab.ts';
import { hostFiles } from './hosts/host-files.ts';
import { foreignNetworkFiles } from './images/foreign/foreign-network.ts';
import { flavourOf, recipeOf } from './images/recipes/recipes.ts';
import { type ReportLabEvent, type RunStep, stepsReportedTo, type Tell } from './lab/lab-event.ts';
import { hostsOfLab, type LabHostSpec } from './lab/lab-hosts.ts';
import { withLabLock } from './lab/lab-lock.ts';
import { defaultMode } from './lab/lab-modes.ts';
import { type LabParts, labParts } from './lab/lab-parts.ts';
import { isVirtualMachine, type LabRecord, readRecord, writeRecord } from './lab/lab-record.ts';
import { makeKeys } from './lab/lab-ssh.ts';
import { answerLimit, hostState } from './lab/lab-status.ts';
import { launch } from './hosts/launch.ts';
import { prepareContainer, prepareVirtualMachine } from './hosts/prepare-host.ts';
import { requireRootAndTools } from './machine/system-packages.ts';
import { virtualMachineFiles } from './hosts/virtual-machine-files.ts';
import { waitForHost } from './readiness/wait-for-host.ts';
import { makeBridges } from './lab/wires.ts';

export interface BringUpOptions extends LabIdentity, LabRequest {
  /** A mirror of Debian that packages are taken from; not set: this machine's, else the first of a list that answers. */
  readonly mirror?: string | undefined;
  readonly report: ReportLabEvent;
  /** Called right before and after everything that changes what there is of the lab; for tests that stop it there. */
  readonly onTransition?: ((transition: string) => void) | undefined;
}

/** A lab whose hosts have booted. */
export interface RunningLab extends LabIdentity {
  readonly record: LabRecord;
  /** The release tarball of nginx for the real servers, on this machine. */
  readonly nginxTarball: string;
}

/**
 * Brings the lab up: makes what is missing of it, starts what does not run, and leaves alone what does. Resolves when
 * all hosts have booted and let us in over SSH.
 * @throws MissingOnControllerError, EmbeddedLabError, TimeoutError, CancelledError
 */
export async function bringUp(options: BringUpOptions): Promise<RunningLab> {
  requireRootAndTools();
  const { name, paths, signal } = options;
  const lab = { name, paths };
  try {
    return await withLabLock({ ...lab, signal }, () => bringUpLocked(lab, options));
  } catch (error) {
    throw signal?.aborted === true ? stopped(error) : error;
  }
}

async function bringUpLocked(lab: LabIdentity, options: BringUpOptions): Promise<RunningLab> {
  const { report } = options;
  const run = stepsReportedTo(report, options.onTransition);
  const record = await establish(lab, options, run);
  report({
    type: 'choice',
    about: record.realServersIn === 'vm' ? 'director and real servers' : 'director',
    chosen:
      record.accelerator === undefined
        ? record.director
        : `${record.director}, ${record.accelerator}`,
    reason: record.reasons.join('; '),
  });
  const failure = new AbortController();
  const signal = AbortSignal.any([failure.signal, ...(options.signal ? [options.signal] : [])]);
  const parts = labParts(lab, { record, run, signal, mirror: options.mirror });
  const tarball = parts.nginxTarball();
  const hosts = hostsOfLab(record.realServers).map((host) =>
    provideHost({ lab, host, record, parts, run, report, signal }),
  );
  try {
    await allOrAbort([tarball, ...hosts], failure);
  } finally {
    await parts.close();
  }
  return { ...lab, record, nginxTarball: await tarball };
}

function stopped(cause: unknown): CancelledError {
  return new CancelledError('bringing the lab up was stopped', {
    step: 'embedded lab',
    cause,
    hint: `Go on with \`lvslab lab up\`, or take it down with \`lvslab lab down\`.`,
  });
}

/** Waits for all; the first failure aborts the others and is thrown once they have ended. */
async function allOrAbort(
  work: readonly Promise<unknown>[],
  failure: AbortController,
): Promise<void> {
  for (const part of work) {
    part.catch((error: unknown) => {
      failure.abort(error);
    });
  }
  await Promise.allSettled(work);
  failure.signal.throwIfAborted();
}

/** What the lab as a whole needs before any host: its record, its keys and its networks. */
async function establish(
  lab: LabIdentity,
  options: BringUpOptions,
  run: RunStep,
): Promise<LabRecord> {
  const { mode: wantedMode, signal } = options;
  const found = await readRecord(lab);
  const mode = wantedMode ?? found?.mode ?? defaultMode;
  if (found !== undefined) {
    await requireFitting(lab, found, { ...options, mode });
  }
  const isNew = found === undefined || (found.mode ?? defaultMode) !== mode;
  const record: LabRecord = isNew
    ? await run({ step: 'plan' }, async () => {
        // Its hosts stay, so a lab that is there may get another one.
        const made = { ...(found ?? (await chosenFor(lab, { ...options, mode }))), mode };
        await writeRecord(lab, made);
        return made;
      })
    : { ...found, mode };
  await run({ step: 'control groups' }, async () => {
    // What a lvslab that was killed had started must not go on beside what we start now.
    await killCgroup(labCgroup(lab, 'work'), signal);
    for (const part of ['work', 'probes'] as const) await makeCgroup(labCgroup(lab, part));
  });
  const hosts = hostsOfLab(record.realServers);
  await run({ step: 'keys' }, () => makeKeys(lab, { hosts, signal }));
  await run({ step: 'networks' }, () => makeBridges(lab, { mode: record.mode, signal }));
  return record;
}

interface HostWork {
  readonly lab: LabIdentity;
  readonly host: LabHostSpec;
  readonly record: LabRecord;
  readonly parts: LabParts;
  readonly run: RunStep;
  readonly report: ReportLabEvent;
  readonly signal: AbortSignal;
}

async function provideHost(work: HostWork): Promise<void> {
  const { lab, host, run, signal } = work;
  const subject = { host: host.name };
  if ((await isPopulated(labCgroup(lab, host.name))) && (await adopt(work))) return;
  if (!existsSync(hostFolder(lab, host.name))) await prepare(work);
  await run({ step: 'start', ...subject }, () => launch(lab, host.name, signal));
  await run({ step: 'boot', ...subject }, (tell) => untilBooted(work, tell));
}

/**
 * Takes a host that runs already. One that boots, or is only slow, is waited for: a new start would cost it what it
 * holds in memory. Resolves to false where it does nothing and does not answer.
 */
async function adopt(work: HostWork): Promise<boolean> {
  const { lab, host, run, signal } = work;
  return await run({ step: 'boot', host: host.name }, async (tell) => {
    const limitMs = await answerLimit(signal);
    const { state } = await hostState(lab, { host, limitMs, signal });
    if (state === 'starting' || state === 'slow') {
      await untilBooted(work, tell);
      tell.note('was booting already');
      return true;
    }
    tell.note(state === 'up' ? 'was running already' : 'does not answer, and is started anew');
    return state === 'up';
  });
}

async function untilBooted(
  { lab, host, record, report, signal }: HostWork,
  tell: Tell,
): Promise<void> {
  const onStage = (stage: string): void => {
    tell.progress(stage);
  };
  const failed = await waitForHost(lab, { host, record, signal, onStage });
  if (failed.length === 0) return;
  report({ type: 'warning', host: host.name, text: `units that failed: ${failed.join(', ')}` });
}

async function prepare({ lab, host, record, parts, run, signal }: HostWork): Promise<void> {
  const network =
    record.image === undefined
      ? recipeOf(flavourOf(record)).hostFiles(host)
      : foreignNetworkFiles(await parts.image(), host);
  const files = await hostFiles(lab, { host, all: hostsOfLab(record.realServers), network });
  const { accelerator } = record;
  const subject = { step: 'disk', host: host.name };
  if (isVirtualMachine(record, host) && accelerator !== undefined) {
    const [kernel, disk] = await Promise.all([parts.kernel(), parts.disk()]);
    const own = { host, files: [...files, ...virtualMachineFiles(host)] };
    const vm = { kernel, disk, accelerator };
    await run(subject, () => prepareVirtualMachine(lab, { ...own, vm, signal }));
  } else {
    const image = await parts.image();
    await run(subject, () => prepareContainer(lab, { host, files, image }));
  }
}
