import { type JournaledPlay, type JournalLine, readJournalLine } from './journal-line.ts';
import { type ResourceSpec, type Target } from '../model/resource.ts';

/** All that is needed to undo what lvslab did with one resource of a host. */
export interface JournalEntry {
  readonly id: string;
  readonly before: Target<unknown>;
  readonly play: JournaledPlay;
  /** What lvslab made of it, each once, the newest last; never empty. */
  readonly specs: readonly [ResourceSpec, ...ResourceSpec[]];
  /** The playbooks that wanted it, each once; the one that made it last comes last. */
  readonly playbooks: readonly string[];
  /** What its changes brought, where that was asked for; the first one first. */
  readonly outcomes: readonly unknown[];
  /** Of kinds that tell what a change has brought: one was begun, and its end was never seen. */
  readonly interrupted: boolean;
  /** No step that makes it has come to its end, as far as the journal knows. */
  readonly unmade?: boolean;
}

/** What a host's journal says. */
export interface Journal {
  /** In the order in which the resources were first touched. */
  readonly entries: readonly JournalEntry[];
  /** How many lines could not be read. */
  readonly damaged: number;
  /** Differs for any other content of the file. */
  readonly version: string;
  /** Its lines as they stand there. */
  readonly printed: readonly string[];
}

/** Reads a journal; lines that are damaged or cut short are counted and lose nothing but themselves. */
export function parseJournal(text: string, version: string): Journal {
  const printed = text.split('\n').filter((line) => line !== '');
  const read = printed.map(readJournalLine);
  const known = read.flatMap((one) => (one.kind === 'line' ? [one.line] : []));
  return {
    entries: entriesOf(known),
    damaged: read.filter(({ kind }) => kind === 'damaged').length,
    version,
    printed,
  };
}

/** Whether two specs make the same resource. */
export function isSameSpec(one: ResourceSpec, other: ResourceSpec): boolean {
  return specKey(one) === specKey(other);
}

/** A text that is the same for specs that make the same resource, and for no others. */
export function specKey(spec: ResourceSpec): string {
  return JSON.stringify(sorted(spec));
}

interface Draft extends Omit<
  JournalEntry,
  'specs' | 'playbooks' | 'outcomes' | 'interrupted' | 'unmade'
> {
  /** By their keys, the newest last. */
  readonly specs: Map<string, ResourceSpec>;
  readonly outcomes: unknown[];
  interrupted: boolean;
  unmade: boolean;
  readonly playbooks: Set<string>;
}

function entriesOf(lines: readonly JournalLine[]): readonly JournalEntry[] {
  const drafts = new Map<string, Draft>();
  for (const line of lines) follow(drafts, line);
  return [...drafts.values()].flatMap(({ specs, playbooks, ...entry }) => {
    const [first, ...others] = specs.values();
    return first === undefined
      ? []
      : [{ ...entry, specs: [first, ...others], playbooks: [...playbooks] } as const];
  });
}

function follow(drafts: Map<string, Draft>, line: JournalLine): void {
  switch (line.type) {
    case 'first':
      if (!drafts.has(line.id)) drafts.set(line.id, draftOf(line));
      return;
    case 'made':
      note(drafts.get(line.id), line);
      return;
    case 'ended':
      noteChange(drafts.get(line.id), line.type, line.outcome);
      return;
    case 'began':
    case 'finished':
      line.ids.forEach((id) => {
        noteChange(drafts.get(id), line.type);
      });
      return;
    case 'released':
      line.ids.forEach((id) => drafts.delete(id));
      return;
    case 'run':
  }
}

function draftOf({ id, before, play, unmade }: JournalLine & { readonly type: 'first' }): Draft {
  const nothingYet = {
    specs: new Map<string, ResourceSpec>(),
    playbooks: new Set<string>(),
    outcomes: [],
  };
  return { id, before, play, unmade: unmade === true, interrupted: false, ...nothingYet };
}

function note(
  draft: Draft | undefined,
  { spec, playbook }: JournalLine & { readonly type: 'made' },
): void {
  if (draft === undefined) return;
  const key = specKey(spec);
  draft.specs.delete(key);
  draft.specs.set(key, spec);
  draft.playbooks.delete(playbook);
  draft.playbooks.add(playbook);
}

function noteChange(
  draft: Draft | undefined,
  what: 'began' | 'ended' | 'finished',
  outcome?: unknown,
): void {
  if (draft === undefined) return;
  if (what === 'finished') draft.unmade = false;
  else draft.interrupted = what === 'began';
  if (outcome !== undefined) draft.outcomes.push(outcome);
}

/** The same data with the fields of its objects in alphabetical order. */
function sorted(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(sorted);
  if (typeof data !== 'object' || data === null) return data;
  const fields = Object.entries(data).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    fields
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, sorted(field)] as const),
  );
}
