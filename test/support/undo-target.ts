import {
  type Past,
  type Resource,
  type Stays,
  type Target,
} from '../../src/engine/model/resource.ts';

/** What a journal has of a resource that lvslab has made once, from this state. */
export function pastOf<S>({ spec }: Resource<S>, before: Target<S>): Past<S> {
  return { before, specs: spec === undefined ? [] : [spec], outcomes: [], interrupted: false };
}

/** Where undoing leads from a state. */
export function undoTarget<S>(
  { undo }: Resource<S>,
  found: Target<S>,
  past: Past<S>,
  stays: Stays = new Map(),
): Target<S> {
  return undo?.aim?.(found, past, stays) ?? past.before;
}
