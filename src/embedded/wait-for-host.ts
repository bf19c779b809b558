import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { EmbeddedLabError, TimeoutError } from '../engine/errors.ts';
import { isPopulated } from './cgroups.ts';
import { consoleLog, labCgroup, type LabIdentity } from './embedded-lab.ts';
import { type LabHostSpec } from './lab-hosts.ts';
import { type LabRecord } from './lab-record.ts';
import { sshCommand } from './lab-ssh.ts';
import { askProgram } from './programs.ts';

export interface WaitOptions {
  readonly host: LabHostSpec;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Told what it is waiting for: 'SSH', 'systemd'. */
  readonly onStage?: (stage: string) => void;
}

/**
 * Waits until the host has booted: it answers on the SSH port, lets us in, and systemd says that it is up. Resolves to
 * the units that failed to start.
 * @throws TimeoutError, EmbeddedLabError; both show the last lines of the host's console.
 */
export async function waitForHost(
  lab: LabIdentity,
  { host, timeoutMs, signal, onStage = () => undefined }: WaitOptions,
): Promise<readonly string[]> {
  const deadline = AbortSignal.timeout(timeoutMs);
  onStage('waiting for SSH');
  while (!(await answersOnSshPort(lab, { host, signal }))) {
    if (!(await isPopulated(labCgroup(lab, host.name)))) throw await hasEnded(lab, host);
    if (deadline.aborted) throw await tookTooLong(lab, host, timeoutMs);
    await sleep(100, undefined, { signal });
  }
  onStage('waiting for systemd');
  const ask = 'systemctl is-system-running --wait; systemctl --failed --plain --no-legend';
  const [state = '', ...failed] = await overSsh(lab, { host, command: ask, timeoutMs, signal });
  if (state === 'running' || state === 'degraded') {
    return failed.map((line) => line.split(' ')[0] ?? line);
  }
  throw await tookTooLong(lab, host, timeoutMs);
}

/** How long a host may take to boot; ten times what it takes on a quiet machine. */
export function bootTimeoutMs({ accelerator }: LabRecord, { group }: LabHostSpec): number {
  return group === 'director' && accelerator === 'tcg' ? 300_000 : 60_000;
}

/** Whether the host has booted and lets us log in, at this moment. */
export async function letsUsIn(
  lab: LabIdentity,
  { host, signal }: Pick<WaitOptions, 'host' | 'signal'>,
): Promise<boolean> {
  const command = 'systemctl is-system-running || :';
  const [state] = await overSsh(lab, { host, command, timeoutMs: 10_000, signal });
  return state === 'running' || state === 'degraded';
}

/** Runs a command over SSH and resolves to its output's lines; a failure, or a time-out, yields what came before it. */
export async function overSsh(
  lab: LabIdentity,
  {
    host,
    command,
    timeoutMs,
    signal,
  }: {
    readonly host: LabHostSpec;
    readonly command: string;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<readonly string[]> {
  const [ssh = '', ...rest] = sshCommand(lab, host);
  const argv = [
    ...['timeout', `${timeoutMs / 1000}`],
    ...[ssh, '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', ...rest, command],
  ];
  const { stdout } = await askProgram(argv, { cgroup: labCgroup(lab, 'work'), signal });
  return stdout.split('\n').filter((line) => line !== '');
}

async function answersOnSshPort(
  { name }: LabIdentity,
  { host, signal }: { readonly host: LabHostSpec; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  const argv = ['ip', 'netns', 'exec', name, 'nc', '-z', '-w', '1', host.address, '22'];
  return (await askProgram(argv, { signal })).exitCode === 0;
}

async function hasEnded(lab: LabIdentity, { name }: LabHostSpec): Promise<EmbeddedLabError> {
  const message = `the host stopped before it was ready${await lastConsoleLines(lab, name)}`;
  return new EmbeddedLabError(message, {
    host: name,
    step: 'boot',
    hint: `Read the whole console with \`cat ${consoleLog(lab, name)}\`.`,
  });
}

async function tookTooLong(
  lab: LabIdentity,
  { name }: LabHostSpec,
  timeoutMs: number,
): Promise<TimeoutError> {
  const seconds = Math.round(timeoutMs / 1000);
  const message = `not ready after ${seconds} s${await lastConsoleLines(lab, name)}`;
  return new TimeoutError(message, {
    host: name,
    step: 'boot',
    hint: `Read the whole console with \`cat ${consoleLog(lab, name)}\`, or take the lab down with \`lvslab lab down\` and bring it up again with \`lvslab lab up\`.`,
  });
}

async function lastConsoleLines(lab: LabIdentity, host: LabHostSpec['name']): Promise<string> {
  const log = await readFile(consoleLog(lab, host), 'utf8').catch(() => '');
  const lines = log.trimEnd().split(/\r?\n/).slice(-15);
  return log.trim() === ''
    ? '; its console is empty'
    : `; its console ends with:\n${lines.join('\n')}`;
}
