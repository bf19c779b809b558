import { type LvsMode, type Mode } from './mode.ts';
import { dr } from './dr.ts';
import { nat } from './nat.ts';
import { tun } from './tun.ts';

const built = { nat, dr, tun } as const satisfies Readonly<Record<LvsMode, Mode>>;

/** The name of a mode. */
export type ModeName = keyof typeof built;

/** All modes. */
export const modes: readonly Mode[] = Object.values(built);

/** The mode of this name. */
export function modeNamed(name: LvsMode): Mode {
  return built[name];
}
