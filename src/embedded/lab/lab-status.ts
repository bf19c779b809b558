import { pause } from '../../engine/model/failures/cancellation.ts';
import { isPopulated } from '../machine/cgroups.ts';
import { labCgroup, type LabIdentity } from '../embedded-lab.ts';
import { hostsOfLab, type LabHostSpec } from './lab-hosts.ts';
import { isVirtualMachine, type LabRecord, readRecord } from './lab-record.ts';
import { outputLines, overSsh } from './over-ssh.ts';
import { greetsOnSsh } from '../readiness/greets-on-ssh.ts';
import { isBooted } from '../readiness/has-booted.ts';
import { Progress } from '../readiness/progress.ts';
import { measureSlowness } from '../readiness/slowness.ts';
import { readVitalSigns } from '../readiness/vital-signs.ts';

/**
 * 'up': booted, and lets us in; 'starting': at work, but not that far; 'slow': its SSH server answers, the login takes
 * longer than `limitMs`; 'unreachable': its processes run, but that is all; 'off': it has none.
 */
export type HostState = 'up' | 'starting' | 'slow' | 'unreachable' | 'off';

/** One host as it is now. */
export interface HostStatus {
  readonly host: LabHostSpec;
  /** 'container', 'vm, tcg'. */
  readonly runsAs: string;
  readonly state: HostState;
  /** How long it was given to answer, milliseconds; more where this machine is busy. */
  readonly limitMs: number;
}

/** A lab as it is now. */
export interface LabStatus {
  readonly record: LabRecord;
  readonly hosts: readonly HostStatus[];
}

/**
 * How the lab stands, or undefined where there is none of that name; needs root.
 * @throws EmbeddedLabError, CancelledError
 */
export async function labStatus(
  lab: LabIdentity,
  signal?: AbortSignal,
): Promise<LabStatus | undefined> {
  const record = await readRecord(lab);
  if (record === undefined) return undefined;
  const limitMs = await answerLimit(signal);
  const hosts = hostsOfLab(record.realServers).map(async (host) => ({
    host,
    runsAs: runsAs(record, host),
    ...(await hostState(lab, { host, limitMs, signal })),
  }));
  return { record, hosts: await Promise.all(hosts) };
}

/** How a lab stands that has just come up, every host of which has been seen to. */
export function statusWhenUp(record: LabRecord): LabStatus {
  const hosts = hostsOfLab(record.realServers).map((host) => ({
    host,
    runsAs: runsAs(record, host),
    state: 'up' as const,
    limitMs: 0,
  }));
  return { record, hosts };
}

/** What a host runs in: 'container', 'vm, tcg'. */
function runsAs(record: LabRecord, host: LabHostSpec): string {
  const { accelerator } = record;
  if (!isVirtualMachine(record, host)) return 'container';
  return accelerator === undefined ? 'vm' : `vm, ${accelerator}`;
}

/** Several times what a login takes on a quiet machine, even of an emulated one. */
const ANSWER_MS = 10_000;
/** A host that goes on working is given this long. */
const LONGEST_ANSWER_MS = 120_000;
/** Long enough to tell a host at work from one that is idle. */
const WATCH_MS = 1000;

/** Any look at all tells whether a host works. */
const IMPATIENT = { idleMs: 0, usedMs: Infinity };

/** How long a host is given to answer on this machine as it is now, milliseconds. */
export async function answerLimit(signal?: AbortSignal): Promise<number> {
  return Math.min(LONGEST_ANSWER_MS, ANSWER_MS * (await measureSlowness(signal)));
}

export interface AskState {
  readonly host: LabHostSpec;
  /** How long an idle host is given to answer, milliseconds; one that works gets more. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * How one host stands now.
 * @throws CancelledError
 */
export async function hostState(
  lab: LabIdentity,
  { host, limitMs, signal }: AskState,
): Promise<Pick<HostStatus, 'state' | 'limitMs'>> {
  if (!(await isPopulated(labCgroup(lab, host.name)))) return { state: 'off', limitMs };
  const progress = new Progress(await readVitalSigns(lab, host.name), performance.now());
  const command = 'systemctl is-system-running || :';
  const [answer, greets] = await Promise.all([
    overSsh(lab, { host, command, limitMs, signal }),
    greetsWithin(lab, { host, limitMs, signal }),
  ]);
  const [state] = outputLines(answer);
  if (state !== undefined) return { state: isBooted(state) ? 'up' : 'starting', limitMs };
  if (!answer.isLate) await pause(WATCH_MS, signal, { host: host.name });
  const signs = await readVitalSigns(lab, host.name);
  const standing = progress.standing(signs, performance.now(), IMPATIENT);
  const isAtWork = standing === 'working';
  if (answer.isLate && isAtWork && limitMs < LONGEST_ANSWER_MS) {
    const longer = Math.min(LONGEST_ANSWER_MS, limitMs * 2);
    return await hostState(lab, { host, limitMs: longer, signal });
  }
  if (standing === 'ended') return { state: 'off', limitMs };
  return { state: unanswered({ greets: greets && answer.isLate, isAtWork }), limitMs };
}

async function greetsWithin(
  lab: LabIdentity,
  { host, limitMs, signal = new AbortController().signal }: AskState,
): Promise<boolean> {
  return (await greetsOnSsh.look({ lab, host, limitMs, signal })) === true;
}

function unanswered({
  greets,
  isAtWork,
}: {
  readonly greets: boolean;
  readonly isAtWork: boolean;
}): HostState {
  if (greets) return 'slow';
  return isAtWork ? 'starting' : 'unreachable';
}
