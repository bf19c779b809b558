import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { type ChangeOptions } from '../../engine/apply/change-session.ts';
import { type EngineContext } from '../../engine/model/engine-context.ts';
import { type ResourceKind } from '../../engine/model/resource-kind.ts';
import { type ChangeFlags } from '../flags.ts';
import { type Screen } from '../terminal/screen.ts';

/**
 * Makes the context in which the engine works for a command.
 * @param kinds a playbook's own kinds of resources.
 */
export async function makeEngineContext(
  { emit, signal }: Pick<Screen, 'emit' | 'signal'>,
  kinds: readonly ResourceKind[] = [],
): Promise<EngineContext> {
  const { makeFromSpecWith } = await import('../../resources/resource-kinds.ts');
  const { explainFailure } = await import('../../resources/packages/package-failure.ts');
  return {
    emit,
    signal,
    clock: { elapsed: () => performance.now(), date: () => new Date() },
    random: randomWord,
    identity: { owner: personAtWork(), controller: hostname() },
    makeFromSpec: makeFromSpecWith(kinds),
    explainFailure,
  };
}

/** A word that no output of a host contains by chance. */
export function randomWord(): string {
  return randomBytes(12).toString('hex');
}

/** What a person has said about changes, as the engine takes it. */
export function changeOptions({
  wait = 0,
  confirmWithin,
}: Pick<ChangeFlags, 'wait' | 'confirmWithin'>): ChangeOptions {
  return { lockWaitMs: wait * 1000, confirmSeconds: confirmWithin };
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
