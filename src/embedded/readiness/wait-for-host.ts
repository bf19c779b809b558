import { readFile } from 'node:fs/promises';

import {
  EmbeddedLabError,
  type LvslabError,
  TimeoutError,
} from '../../engine/model/failures/errors.ts';
import { consoleLog, type LabIdentity } from '../embedded-lab.ts';
import { type LabHostSpec } from '../lab/lab-hosts.ts';
import { isVirtualMachine, type LabRecord } from '../lab/lab-record.ts';
import { greetsOnSsh } from './greets-on-ssh.ts';
import { hasBooted } from './has-booted.ts';
import { type Patience } from './progress.ts';
import { type Readiness } from './readiness.ts';
import { type GivenUp, waitUntilReady } from './wait-until-ready.ts';
import { measureSlowness } from './slowness.ts';

export interface HostWait {
  readonly host: LabHostSpec;
  readonly record: LabRecord;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until the host has booted: it answers on the SSH port, lets us in, and systemd says that it is up. Resolves to
 * the units that failed to start.
 * @param onStage told what it is waiting for: 'waiting for SSH'.
 * @throws TimeoutError, EmbeddedLabError; both show the last lines of the host's console. CancelledError.
 */
export async function waitForHost(
  lab: LabIdentity,
  { onStage = () => undefined, ...wait }: HostWait & { readonly onStage?: (stage: string) => void },
): Promise<readonly string[]> {
  onStage(`waiting for ${greetsOnSsh.name}`);
  await waitFor(greetsOnSsh, lab, wait);
  onStage(`waiting for ${hasBooted.name}`);
  return await waitFor(hasBooted, lab, wait);
}

/**
 * Waits until the host is ready in this sense.
 * @throws TimeoutError, EmbeddedLabError; both show the last lines of the host's console. CancelledError.
 */
export async function waitFor<T>(
  readiness: Readiness<T>,
  lab: LabIdentity,
  { host, record, signal }: HostWait,
): Promise<T> {
  const patience = await patienceWith(record, { host, signal });
  const waited = await waitUntilReady(readiness, { lab, host, patience, signal });
  if ('ready' in waited) return waited.ready;
  throw await whyGivenUp(lab, { host, patience, ...waited });
}

/** systemd gives a unit 90 s to start, in which the host may do nothing at all. */
const IDLE_MS = 120_000;
/** So many times slower, an idle host has had its chance even where this machine is slower than that. */
const MOST_SLOWNESS = 5;
/** Ten times the processor time that a boot takes, and more. */
const USED_MS = { emulated: 300_000, others: 60_000 } as const;

async function patienceWith(
  record: LabRecord,
  { host, signal }: Pick<HostWait, 'host' | 'signal'>,
): Promise<Patience> {
  const slowness = Math.min(MOST_SLOWNESS, await measureSlowness(signal));
  const isEmulated = isVirtualMachine(record, host) && record.accelerator === 'tcg';
  return { idleMs: IDLE_MS * slowness, usedMs: USED_MS[isEmulated ? 'emulated' : 'others'] };
}

async function whyGivenUp(
  lab: LabIdentity,
  {
    host: { name },
    patience,
    givenUp: { standing, afterMs },
  }: {
    readonly host: LabHostSpec;
    readonly patience: Patience;
    readonly givenUp: GivenUp;
  },
): Promise<LvslabError> {
  const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1000)} s`;
  const consoleEnd = await lastConsoleLines(lab, name);
  const file = consoleLog(lab, name);
  const where = { host: name, step: 'boot' };
  if (standing === 'ended') {
    return new EmbeddedLabError(`the host stopped before it was ready${consoleEnd}`, {
      ...where,
      hint: `Read its whole console with \`cat ${file}\`.`,
    });
  }
  const why = {
    idle: `has done nothing for the last ${seconds(patience.idleMs)}`,
    spent: `has had ${seconds(patience.usedMs)} of processor time`,
  }[standing];
  return new TimeoutError(`not ready after ${seconds(afterMs)}, and it ${why}${consoleEnd}`, {
    ...where,
    hint: `Read its whole console with \`cat ${file}\`, or take the lab down with \`lvslab lab down\`.`,
  });
}

async function lastConsoleLines(lab: LabIdentity, host: LabHostSpec['name']): Promise<string> {
  const log = await readFile(consoleLog(lab, host), 'utf8').catch(() => '');
  const lines = log.trimEnd().split(/\r?\n/).slice(-15);
  return log.trim() === ''
    ? '; its console is empty'
    : `; its console ends with:\n${lines.join('\n')}`;
}
