import { sh } from '../model/shell/script.ts';
import { type Journal, type JournalEntry } from './journal.ts';
import { type JournaledPlay } from './journal-line.ts';
import { pastOf, restingOn, trustingEntry } from './journal-trust.ts';
import { type MakeFromSpec } from '../model/engine-context.ts';
import { type HostPlay, type KeptResource } from '../model/plan.ts';
import {
  type Observed,
  type Question,
  type Resource,
  type Stays,
  type Target,
} from '../model/resource.ts';

/** What of a host goes back to what it was, and what is kept as it is. */
export interface UndoPlan {
  /** The plays that undo, the newest change first; their resources aim at the state of before. */
  readonly plays: readonly HostPlay[];
  readonly kept: readonly KeptResource[];
}

/** What an undoing is planned from. */
interface Undoing {
  /** In the order in which they were first touched. */
  readonly entries: readonly JournalEntry[];
  readonly observations: ReadonlyMap<string, Observed<unknown>>;
  readonly makeFromSpec: MakeFromSpec;
}

const NOTHING_STAYS: Stays = new Map();

/**
 * A journal's entry as a resource that aims back at what was there before lvslab.
 * @param stays what must stay for the sake of others.
 */
export function undoResource(
  entry: JournalEntry,
  makeFromSpec: MakeFromSpec,
  stays: Stays = NOTHING_STAYS,
): Resource {
  return trustingEntry(entry, () => {
    const made = newest(entry, makeFromSpec);
    const past = pastOf(entry, made);
    return restingOn(entry, {
      ...made,
      aim: (found) => made.undo?.aim?.(found, past, stays) ?? past.before,
      uploads: [],
      notice: () => undefined,
      conflicts: () => [],
    });
  });
}

/** What the host is to be asked before an entry is undone; undefined where that is clear. */
export function questionOf(
  entry: JournalEntry,
  found: Target<unknown>,
  makeFromSpec: MakeFromSpec,
): Question | undefined {
  return trustingEntry(entry, () => {
    const made = newest(entry, makeFromSpec);
    return made.undo?.askOthers?.(found, pastOf(entry, made));
  });
}

/**
 * Plans the undoing of these entries. What others have changed since is kept unless `overwrite`, and so is what they may
 * rest on: everything of the same play that was made before it.
 */
