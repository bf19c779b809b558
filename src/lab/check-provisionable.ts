import { type Host } from '../inventory/inventory.ts';
import { type ProblemList } from '../inventory/problem-list.ts';
import { type LabDraft } from './lab-draft.ts';
import { modeNamed, modes } from './modes/modes.ts';

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

/** Reports a mode that lvslab does not set up, and what of the lab only other modes could do. */
export function checkMode({ mode: { value, at } }: LabDraft, problems: ProblemList): void {
  const found = modeNamed(value);
  if (found.mode !== undefined) return;
  const names = modes.map(({ name }) => name).join(' and ');
  const verb = modes.length === 1 ? 'is' : 'are';
  problems.add(at, `lvs_mode is ${value}, but only ${names} ${verb} built: ${found.reason}`);
}
