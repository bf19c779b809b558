import { type Change } from '../engine/model/resource.ts';

/** The parts of a state as people see them; a part that is not there is not set. */
export type Fields = Readonly<Record<string, string | undefined>>;

/** The fields in which two descriptions of a state differ, in their order. */
export function fieldChanges(before: Fields, after: Fields): readonly Change[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((field) => {
    const [from, to] = [before[field], after[field]];
    if (from === to) return [];
    return [{ field, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
  });
}

/** The change of one field; none where both sides are the same. */
export function fieldChange(
  field: string,
  from: string | undefined,
  to: string | undefined,
): readonly Change[] {
  return fieldChanges({ [field]: from }, { [field]: to });
}

/** What a list loses and gains on the way to another, in the order of each. */
export function listChanges(
  from: readonly string[],
  to: readonly string[],
): { readonly lost: readonly string[]; readonly gained: readonly string[] } {
  const [before, after] = [new Set(from), new Set(to)];
  return {
    lost: from.filter((one) => !after.has(one)),
    gained: to.filter((one) => !before.has(one)),
  };
}
