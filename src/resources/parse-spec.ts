import { z } from 'zod';
import { ObserveError } from '../engine/model/errors.ts';
import { specSchemas } from './spec-schemas.ts';

/** The names of lvslab's own kinds of resources. */
export type KindName = keyof typeof specSchemas;

/**
 * Reads the arguments of a kind out of a journal.
 * @throws ObserveError when they are none that lvslab would have written.
 */
export function parseSpec<K extends KindName>(
  kind: K,
  args: unknown,
): z.infer<(typeof specSchemas)[K]> {
  const parsed = specSchemas[kind].safeParse(args);
  if (!parsed.success) throw forgedError(kind, z.prettifyError(parsed.error));
  return parsed.data as z.infer<(typeof specSchemas)[K]>;
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
