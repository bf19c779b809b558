import { hostname, userInfo } from 'node:os';
import { type ChangeContext } from '../../engine/apply/change-session.ts';
import { type Playbook } from '../../engine/model/play.ts';
import { type ResourceKind } from '../../engine/model/resource-kind.ts';
import { type EngineContext } from '../../engine/session/engine-context.ts';
import { type ChangeFlags } from '../flags.ts';
import { type Screen } from '../terminal/screen.ts';

/** What a person, and a playbook, may ask of a run. */
interface EngineOptions extends Pick<ChangeFlags, 'wait' | 'confirmWithin'> {
  readonly kinds?: readonly ResourceKind[];
  readonly orphans?: EngineContext['orphans'];
}

/** All that the engine needs from the world to read hosts and to change them. */
export async function engineContext(
  { context }: Pick<Screen, 'context'>,
  { wait = 0, confirmWithin, kinds = [], orphans = 'report' }: EngineOptions = {},
): Promise<ChangeContext> {
  const { makeFromSpecWith } = await import('../../resources/resource-kinds.ts');
  const { explainFailure } = await import('../../resources/packages/package-failure.ts');
  return {
    ...context,
    clock: () => Date.now(),
    by: { owner: personAtWork(), controller: hostname() },
    orphans,
    lockWaitMs: wait * 1000,
    ...(confirmWithin !== undefined && { confirmSeconds: confirmWithin }),
    makeFromSpec: makeFromSpecWith(kinds),
    explainFailure,
  };
}

/** What a run of a playbook needs of the world beside its screen. */
export function engineOptions(
  { kinds = [] }: Pick<Playbook, 'kinds'>,
  { wait, confirmWithin }: Pick<ChangeFlags, 'wait' | 'confirmWithin'> = {},
): EngineOptions {
  return {
    kinds,
    ...(wait !== undefined && { wait }),
    ...(confirmWithin !== undefined && { confirmWithin }),
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
