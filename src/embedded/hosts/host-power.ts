import { EmbeddedLabError } from '../../engine/model/failures/errors.ts';
import { killCgroup } from '../machine/cgroups.ts';
import { labCgroup, type LabIdentity } from '../embedded-lab.ts';
import {
  hostsOfLab,
  type LabHostName,
  type LabHostSpec,
  mostRealServers,
} from '../lab/lab-hosts.ts';
import { type LabRecord, readRecord } from '../lab/lab-record.ts';
import { launch } from './launch.ts';
import { overSsh } from '../lab/over-ssh.ts';
import { tellsBootId } from '../readiness/boot-id.ts';
import { waitFor, waitForHost } from '../readiness/wait-for-host.ts';

interface PowerOptions {
  readonly host: LabHostName;
  readonly signal?: AbortSignal | undefined;
}

/** Ends the host as a power cut does; its disk stays. */
export async function powerCut(lab: LabIdentity, { host, signal }: PowerOptions): Promise<void> {
  await killCgroup(labCgroup(lab, host), signal);
}

/**
 * Switches the host on, and waits until it has booted.
 * @throws EmbeddedLabError, TimeoutError
 */
export async function startHost(lab: LabIdentity, { host, signal }: PowerOptions): Promise<void> {
  const record = await requireLab(lab);
  await launch(lab, host, signal);
  await waitForHost(lab, { host: specOf(host), record, signal });
}

/** The request itself is answered at once, or the host is gone before it was; a minute is for hosts that are slow. */
const REBOOT_REQUEST_MS = 60_000;

/**
 * Reboots the host from inside, as its administrator would, and waits until it has booted.
 * @throws EmbeddedLabError, TimeoutError
 */
export async function restartHost(lab: LabIdentity, { host, signal }: PowerOptions): Promise<void> {
  const record = await requireLab(lab);
  const wait = { host: specOf(host), record, signal };
  const before = await waitFor(tellsBootId(), lab, wait);
  // The connection may be gone before its answer is there.
  await overSsh(lab, { ...wait, command: 'systemctl reboot', limitMs: REBOOT_REQUEST_MS });
  await waitFor(tellsBootId(before), lab, wait);
  await waitForHost(lab, wait);
}

async function requireLab(lab: LabIdentity): Promise<LabRecord> {
  const record = await readRecord(lab);
  if (record !== undefined) return record;
  throw new EmbeddedLabError(`there is no lab ${lab.name}`, {
    step: 'power',
    hint: `Bring it up with \`lvslab lab up\`.`,
  });
}

function specOf(name: LabHostName): LabHostSpec {
  const spec = hostsOfLab(mostRealServers).find((host) => host.name === name);
  if (spec === undefined) throw new RangeError(`no host ${name}`);
  return spec;
}
