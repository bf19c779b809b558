import { type LvsMode, type Mode } from './mode.ts';
import { dr } from './dr.ts';
import { nat } from './nat.ts';

/** The modes that lvslab sets up. */
const built = { nat, dr } as const satisfies Readonly<Partial<Record<LvsMode, Mode>>>;

/** The name of a mode that lvslab sets up. */
export type ModeName = keyof typeof built;

/** Why it does not set up the others: each that is known is in one of the two lists. */
const refused: Readonly<Record<Exclude<LvsMode, ModeName>, string>> = {
  tun: 'tunneling needs a tunnel on every real server, which lvslab does not set up',
};

/** All modes that lvslab sets up. */
export const modes: readonly Mode[] = Object.values(built);

/** The mode of this name, or why there is none. */
export function modeNamed(
  name: LvsMode,
): { readonly mode: Mode } | { readonly mode: undefined; readonly reason: string } {
  return isBuilt(name) ? { mode: built[name] } : { mode: undefined, reason: refused[name] };
}

function isBuilt(name: LvsMode): name is ModeName {
  return Object.hasOwn(built, name);
}
