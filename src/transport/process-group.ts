import { type ChildProcess } from 'node:child_process';

import { errorField } from './error-field.ts';

/**
 * Sends a signal to a program that was started with a process group of its own, and to all that it started there.
 * @returns whether there was anybody to get it.
 */
export function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    // ESRCH: all of them have ended. EPERM: those that are left belong to another user, as below sudo.
    if (!['ESRCH', 'EPERM'].includes(errorField(error, 'code'))) throw error;
    return false;
  }
}
