import { type Host } from '../../inventory/inventory.ts';
import { type ProblemList } from '../../inventory/problem-list.ts';

// What an inventory and a `Lab` can say, and lvslab does not set up yet: all of it is refused here, and nowhere else.

/** The directors that the lab goes on with; a problem for each that is one too many. */
export function provisionableDirectors(
  directors: readonly Host[],
  problems: ProblemList,
): readonly Host[] {
  const [first, ...others] = directors;
  if (first === undefined) return [];
  for (const extra of others) {
    problems.add(
      extra.at,
      `${extra.name} is a second director beside ${first.name}: a lab has one`,
    );
  }
  return [first];
}
