import { stat } from 'node:fs/promises';

import { isPopulated, processorTime } from '../machine/cgroups.ts';
import { consoleLog, labCgroup, type LabIdentity } from '../embedded-lab.ts';
import { type LabHostName } from '../lab/lab-hosts.ts';

/** What shows of a host's life without asking the host itself. */
export interface VitalSigns {
  /** Whether any of its processes is left; a virtual machine is one. */
  readonly isAlive: boolean;
  /** Processor time that it has had so far, milliseconds. */
  readonly usedMs: number;
  /** That, and the time that it was kept waiting for a processor or for a disk: all that it had to do. */
  readonly workedMs: number;
  /** The length of what it has written on its console. */
  readonly consoleBytes: number;
}

/** Reads the vital signs of a host as they are now. */
export async function readVitalSigns(lab: LabIdentity, host: LabHostName): Promise<VitalSigns> {
  const group = labCgroup(lab, host);
  const [isAlive, { usedMs, waitedMs }, { size }] = await Promise.all([
    isPopulated(group),
    processorTime(group),
    stat(consoleLog(lab, host)).catch(() => ({ size: 0 })),
  ]);
  return { isAlive, usedMs, workedMs: usedMs + waitedMs, consoleBytes: size };
}
