import { hostname, userInfo } from 'node:os';
import { type ChangeSurroundings } from '../engine/changes.ts';
import { type Screen } from './screen.ts';

/** All that the engine needs from the world to read hosts and to change them. */
export async function engineSurroundings(
  { surroundings, pause }: Pick<Screen, 'surroundings' | 'pause'>,
  { wait = 0 }: { readonly wait?: number } = {},
): Promise<ChangeSurroundings> {
  const { reviveResource } = await import('../resources/revive.ts');
  return {
    ...surroundings,
    pause,
    clock: () => Date.now(),
    by: { owner: personAtWork(), controller: hostname() },
    lockWaitMs: wait * 1000,
    revive: reviveResource,
  };
}

/** The person, also behind sudo. */
function personAtWork(): string {
  const behindSudo = process.env['SUDO_USER'] ?? '';
  if (behindSudo !== '') return behindSudo;
  try {
    return userInfo().username;
  } catch {
    // An account without a name, as in some containers.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
