import { type Journal, type JournalEntry } from './journal.ts';
import { type JournaledPlay } from './journal-line.ts';
import { restingOn, trustingEntry } from './journal-trust.ts';
import { type HostPlay, type KeptResource } from '../model/plan.ts';
import {
  type Observed,
  type Answer,
  type Resource,
  type ResourceSpec,
  type Target,
} from '../model/resource.ts';

/** Makes a resource again from what the journal has of it. */
export type MakeFromSpec = (spec: ResourceSpec) => Resource;

/** What of a host goes back to what it was, and what is kept as it is. */
export interface UndoPlan {
  /** The plays that lead back, the newest change first; their resources' desired state is the one before. */
  readonly plays: readonly HostPlay[];
  readonly kept: readonly KeptResource[];
}

/** A journal's entry as a resource whose desired state is what was there before lvslab. */
export function undoResource(entry: JournalEntry, makeFromSpec: MakeFromSpec): Resource {
  return trustingEntry(entry, () => {
    const made = makeFromSpec(newest(entry.specs));
    if (entry.before.kind === 'value' && made.isState?.(entry.before.value) === false) {
      throw new TypeError('it can never have been in that state');
    }
    return undoTo(entry, made.withPast?.(entry) ?? made);
  });
}

function undoTo(entry: JournalEntry, resource: Resource): Resource {
  const back = { ...resource, desired: entry.before, uploads: [], notice: () => undefined };
  return restingOn(entry, back);
}

/**
 * The way back for these entries. What others have changed since is kept unless `overwrite`, and so is what they may
 * rest on: everything of the same play that was made before it.
 */
export function planUndo({
  entries,
  observations,
  answers = new Map(),
  makeFromSpec,
  overwrite,
}: {
  /** In the order in which they were first touched. */
  readonly entries: readonly JournalEntry[];
  readonly observations: ReadonlyMap<string, Observed<unknown>>;
  /** What follows from the hosts' answers to what the resources asked, by id. */
  readonly answers?: ReadonlyMap<string, Answer>;
  readonly makeFromSpec: MakeFromSpec;
  readonly overwrite: boolean;
}): UndoPlan {
  const plays = new Map<string, { forward: Resource[]; after: Resource[] }>();
  const blockers = new Map<string, string>();
  const kept: KeptResource[] = [];
  for (const entry of entries.toReversed()) {
    const { name } = entry.play;
    const { resource, stays } = settled(entry, answers.get(entry.id), makeFromSpec);
    const observed = observations.get(entry.id);
    const why = overwrite
      ? undefined
      : reasonToKeep(entry, observed, makeFromSpec, blockers.get(name));
    if (why !== undefined && observed !== undefined && observed.kind !== 'unknown') {
      blockers.set(name, blockers.get(name) ?? entry.id);
      kept.push({ id: entry.id, why, changes: resource.diff(observed, entry.before) });
      continue;
    }
    kept.push(...stayingOf(entry.id, stays));
    const play = plays.get(name) ?? { forward: [], after: [] };
    plays.set(name, play);
    if (comesAfterOthers(resource)) play.after.unshift(resource);
    else play.forward.push(resource);
  }
  return {
    plays: [...plays].map(([name, { forward, after }]) => ({
      play: undoOf(name),
      resources: [...forward, ...after],
      undoes: true,
    })),
    kept,
  };
}

/** What was there before and depends on others can only be right again once they are. */
function comesAfterOthers(resource: Resource): boolean {
  return resource.undoLast === true && resource.desired.kind === 'value';
}

/** An entry's way back, as far as the host's answer lets it go. */
function settled(
  entry: JournalEntry,
  answer: Answer | undefined,
  makeFromSpec: MakeFromSpec,
): Answer {
  if (answer === undefined)
    return { resource: undoResource(entry, makeFromSpec), stays: new Map() };
  return { ...answer, resource: undoTo(entry, answer.resource) };
}

/** What of a resource stays because others need it. */
function stayingOf(id: string, stays: ReadonlyMap<string, string>): readonly KeptResource[] {
  const byReason = new Map<string, string[]>();
  for (const [field, reason] of stays) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), field]);
  }
  return [...byReason].map(([reason, fields]) => ({
    id,
    why: `${fields.join(', ')}: ${reason}`,
    changes: [],
    isNeeded: true,
  }));
}

