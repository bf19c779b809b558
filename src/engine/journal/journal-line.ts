import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type ResourceSpec, type Target } from '../model/resource.ts';

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
      /** Once anything was made of it, a line says so; those of earlier versions never do. */
      readonly unmade?: true;
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
      /** Their steps have come to their end: from now on, what else is found there is somebody's change. */
      readonly type: 'finished';
      readonly ids: readonly string[];
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

const text = z.string();
const ids = z.array(text);
const written = { run: text, time: text };

/**
 * A host's journal is input like all that a host says: a line of another shape than lvslab writes is a damaged line. What
 * `value`, `args` and `outcome` hold is the business of the resource's kind.
 */
const LINE: z.ZodType<JournalLine> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run'), by: text, ...written }),
  z.object({
    type: z.literal('first'),
    id: text,
    before: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('value'), value: z.unknown() }),
      z.object({ kind: z.literal('absent') }),
    ]),
    play: z.object({ name: text, after: ids }),
    unmade: z.literal(true).exactOptional(),
    ...written,
  }),
  z.object({
    type: z.literal('made'),
    id: text,
    spec: z.object({ kind: text, args: z.unknown() }),
    playbook: text,
    ...written,
  }),
  z.object({ type: z.literal('began'), ids, ...written }),
  z.object({ type: z.literal('ended'), id: text, outcome: z.unknown(), ...written }),
  z.object({ type: z.literal('finished'), ids, ...written }),
  z.object({ type: z.literal('released'), ids, ...written }),
]);

const KNOWN_TYPES: ReadonlySet<unknown> = new Set<JournalLine['type']>([
  'run',
  'first',
  'made',
  'began',
  'ended',
  'finished',
  'released',
]);

/** What one printed line is: a line, one of a type that a later version has added, or damaged. */
export type ReadLine =
  | { readonly kind: 'line'; readonly line: JournalLine }
  | { readonly kind: 'later' }
  | { readonly kind: 'damaged' };

/** One line with its own checksum, without the newline. */
export function printJournalLine(line: JournalLine): string {
  const json = JSON.stringify(line);
  return `${checksum(json)} ${json}`;
}

/** Reads one printed line; never throws, whatever it is. */
export function readJournalLine(printed: string): ReadLine {
  const at = printed.indexOf(' ');
  const json = printed.slice(at + 1);
  if (at <= 0 || checksum(json) !== printed.slice(0, at)) return { kind: 'damaged' };
  const data = parsed(json);
  if (typeof data !== 'object' || data === null) return { kind: 'damaged' };
  const type: unknown = Reflect.get(data, 'type');
  if (typeof type === 'string' && !KNOWN_TYPES.has(type)) return { kind: 'later' };
  const line = LINE.safeParse(data);
  return line.success ? { kind: 'line', line: line.data } : { kind: 'damaged' };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // A checksum is no signature: what somebody else wrote may have a right one.
    return undefined;
  }
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, 32);
}
