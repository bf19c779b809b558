import { closeChanges, type LockedHost, type OpenChanges } from './change-session.ts';
import { type EngineContext } from '../model/engine-context.ts';
import { LvslabError } from '../model/failures/errors.ts';
import { type HostProgress } from './host-progress.ts';
import { observe } from '../host/observe.ts';
import { evenWhenStopping } from '../host/reading.ts';
import { withoutLock } from '../session/host-session.ts';
import { withReconnects } from '../session/reconnect.ts';
import { type SurveyedHost } from './survey.ts';

/**
 * Notes down in a host's journal how its changes ended, and gives its lock back. Where that fails it is the host's failure,
 * unless it had one before.
 */
export async function closeHost(
  host: LockedHost,
  {
    progress,
    firsts,
    isProved,
  }: Pick<OpenChanges, 'firsts'> & {
    readonly progress: HostProgress;
    readonly isProved: boolean;
  },
  context: EngineContext,
): Promise<void> {
  const { session } = host;
  const { invocation: run } = session.lock;
  const ids = isProved ? releasesOf(host) : [];
  const entries = host.journal.entries.filter(({ id }) => !ids.includes(id)).length;
  const time = context.clock.date().toISOString();
  const outcomes = await outcomesOn(progress, context);
  const made = newlyMade(progress, isProved).filter((id) => !ids.includes(id));
  const changes = {
    session,
    added: [
      ...outcomes.map((outcome) => ({ type: 'ended', ...outcome, run, time }) as const),
      ...(made.length === 0 ? [] : [{ type: 'finished', ids: made, run, time } as const]),
      ...(ids.length === 0 ? [] : [{ type: 'released', ids, run, time } as const]),
    ],
    left: entries + (firsts.get(host.name) ?? 0),
  };
  const close = (): Promise<void> => closeChanges(changes, context);
  await progress.attempt(async () => {
    // A host that has failed is not worth the wait for a new connection: its lock is known for dead without one.
    if (progress.failure !== undefined) await close();
    // Not under the lock: that the first attempt has given it back is no loss.
    else await withReconnects(withoutLock(session), { work: close }, context);
  });
}

/** The entries of the journal that are done with once the plan is carried out. */
export function releasesOf({ plan, plays, journal, givenUp }: SurveyedHost): readonly string[] {
  const undone = plays.filter(({ undoes }) => undoes).flatMap(({ resources }) => resources);
  const ids = new Set([...undone.map(({ id }) => id), ...givenUp]);
  const kept = new Set(plan.kept?.map(({ id }) => id));
  return journal.entries.flatMap(({ id }) => (ids.has(id) && !kept.has(id) ? [id] : []));
}

/** What was made for the first time, and what is seen to be made although nobody could note it down at that time. */
function newlyMade({ host, finished }: HostProgress, isProved: boolean): readonly string[] {
  const { plan, plays, journal } = host;
  const making = plays.filter(({ undoes }) => undoes !== true);
  const made = plan.plays
    .filter(({ play }) => making.some((one) => one.play === play))
    .flatMap(({ steps }) => steps.map(({ resource }) => resource))
    .filter(({ id }) => finished.has(id));
  const proved = isProved ? making.flatMap(({ resources }) => resources) : [];
  const there = new Set([...made, ...proved].map(({ id }) => id));
  const known = new Set(journal.entries.map(({ id }) => id));
  return [
    ...made.filter(({ id, spec }) => spec !== undefined && !known.has(id)),
    ...journal.entries.filter(({ id, unmade }) => unmade === true && there.has(id)),
  ].map(({ id }) => id);
}

/** What the changes have brought of which the journal keeps that; as far as the host still tells. */
async function outcomesOn(
  { host, finished, afterwards }: HostProgress,
  context: EngineContext,
): Promise<readonly { readonly id: string; readonly outcome: unknown }[]> {
  const resources = host.plan.plays
    .flatMap(({ steps }) => steps.map(({ resource }) => resource))
    .filter((resource) => resource.undo?.outcome !== undefined && finished.has(resource.id));
  if (resources.length === 0) return [];
  const after =
    afterwards ??
    (await observe(host.session.connection, resources, evenWhenStopping(context)).catch(orNothing));
  return resources.flatMap((resource) => {
    const [from, to] = [host.observations, after].map((known) => known.get(resource.id));
    if (from === undefined || from.kind === 'unknown') return [];
    if (to === undefined || to.kind === 'unknown') return [];
    return [{ id: resource.id, outcome: resource.undo?.outcome?.(from, to) }];
  });
}

function orNothing(error: unknown): SurveyedHost['observations'] {
  if (error instanceof LvslabError) return new Map();
  throw error;
}
