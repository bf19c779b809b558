import { labCgroup, type LabIdentity } from '../embedded-lab.ts';
import { type LabHostSpec } from './lab-hosts.ts';
import { sshCommand } from './lab-ssh.ts';
import { askProgram, type ProgramAnswer } from '../machine/programs.ts';

export interface OverSshOptions {
  readonly host: LabHostSpec;
  readonly command: string;
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a command as root on a host of the lab; how it ended is the answer.
 * @throws CancelledError
 */
export async function overSsh(
  lab: LabIdentity,
  { host, command, limitMs, signal }: OverSshOptions,
): Promise<ProgramAnswer> {
  const [ssh = '', ...rest] = sshCommand(lab, host);
  const settings = [
    'BatchMode=yes',
    `ConnectTimeout=${Math.ceil(limitMs / 1000)}`,
    // A host that has gone without a word is noticed after two minutes; one that is slow answers within them.
    'ServerAliveInterval=15',
    'ServerAliveCountMax=8',
  ].flatMap((setting) => ['-o', setting]);
  return askProgram([ssh, ...settings, ...rest, command], {
    cgroup: labCgroup(lab, 'probes'),
    signal,
    limitMs,
  });
}

/** The lines of an output that are not empty. */
export function outputLines({ stdout }: Pick<ProgramAnswer, 'stdout'>): readonly string[] {
  return stdout.split('\n').filter((line) => line !== '');
}
