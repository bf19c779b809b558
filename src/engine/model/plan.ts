import { type Conflict } from './conflict.ts';
import { ConflictError, type LvslabError, ObserveError, PlaybookError } from './failures/errors.ts';
import { type Change, type Observed, type Resource, type Target } from './resource.ts';

/** One resource of a host that is not as it should be, and how it will be taken there. */
export interface PlannedStep {
  readonly resource: Resource;
  /** The state that the change starts from, earlier steps of the plan included. */
  readonly from: Target<unknown>;
  readonly to: Target<unknown>;
  /** Never empty. */
  readonly changes: readonly Change[];
}

export interface PlannedPlay {
  readonly play: string;
  /** Only what has to change. */
  readonly steps: readonly PlannedStep[];
  /** How many resources are as they should be already. */
  readonly unchanged: number;
}

/** Something that would have been undone, but stays as it is now. */
export interface KeptResource {
  readonly id: string;
  /** 'changed by others since lvslab made it'. */
  readonly why: string;
  /** What undoing it would have changed. */
  readonly changes: readonly Change[];
  /** Others need it: not even overwriting undoes it. */
  readonly isNeeded?: true;
}

export interface HostPlan {
  readonly host: string;
  readonly plays: readonly PlannedPlay[];
  readonly kept?: readonly KeptResource[];
  /** What resources that are as they should be have to say to the person: 'reboot pending …'. */
  readonly notices: readonly string[];
}

export interface HostFailure {
  readonly host: string;
  readonly error: LvslabError;
}

/** What a run would do, and the hosts for which that can't be told. */
export interface Plan {
  readonly hosts: readonly HostPlan[];
  readonly failures: readonly HostFailure[];
}

/** The resources that one play gives one host. */
export interface HostPlay {
  readonly play: string;
  readonly resources: readonly Resource[];
  /** These aim back at what the journal says of the time before lvslab. */
  readonly undoes?: true;
}

/**
 * Compares what was observed on a host with what its plays want.
 * @throws ObserveError when a resource's state could not be told; ConflictError with all that stands against what is wanted;
 * PlaybookError when two resources share an id.
 */
export function planHost({
  host,
  plays,
  observations,
  changedElsewhere = new Map(),
}: {
  readonly host: string;
  readonly plays: readonly HostPlay[];
  /** By play: ids of what the plays that it comes after change on other hosts. */
  readonly changedElsewhere?: ReadonlyMap<string, ReadonlySet<string>>;
  /** By resource id. */
  readonly observations: ReadonlyMap<string, Observed<unknown>>;
}): HostPlan {
  assertUniqueIds(host, plays);
  const changed = new Set<string>();
  const notices: string[] = [];
  const conflicts: { readonly id: string; readonly conflict: Conflict }[] = [];
  const planned = plays.map(({ play, resources }) => {
    const steps: PlannedStep[] = [];
    for (const resource of resources) {
      const observed = assertKnown(host, resource, observations.get(resource.id));
      const before = union(changed, changedElsewhere.get(play));
      const found = resource.afterChanges?.(observed, before) ?? observed;
      const to = resource.aim(found);
      const changes = resource.diff(found, to);
      const against = resource.conflicts?.(found, to) ?? [];
      conflicts.push(...against.map((conflict) => ({ id: resource.id, conflict })));
      if (changes.length === 0) {
        notices.push(...[resource.notice?.(observed)].filter((text) => text !== undefined));
        continue;
      }
      changed.add(resource.id);
      steps.push({ resource, from: found, to, changes });
    }
    return { play, steps, unchanged: resources.length - steps.length };
  });
  throwIfAny(host, conflicts);
  return { host, plays: planned, notices };
}

function union(
  own: ReadonlySet<string>,
  others: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
  return new Set([...own, ...others]);
}

/** The error speaks of one resource where it is only one, so that its lines need no names. */
function throwIfAny(
  host: string,
  conflicts: readonly { readonly id: string; readonly conflict: Conflict }[],
): void {
  if (conflicts.length === 0) return;
  const ids = [...new Set(conflicts.map(({ id }) => id))];
  throw new ConflictError(
    conflicts.map(({ conflict }) => conflict),
    { host, step: ids.join(', ') },
  );
}

/** How many resources of the host have to change. */
export function countSteps(plan: HostPlan): number {
  return plan.plays.reduce((sum, { steps }) => sum + steps.length, 0);
}

function assertKnown(
  host: string,
  { id }: Resource,
  observed: Observed<unknown> | undefined,
): Target<unknown> {
  if (observed !== undefined && observed.kind !== 'unknown') return observed;
  throw new ObserveError(`the state could not be told: ${observed?.reason ?? 'not observed'}`, {
    host,
    step: id,
    hint: observed?.hint ?? 'Look at this on the host itself; nothing was changed there.',
  });
}

function assertUniqueIds(host: string, plays: readonly HostPlay[]): void {
  const seen = new Set<string>();
  for (const { id } of plays.flatMap(({ resources }) => resources)) {
    if (seen.has(id)) {
      throw new PlaybookError(`two resources are called '${id}'`, {
        host,
        hint: 'Give every resource of a host an id of its own.',
      });
    }
    seen.add(id);
  }
}
