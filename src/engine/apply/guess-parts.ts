import { type ReadingPart } from '../host/observe.ts';
import { type Resource } from '../model/resource.ts';

/** Where the facts of a host are kept until the next time; neither of these ever fails. */
export interface LastFacts {
  /** As they were printed; undefined where there are none, or what is there can't be trusted to be some. */
  readonly read: () => Promise<string | undefined>;
  readonly keep: (facts: string) => Promise<void>;
}

/**
 * What will be asked of a host if its facts are still what they were, to be asked along with them. Of that, only what turns
 * out to be wanted counts, and what else is wanted is asked then: so it is of no matter what goes wrong here.
 * @param resourcesFor what the plays would give the host if these were its facts; may throw.
 */
export async function guessParts(
  lastFacts: LastFacts | undefined,
  resourcesFor: (facts: string) => readonly Resource[],
): Promise<readonly ReadingPart[]> {
  const facts = await lastFacts?.read();
  if (facts === undefined) return [];
  try {
    return resourcesFor(facts).map(({ id, observe: script }) => ({ id, script }));
  } catch {
    return [];
  }
}
