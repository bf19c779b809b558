import { type Behaviour } from './evil-behaviour.ts';
import { whileItIsChanged, whileItIsObserved } from './evil-changing.ts';
import { inTheHandshake, inTheSession } from './evil-connecting.ts';
import { forgedFacts, forgedState } from './evil-lying.ts';
import { forgedFences, whileItIsRead } from './evil-reading.ts';

/** Every way of being evil that is tried. */
export const behaviours: readonly Behaviour[] = [
  ...inTheHandshake,
  ...inTheSession,
  ...whileItIsRead,
  ...forgedFences,
  ...forgedFacts,
  ...forgedState,
  ...whileItIsObserved,
  ...whileItIsChanged,
];
