import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ownNamespace } from '../measure/leftovers.ts';

const WIRE = fileURLToPath(new URL('delayed_wire.py', import.meta.url));

/** The bench's own address in the network of the real servers; nothing in the lab has it. */
const ADDRESS = '192.168.2.250/24';

/** A namespace that is far from a lab: what is sent from there takes its time. */
export interface FarNamespace {
  readonly name: string;
  remove(): Promise<void>;
}

/** Makes a namespace whose cable to the real servers' network of a lab takes `delayMs` for a round trip. */
export async function farFrom(lab: string, delayMs: number): Promise<FarNamespace> {
  const name = `${ownNamespace}-${delayMs}`;
  const tap = `far${delayMs}`;
  ip('netns', 'add', name);
  ip('-n', name, 'link', 'set', 'lo', 'up');
  const wire = spawn('python3', [WIRE, String(delayMs), name, 'ens33', lab, tap], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const remove = async (): Promise<void> => {
    if (wire.exitCode === null && wire.kill()) await once(wire, 'exit');
    ip('netns', 'del', name);
  };
  try {
    await Promise.race([
      once(wire.stdout, 'data'),
      once(wire, 'exit').then(() => {
        throw new Error('the delayed wire could not be made');
      }),
    ]);
    ip('-n', lab, 'link', 'set', tap, 'master', 'br-lan', 'up');
    ip('-n', name, 'link', 'set', 'ens33', 'up');
    ip('-n', name, 'address', 'add', ADDRESS, 'dev', 'ens33');
  } catch (error) {
    await remove();
    throw error;
  }
  return { name, remove };
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words);
}
