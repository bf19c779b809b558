import path from 'node:path';

import { type Script, sh } from '../../engine/model/shell/script.ts';
import { inCgroup, killCgroup, makeCgroup, removeCgroup } from '../machine/cgroups.ts';
import { consoleLog, hostFolder, labCgroup, type LabIdentity } from '../embedded-lab.ts';
import { type LabHostName } from '../lab/lab-hosts.ts';
import { runProgram } from '../machine/programs.ts';

/** The file in a host's folder that starts the host; all that it needs is in there. */
export const RUN_FILE = 'run';

/** The text of a host's run file, around the program that it runs in. */
export function runFile(lab: LabIdentity, host: LabHostName, program: Script): string {
  const whole = sh`
    exec </dev/null >>${consoleLog(lab, host)} 2>&1
    set -eu
    ${program}
  `;
  return `${whole.text}\n`;
}

/**
 * Starts a host's program, in the host's control group and apart from us: it goes on when this process ends. What
 * still runs there is ended first, and its control groups go: Linux counts how often each was killed, and a process that is
 * cloned from one into another whose count differs dies at once (seen with Linux 6.18). The systemd of Debian 13 clones its
 * services that way, and would boot into groups of which some were killed with the host and others are new.
 */
export async function launch(
  lab: LabIdentity,
  host: LabHostName,
  signal?: AbortSignal,
): Promise<void> {
  const group = labCgroup(lab, host);
  await killCgroup(group, signal);
  await removeCgroup(group, signal);
  await makeCgroup(`${group}/keeper`);
  await makeCgroup(`${group}/machine`);
  const program = ['sh', path.join(hostFolder(lab, host), RUN_FILE)];
  const argv = ['setsid', '--fork', ...inCgroup(`${group}/keeper`, program)];
  await runProgram(argv, { host, step: 'start', signal });
}
