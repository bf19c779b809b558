import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

/** Ends within a second of the process that started it, however that one ended; never idle until then. */
const BUSY_LOOP = `const began = process.ppid;
for (let next = 0; ; ) {
  if (Date.now() < next) continue;
  next = Date.now() + 500;
  if (process.ppid !== began) process.exit();
}`;

/** Load on every core of this machine. */
export interface BusyCores {
  readonly processes: number;
  /** Ends the load; resolves when all of its processes are gone. */
  readonly end: () => Promise<void>;
}

/**
 * Gives each core this many processes that are never idle, at the priority of everything else. Each is a session of
 * its own: where the kernel shares time out among sessions, they would count as one otherwise.
 */
export function keepCoresBusy(timesOver: number): BusyCores {
  const children = Array.from({ length: availableParallelism() * timesOver }, () =>
    spawn(process.execPath, ['-e', BUSY_LOOP], { detached: true, stdio: 'ignore' }),
  );
  const ended = children.map(async (child) => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  return {
    processes: children.length,
    end: async () => {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(ended);
    },
  };
}
