import { createHash } from 'node:crypto';
import { type ResourceSpec, type Target } from './resource.ts';

/** A play as the journal knows it: enough to undo the plays of several hosts in the right order. */
export interface JournaledPlay {
  readonly name: string;
  readonly after: readonly string[];
}

/** One line of a host's journal. Fields and types that a later version adds are passed over. */
export type JournalLine =
  | {
      readonly type: 'run';
      readonly run: string;
      readonly time: string;
      readonly by: string;
    }
  | {
      /** What a resource was before lvslab first touched it; later lines never change that. */
      readonly type: 'first';
      readonly id: string;
      readonly before: Target<unknown>;
      readonly play: JournaledPlay;
      readonly run: string;
      readonly time: string;
    }
  | {
      /** What lvslab was about to make of the resource. */
      readonly type: 'made';
      readonly id: string;
      readonly spec: ResourceSpec;
      readonly playbook: string;
      readonly run: string;
      readonly time: string;
    }
  | {
      /** These are about to change, in a way of which the outcome is to be known. */
      readonly type: 'began';
      readonly ids: readonly string[];
      readonly run: string;
      readonly time: string;
    }
  | {
      /** The change came to its end, and this is what it brought. */
      readonly type: 'ended';
      readonly id: string;
      readonly outcome: unknown;
      readonly run: string;
      readonly time: string;
    }
  | {
      /** These are as they were before, or nobody's business any more. */
      readonly type: 'released';
      readonly ids: readonly string[];
      readonly run: string;
      readonly time: string;
    };

/** All that is needed to undo what lvslab did with one resource of a host. */
export interface JournalEntry {
  readonly id: string;
  readonly before: Target<unknown>;
  readonly play: JournaledPlay;
  /** What lvslab made of it, each once, the newest last; never empty. */
  readonly specs: readonly [ResourceSpec, ...ResourceSpec[]];
  /** The playbooks that wanted it. */
  readonly playbooks: readonly string[];
  /** What its changes brought, where that was asked for; the first one first. */
  readonly outcomes: readonly unknown[];
  /** A change of it was begun, and its end was never seen. */
  readonly interrupted: boolean;
}

/** What a host's journal says. */
export interface Journal {
  /** In the order in which the resources were first touched. */
  readonly entries: readonly JournalEntry[];
  /** How many lines could not be read. */
  readonly damaged: number;
  /** Differs for any other content of the file. */
  readonly version: string;
}

/** One line with its own checksum, without the newline. */
export function printJournalLine(line: JournalLine): string {
  const json = JSON.stringify(line);
  return `${checksum(json)} ${json}`;
}

/** Reads a journal; lines that are damaged or cut short are counted and lose nothing but themselves. */
export function parseJournal(text: string, version: string): Journal {
  const printed = text.split('\n').filter((line) => line !== '');
  const read = printed.map(parseLine);
  const known = read.filter((line) => line !== undefined);
  return { entries: entriesOf(known), damaged: read.length - known.length, version };
}

/** Whether two specs make the same resource. */
export function isSameSpec(one: ResourceSpec, other: ResourceSpec): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function parseLine(line: string): JournalLine | undefined {
  const at = line.indexOf(' ');
  const json = line.slice(at + 1);
  return at > 0 && checksum(json) === line.slice(0, at)
    ? (JSON.parse(json) as JournalLine)
    : undefined;
}

interface Draft extends Omit<JournalEntry, 'specs' | 'playbooks' | 'outcomes' | 'interrupted'> {
  readonly specs: ResourceSpec[];
  readonly outcomes: unknown[];
  interrupted: boolean;
  readonly playbooks: Set<string>;
}

function entriesOf(lines: readonly JournalLine[]): readonly JournalEntry[] {
  const drafts = new Map<string, Draft>();
  for (const line of lines) {
    if (line.type === 'released') for (const id of line.ids) drafts.delete(id);
    if (line.type === 'first' && !drafts.has(line.id)) {
      const { id, before, play } = line;
      const nothingYet = { specs: [], playbooks: new Set<string>(), outcomes: [] };
      drafts.set(id, { id, before, play, ...nothingYet, interrupted: false });
    }
    if (line.type === 'made') note(drafts.get(line.id), line);
    if (line.type === 'began') for (const id of line.ids) noteChange(drafts.get(id), true);
    if (line.type === 'ended') noteChange(drafts.get(line.id), false, line.outcome);
  }
  return [...drafts.values()].flatMap(({ specs: [first, ...others], playbooks, ...entry }) =>
    first === undefined
      ? []
      : [{ ...entry, specs: [first, ...others], playbooks: [...playbooks] } as const],
  );
}

function note(
  draft: Draft | undefined,
  { spec, playbook }: JournalLine & { readonly type: 'made' },
): void {
  if (draft === undefined) return;
  const before = draft.specs.findIndex((known) => isSameSpec(known, spec));
  if (before !== -1) draft.specs.splice(before, 1);
  draft.specs.push(spec);
  draft.playbooks.add(playbook);
}

function noteChange(draft: Draft | undefined, interrupted: boolean, outcome?: unknown): void {
  if (draft === undefined) return;
  draft.interrupted = interrupted;
  if (outcome !== undefined) draft.outcomes.push(outcome);
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 32);
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
