import { LvslabError, ObserveError } from '../model/failures/errors.ts';
import { type Journal, type JournalEntry } from './journal.ts';
import { type Past, type Resource, value } from '../model/resource.ts';

/**
 * Does what rests on a journal's entry. What an entry holds of a resource is known to the resource's kind alone; where
 * that can do nothing with it, somebody else has written it, or another version.
 * @throws ObserveError in the place of anything that is not thrown on purpose.
 */
export function trustingEntry<T>({ id }: Pick<JournalEntry, 'id'>, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof LvslabError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ObserveError(`what the journal holds of it can't be used: ${message}`, {
      step: id,
      cause,
      hint: 'Look on the host at what `cat /var/lib/lvslab/journal` says; nothing was changed there.',
    });
  }
}

/** What an entry says, as the resource's kind understands it. */
export function pastOf(entry: JournalEntry, { undo }: Resource): Past {
  const { before, specs, outcomes, interrupted, unmade = false } = entry;
  const state =
    before.kind === 'absent' || undo?.readState === undefined
      ? before
      : value(trustingEntry(entry, () => undo.readState?.(before.value)));
  return { before: state, specs, outcomes, interrupted, unmade };
}

/** A resource that was made of a journal's entry: whatever it is asked rests on that. */
export function restingOn(entry: JournalEntry, resource: Resource): Resource {
  const trusting = <T>(work: () => T): T => trustingEntry(entry, work);
  return {
    ...resource,
    aim: (found, past) => trusting(() => resource.aim(found, past)),
    diff: (from, to) => trusting(() => resource.diff(from, to)),
    converge: (from, to) => trusting(() => resource.converge(from, to)),
    ...('rollback' in resource && {
      rollback: (from, to) => trusting(() => resource.rollback?.(from, to)),
    }),
    ...('afterChanges' in resource && {
      afterChanges: (found, changed) =>
        trusting(() => resource.afterChanges?.(found, changed) ?? found),
    }),
  };
}

/** A journal without the entries that can't be used; they count as damaged. */
export function soundJournal(
  journal: Journal,
  resourceOf: (entry: JournalEntry) => Resource,
): Journal {
  const entries = journal.entries.filter((entry) => isSound(entry, resourceOf));
  const unsound = journal.entries.length - entries.length;
  return unsound === 0 ? journal : { ...journal, entries, damaged: journal.damaged + unsound };
}

/** Whether an entry makes the resource that it is for, and its kind finds nothing to undo in the state of before. */
function isSound(entry: JournalEntry, resourceOf: (entry: JournalEntry) => Resource): boolean {
  try {
    const resource = resourceOf(entry);
    const { before } = pastOf(entry, resource);
    return resource.id === entry.id && resource.diff(before, resource.aim(before)).length === 0;
  } catch (error) {
    if (error instanceof ObserveError) return false;
    throw error;
  }
}
