import { existsSync } from 'node:fs';

import { CancelledError, EmbeddedLabError } from '../engine/errors.ts';
import { isPopulated, makeCgroup } from './cgroups.ts';
import { chooseDirector } from './choose-director.ts';
import { hostFolder, labCgroup, type LabIdentity } from './embedded-lab.ts';
import { hostFiles } from './host-files.ts';
import { type Flavour } from './images/image-recipe.ts';
import { recipeOf } from './images/recipes.ts';
import { type ReportLabEvent, type RunStep, stepsReportedTo } from './lab-event.ts';
import { labHosts, type LabHostSpec } from './lab-hosts.ts';
import { withLabLock } from './lab-lock.ts';
import { type LabParts, labParts } from './lab-parts.ts';
import { type LabRecord, readRecord, writeRecord } from './lab-record.ts';
import { makeKeys } from './lab-ssh.ts';
import { launch } from './launch.ts';
import { prepareContainer, prepareVirtualMachine } from './prepare-host.ts';
import { requireRootAndTools } from './system-packages.ts';
import { virtualMachineFiles } from './virtual-machine-files.ts';
import { type Accelerator, probeVirtualization } from './virtualization.ts';
import { bootTimeoutMs, letsUsIn, waitForHost } from './wait-for-host.ts';
import { makeBridges } from './wires.ts';

export interface BringUpOptions extends LabIdentity {
  readonly flavour: Flavour;
  readonly accelerator: 'auto' | Accelerator;
  readonly report: ReportLabEvent;
  readonly signal?: AbortSignal | undefined;
  /** Called right before and after everything that changes what there is of the lab; for tests that stop it there. */
  readonly onTransition?: ((transition: string) => void) | undefined;
}

/** A lab whose four hosts have booted. */
export interface RunningLab extends LabIdentity {
  readonly record: LabRecord;
  /** The release tarball of nginx for the real servers, on this machine. */
  readonly nginxTarball: string;
}

/**
 * Brings the lab up: makes what is missing of it, starts what does not run, and leaves alone what does. Resolves when
 * all four hosts have booted and let us in over SSH.
 * @throws MissingOnControllerError, EmbeddedLabError, TimeoutError, CancelledError
 */
export async function bringUp(options: BringUpOptions): Promise<RunningLab> {
  requireRootAndTools();
  const { name, paths, flavour, report } = options;
  const lab = { name, paths };
  return withLabLock(lab, async () => {
    const run = stepsReportedTo(report, options.onTransition);
    const record = await establish(lab, options, run);
    report({
      type: 'choice',
      about: 'director',
      chosen:
        record.accelerator === undefined
          ? record.director
          : `${record.director}, ${record.accelerator}`,
      reason: record.reasons.join('; '),
    });
    const failure = new AbortController();
    const signal = AbortSignal.any([failure.signal, ...(options.signal ? [options.signal] : [])]);
    const parts = labParts(lab, { flavour, run, signal });
    const tarball = parts.nginxTarball();
    const hosts = labHosts.map((host) =>
      provideHost({ lab, host, record, parts, run, report, signal }),
    );
    try {
      await allOrAbort([tarball, ...hosts], failure);
    } catch (error) {
      if (options.signal?.aborted !== true) throw error;
      throw new CancelledError('bringing the lab up was stopped', {
        step: 'embedded lab',
        cause: error,
        hint: 'Bring it up with `lvslab lab up` to go on, or take it down with `lvslab lab down`.',
      });
    } finally {
      await parts.close();
    }
    return { ...lab, record, nginxTarball: await tarball };
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
  { flavour, accelerator }: BringUpOptions,
  run: RunStep,
): Promise<LabRecord> {
  const found = await readRecord(lab);
  if (found !== undefined && found.flavour !== flavour) {
    throw new EmbeddedLabError(`the lab ${lab.name} is up with the flavour ${found.flavour}`, {
      step: 'flavour',
      hint: 'Take it down first with `lvslab lab down`; a lab has one flavour.',
    });
  }
  const record =
    found ??
    (await run({ step: 'plan' }, async () => {
      const chosen = chooseDirector(await probeVirtualization(lab.paths.cache), accelerator);
      await writeRecord(lab, { flavour, ...chosen });
      return { flavour, ...chosen };
    }));
  await run({ step: 'control groups' }, () => makeCgroup(labCgroup(lab, 'work')));
  await run({ step: 'keys' }, () => makeKeys(lab));
  await run({ step: 'networks' }, () => makeBridges(lab));
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
  const { lab, host, record, run, report, signal } = work;
  const subject = { host: host.name };
  if (await isHealthy(work)) {
    report({ type: 'done', step: 'boot', ...subject, note: 'was running already' });
    return;
  }
  if (!existsSync(hostFolder(lab, host.name))) await prepare(work);
  await run({ step: 'start', ...subject }, () => launch(lab, host.name));
  const failed = await run({ step: 'boot', ...subject }, (tell) =>
    waitForHost(lab, {
      host,
      signal,
      timeoutMs: bootTimeoutMs(record, host),
      onStage: (stage) => {
        tell.progress(stage);
      },
    }),
  );
  if (failed.length > 0) {
    report({ type: 'warning', ...subject, text: `units that failed: ${failed.join(', ')}` });
  }
}

/** Not a host that still boots: whoever started that one is gone, and a new start costs no more than the rest of it. */
async function isHealthy({ lab, host, signal }: HostWork): Promise<boolean> {
  return (await isPopulated(labCgroup(lab, host.name))) && (await letsUsIn(lab, { host, signal }));
}

async function prepare({ lab, host, record, parts, run, signal }: HostWork): Promise<void> {
  const recipe = recipeOf(record.flavour);
  const files = await hostFiles(lab, { host, recipe });
  const { accelerator } = record;
  const subject = { step: 'disk', host: host.name };
  if (host.group === 'director' && accelerator !== undefined) {
    const [kernel, disk] = await Promise.all([parts.kernel(), parts.disk()]);
    const own = { host, files: [...files, ...virtualMachineFiles(host)] };
    const vm = { kernel, disk, accelerator };
    await run(subject, () => prepareVirtualMachine(lab, { ...own, vm, signal }));
  } else {
    const image = await parts.image();
    await run(subject, () => prepareContainer(lab, { host, files, image }));
  }
}
