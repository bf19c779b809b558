import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { endGroup } from '../process-group.ts';

/** How long a proxy that is about to end may take. */
const ENDING_MS = 1000;
/** How long one that was asked to end may take before it is killed. */
const GRACE_MS = 400;
/** How much of what a proxy prints on its standard error is kept. */
const KEPT_CHARACTERS = 2000;

/** A program whose standard streams are the connection to a host. */
export interface Proxy {
  readonly stream: Duplex;
  /** How the program ended and what it printed last; undefined while it goes on. Waits a moment for a program about to end. */
  failure(): Promise<string | undefined>;
  /** Resolves when the program, and what it started, are gone: within a second. */
  close(): Promise<void>;
}

/** Starts a ProxyCommand the way OpenSSH does. */
export function startProxy(command: string): Proxy {
  // A process group of its own: it can be ended as a whole, and Ctrl-C does not cut the connection before lvslab is done.
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { detached: true });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEPT_CHARACTERS);
  });
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => {
      resolve(error.message);
    });
    child.on('close', (code, signal) => {
      resolve(
        [`ended with ${signal ?? `status ${code ?? 'unknown'}`}`, stderr.trim()]
          .filter(Boolean)
          .join(': '),
      );
    });
  });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  // Errors of the pipes are told by whoever uses the stream; this one keeps a late one from ending the program.
  stream.on('error', () => undefined);
  const endsWithin = (milliseconds: number): Promise<string | undefined> =>
    Promise.race([ended, delay(milliseconds, undefined, { ref: false })]);
  return {
    stream,
    failure: () => endsWithin(ENDING_MS),
    close: async () => {
      stream.destroy();
      endGroup(child, 'SIGTERM');
      if ((await endsWithin(GRACE_MS)) === undefined) endGroup(child, 'SIGKILL');
      // Somebody outside of the group may hold the pipes open for good: they are not waited for.
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
      await endsWithin(GRACE_MS);
    },
  };
}
