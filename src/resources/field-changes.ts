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
