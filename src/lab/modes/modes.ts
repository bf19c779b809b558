import { type LvsMode, type Mode } from './mode.ts';
import { dr } from './dr.ts';
import { nat } from './nat.ts';
import { tun } from './tun.ts';

const built = { nat, dr, tun } as const satisfies Readonly<Record<LvsMode, Mode>>;

/** The name of a mode. */
export type ModeName = keyof typeof built;

/** All modes. */
export const modes: readonly Mode[] = Object.values(built);

/** The modes of these services, each once. */
export function modesIn(services: readonly { readonly mode: LvsMode }[]): readonly Mode[] {
  return modes.filter(({ name }) => services.some(({ mode }) => mode === name));
}

/** The mode of this name. */
export function modeNamed(name: LvsMode): Mode {
  return built[name];
}