/** The entries that this playbook alone had wanted, and wants no longer. */
export function obsoleteEntries(
  { entries }: Journal,
  {
    ids,
    playbook,
    makeFromSpec,
  }: { ids: ReadonlySet<string>; playbook: string; makeFromSpec: MakeFromSpec },
): readonly JournalEntry[] {
  return entries.filter(
    (entry) =>
      !ids.has(entry.id) &&
      entry.playbooks.every((name) => name === playbook) &&
      undoResource(entry, makeFromSpec).shared !== true,
  );
}

/** A resource that a playbook wants, with what the journal knows of it. */
export function withPast(resource: Resource, { entries }: Journal, playbook: string): Resource {
  const entry = entries.find(({ id }) => id === resource.id);
  if (entry === undefined) return resource;
  const isItsOwn = entry.playbooks.every((name) => name === playbook);
  const past = { ...entry, specs: isItsOwn ? entry.specs : [] };
  return trustingEntry(entry, () => resource.withPast?.(past) ?? resource);
}

/** The name of the play that takes a play back. */
export function undoOf(play: string): string {
  return `undo ${play}`;
}

/**
 * The plays of all hosts in the order in which they are taken back: each before those that it came after.
 * @param plays the newest first.
 */
export function undoOrder(plays: readonly JournaledPlay[]): readonly JournaledPlay[] {
  const dependents = new Map<string, Set<string>>();
  for (const { name, after } of plays) {
    dependents.set(name, dependents.get(name) ?? new Set());
    for (const earlier of after) {
      dependents.set(earlier, (dependents.get(earlier) ?? new Set()).add(name));
    }
  }
  const order: string[] = [];
  const visited = new Set<string>();
  const visit = (name: string): void => {
    if (visited.has(name)) return;
    visited.add(name);
    for (const dependent of dependents.get(name) ?? []) visit(dependent);
    order.push(name);
  };
  for (const { name } of plays) visit(name);
  const known = new Set(plays.map(({ name }) => name));
  // Only what stands earlier in this order can be waited for: plays that once named each other would wait for ever.
  return order
    .filter((name) => known.has(name))
    .map((name, place, names) => ({
      name,
      after: names.slice(0, place).filter((other) => dependents.get(name)?.has(other)),
    }));
}

function reasonToKeep(
  entry: JournalEntry,
  observed: Observed<unknown> | undefined,
  makeFromSpec: MakeFromSpec,
  blocker: string | undefined,
): string | undefined {
  if (observed === undefined || observed.kind === 'unknown') return undefined;
  if (undoResource(entry, makeFromSpec).diff(observed, entry.before).length === 0) return undefined;
  if (isForeign(entry, observed, makeFromSpec)) return 'changed by others since lvslab made it';
  return blocker === undefined ? undefined : `${blocker}, which is kept, may need it`;
}

/**
 * Whether a state has something that is neither as it was before nor as lvslab ever made it. A step that was interrupted
 * halfway leaves parts of both, which is not foreign.
 */
function isForeign(
  entry: JournalEntry,
  observed: Target<unknown>,
  makeFromSpec: MakeFromSpec,
): boolean {
  const made = trustingEntry(entry, () => entry.specs.map(makeFromSpec)).map((resource) =>
    restingOn(entry, resource),
  );
  const judges = made.filter((resource) => 'isForeign' in resource);
  if (judges.length > 0) {
    return judges.every((resource) => resource.isForeign?.(observed, entry.before) === true);
  }
  const fieldsTo = (resource: Resource, to: Target<unknown>): ReadonlySet<string> =>
    new Set(resource.diff(observed, to).map(({ field }) => field));
  const pending = fieldsTo(undoResource(entry, makeFromSpec), entry.before);
  const unlike = made.map((resource) => fieldsTo(resource, resource.desired));
  return [...pending].some((field) => unlike.every((fields) => fields.has(field)));
}

/** The spec of what lvslab made of a resource last. */
function newest(specs: JournalEntry['specs']): ResourceSpec {
  return specs.at(-1) ?? specs[0];
}
