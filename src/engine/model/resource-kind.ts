import { type z } from 'zod';
import { ObserveError } from './failures/errors.ts';
import { type Resource, type ResourceSpec } from './resource.ts';

/** A kind of resource, as a journal names it. */
export interface ResourceKind {
  readonly kindName: string;
  /**
   * Makes a resource again from what a journal holds as the `args` of its spec.
   * @throws ObserveError when they are none that this kind would have written.
   */
  remake(recorded: unknown): Resource;
}

/** A resource that a journal can bring back. */
type Recordable<R> = R & { readonly spec: ResourceSpec };

/** A kind of resource: makes resources from their arguments. */
export interface DefinedKind<A, R> extends ResourceKind {
  (args: A): Recordable<R>;
  /**
   * Reads arguments that a journal holds.
   * @throws ObserveError when they are none that this kind would have written.
   */
  readArgs(recorded: unknown): A;
}

type StateOf<R> = R extends Resource<infer S> ? S : never;

/** What a kind is made of. */
interface KindParts<A, R> {
  /** The shape of the arguments. */
  readonly args: z.ZodType<A>;
  /** The shape of the states that are found on hosts. */
  readonly state: z.ZodType<StateOf<R>>;
  readonly make: (args: A) => R;
}

/**
 * Defines a kind of resource: the one place that says what its arguments and its states look like, and makes its resources.
 * Both go into the journals of hosts as JSON, and are read from there by their schemas: whoever is root on a host can write
 * anything into a journal.
 * @param name how journals call it, for ever.
 */
export function defineKind<A, R extends Resource>(
  name: string,
  { args: argsSchema, state: stateSchema, make }: KindParts<A, R>,
): DefinedKind<A, R> {
  const readState = (recorded: unknown): StateOf<R> => {
    const read = stateSchema.safeParse(recorded);
    if (read.success) return read.data;
    throw new TypeError('it can never have been in that state');
  };
  const kind = (args: A): Recordable<R> => {
    const made = make(args);
    return { ...made, undo: { ...made.undo, readState }, spec: { kind: name, args } };
  };
  const readArgs = (recorded: unknown): A => {
    const read = argsSchema.safeParse(recorded);
    if (read.success) return read.data;
    throw forgedError(
      name,
      read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
  };
  const remake = (recorded: unknown): Resource => kind(readArgs(recorded));
  return Object.assign(kind, { kindName: name, readArgs, remake });
}

/** A journal holds what lvslab would not have written: that concerns its host, and no other. */
export function forgedError(kind: string, problem: string, cause?: unknown): ObserveError {
  return new ObserveError(
    `the host's journal has a resource of the kind '${kind}' that can't be made again: ${problem}`,
    {
      step: 'journal',
      cause,
      hint: 'Look at /var/lib/lvslab on that host: somebody else has written into it.',
    },
  );
}