export function planUndo({
  entries,
  observations,
  staying,
  makeFromSpec,
  overwrite,
}: Undoing & {
  /** What must stay for the sake of others, by id: what follows from the host's answers. */
  readonly staying?: ReadonlyMap<string, Stays>;
  readonly overwrite: boolean;
}): UndoPlan {
  const plays = new Map<string, { forward: Resource[]; after: Resource[] }>();
  const blockers = new Map<string, string>();
  const kept: KeptResource[] = [];
  for (const entry of entries.toReversed()) {
    const { name } = entry.play;
    const stays = staying?.get(entry.id);
    const resource = undoResource(entry, makeFromSpec, stays);
    const fate = overwrite
      ? 'undone'
      : fateOf(entry, resource, {
          entries,
          observations,
          makeFromSpec,
          blocker: blockers.get(name),
        });
    if (typeof fate === 'object') {
      blockers.set(name, blockers.get(name) ?? entry.id);
      kept.push({ id: entry.id, ...fate });
      continue;
    }
    kept.push(...stayingOf(entry.id, stays));
    const play = plays.get(name) ?? { forward: [], after: [] };
    plays.set(name, play);
    if (comesAfterOthers(resource, entry)) play.after.unshift(resource);
    else play.forward.push(fate === 'left to others' ? withoutSteps(resource) : resource);
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

/** Of its own it changes nothing: it goes with what it came with, or it is somebody else's, which the proof tells then. */
function withoutSteps(resource: Resource): Resource {
  return { ...resource, converge: () => sh`:` };
}

/** What was there before and depends on others can only be right again once they are. */
function comesAfterOthers({ undo }: Resource, { before }: JournalEntry): boolean {
  return undo?.last === true && before.kind === 'value';
}

/** What of a resource stays because others need it. */
function stayingOf(id: string, stays: Stays = NOTHING_STAYS): readonly KeptResource[] {
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
      undoResource(entry, makeFromSpec).undo?.shared !== true,
  );
}

/** A resource that a playbook wants, with what the journal knows of it. */
export function aimingWithPast(
  resource: Resource,
  { entries }: Journal,
  playbook: string,
): Resource {
  const entry = entries.find(({ id }) => id === resource.id);
  if (entry === undefined) return resource;
  const isItsOwn = entry.playbooks.every((name) => name === playbook);
  const past = { ...pastOf(entry, resource), ...(!isItsOwn && { specs: [] }) };
  return { ...resource, aim: (found) => trustingEntry(entry, () => resource.aim(found, past)) };
}

/** The name of the play that undoes a play. */
export function undoOf(play: string): string {
  return `undo ${play}`;
}

/**
 * The plays of all hosts in the order in which they are undone: each before those that it came after.
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

/** What becomes of an entry: undone, kept, or left to the undoing of what was made before it. */
function fateOf(
  entry: JournalEntry,
  back: Resource,
  {
    entries,
    observations,
    makeFromSpec,
    blocker,
  }: Undoing & {
    /** What is kept of the same play and was made later. */
    readonly blocker: string | undefined;
  },
): 'undone' | 'left to others' | Omit<KeptResource, 'id'> {
  const found = pendingOf(entry, observations, makeFromSpec);
  if (found === undefined) return 'undone';
  const changes = back.diff(found, back.aim(found));
  if (isForeign(entry, found, makeFromSpec)) {
    const earlier = entries.slice(0, entries.indexOf(entry));
    const isCarried =
      blocker === undefined &&
      isUnmade(entry, back) &&
      earlier.some(
        (other) =>
          other.play.name === entry.play.name &&
          pendingOf(other, observations, makeFromSpec) !== undefined,
      );
    if (isCarried) return 'left to others';
    return { why: 'changed by others since lvslab made it', changes };
  }
  if (blocker === undefined) return 'undone';
  return { why: `${blocker}, which is kept, may need it`, changes };
}

/** What is found of an entry, where that is not what it was before. */
function pendingOf(
  entry: JournalEntry,
  observations: ReadonlyMap<string, Observed<unknown>>,
  makeFromSpec: MakeFromSpec,
): Target<unknown> | undefined {
  const observed = observations.get(entry.id);
  if (observed === undefined || observed.kind === 'unknown') return undefined;
  const back = undoResource(entry, makeFromSpec);
  return back.diff(observed, back.aim(observed)).length > 0 ? observed : undefined;
}

/**
 * Whether lvslab had not come to it when it was cut off, and nothing was there before. What is there now may have come with
 * something that an earlier step has made: a package brings its files, nginx its first page. A change that may cut
 * the host off comes with nothing.
 */
function isUnmade({ unmade, before }: JournalEntry, back: Resource): boolean {
  return unmade === true && before.kind === 'absent' && !('rollback' in back);
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
  const judges = made.flatMap((resource) => {
    const { before } = pastOf(entry, resource);
    const verdict = trustingEntry(entry, () => resource.undo?.isForeign?.(observed, before));
    return verdict === undefined ? [] : [verdict];
  });
  if (judges.length > 0) return judges.every(Boolean);
  const fieldsOf = (resource: Resource): ReadonlySet<string> =>
    new Set(resource.diff(observed, resource.aim(observed)).map(({ field }) => field));
  const pending = fieldsOf(undoResource(entry, makeFromSpec));
  const unlike = made.map(fieldsOf);
  return [...pending].some((field) => unlike.every((fields) => fields.has(field)));
}

/** What lvslab made of a resource last; an entry of which anything can't be made again is not to be trusted. */
function newest({ specs }: JournalEntry, makeFromSpec: MakeFromSpec): Resource {
  const [first, ...later] = specs;
  const made = makeFromSpec(first);
  return later.map(makeFromSpec).at(-1) ?? made;
}
