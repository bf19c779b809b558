import { setTimeout as sleep } from 'node:timers/promises';

import { EmbeddedLabError, TimeoutError } from '../engine/errors.ts';
import { killCgroup } from './cgroups.ts';
import { labCgroup, type LabIdentity } from './embedded-lab.ts';
import { labHosts, type LabHostName, type LabHostSpec } from './lab-hosts.ts';
import { type LabRecord, readRecord } from './lab-record.ts';
import { launch } from './launch.ts';
import { bootTimeoutMs, overSsh, waitForHost } from './wait-for-host.ts';

interface PowerOptions {
  readonly host: LabHostName;
  readonly signal?: AbortSignal | undefined;
}

/** Ends the host as a power cut does; its disk stays. */
export async function powerCut(lab: LabIdentity, { host }: PowerOptions): Promise<void> {
  await killCgroup(labCgroup(lab, host));
}

/**
 * Switches the host on, and waits until it has booted.
 * @throws EmbeddedLabError, TimeoutError
 */
export async function startHost(lab: LabIdentity, { host, signal }: PowerOptions): Promise<void> {
  const record = await requireLab(lab);
  await launch(lab, host);
  await untilBooted(lab, { spec: specOf(host), record, signal });
}

/**
 * Reboots the host from inside, as its administrator would, and waits until it has booted.
 * @throws EmbeddedLabError, TimeoutError
 */
export async function restartHost(lab: LabIdentity, { host, signal }: PowerOptions): Promise<void> {
  const record = await requireLab(lab);
  const spec = specOf(host);
  const before = await bootId(lab, { spec, signal });
  await overSsh(lab, { host: spec, command: 'systemctl reboot', timeoutMs: 10_000, signal });
  const deadline = AbortSignal.timeout(bootTimeoutMs(record, spec));
  for (;;) {
    const now = await bootId(lab, { spec, signal });
    if (now !== undefined && now !== before) break;
    if (deadline.aborted) {
      throw new TimeoutError('the host did not reboot', { host, step: 'reboot' });
    }
    await sleep(200, undefined, { signal });
  }
  await untilBooted(lab, { spec, record, signal });
}

async function untilBooted(
  lab: LabIdentity,
  {
    spec,
    record,
    signal,
  }: {
    readonly spec: LabHostSpec;
    readonly record: LabRecord;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  await waitForHost(lab, { host: spec, timeoutMs: bootTimeoutMs(record, spec), signal });
}

async function bootId(
  lab: LabIdentity,
  { spec, signal }: { readonly spec: LabHostSpec; readonly signal: AbortSignal | undefined },
): Promise<string | undefined> {
  const command = 'cat /proc/sys/kernel/random/boot_id';
  const [id] = await overSsh(lab, { host: spec, command, timeoutMs: 10_000, signal });
  return id;
}

async function requireLab(lab: LabIdentity): Promise<LabRecord> {
  const record = await readRecord(lab);
  if (record !== undefined) return record;
  throw new EmbeddedLabError(`there is no lab ${lab.name}`, {
    step: 'power',
    hint: 'Bring it up first with `lvslab lab up`.',
  });
}

function specOf(name: LabHostName): LabHostSpec {
  const spec = labHosts.find((host) => host.name === name);
  if (spec === undefined) throw new RangeError(`no host ${name}`);
  return spec;
}
