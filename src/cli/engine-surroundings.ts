import { hostname, userInfo } from 'node:os';
import { type ChangeSurroundings } from '../engine/changes.ts';
import { type Playbook, type ResourceKinds } from '../engine/play.ts';
import { type Screen } from './screen.ts';

/** All that the engine needs from the world to read hosts and to change them. */
export async function engineSurroundings(
  { surroundings, pause }: Pick<Screen, 'surroundings' | 'pause'>,
  {
    wait = 0,
    kinds = {},
  }: {
    /** Seconds. */
    readonly wait?: number;
    readonly kinds?: ResourceKinds;
  } = {},
): Promise<ChangeSurroundings> {
  const { reviveWith } = await import('../resources/revive.ts');
  return {
    ...surroundings,
    pause,
    clock: () => Date.now(),
    by: { owner: personAtWork(), controller: hostname() },
    lockWaitMs: wait * 1000,
    revive: reviveWith(kinds),
  };
}

/** What a run of a playbook needs of the world beside its screen. */
export function surroundingsOf(
  { kinds = {} }: Pick<Playbook, 'kinds'>,
  wait?: number,
): NonNullable<Parameters<typeof engineSurroundings>[1]> {
  return wait === undefined ? { kinds } : { kinds, wait };
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
