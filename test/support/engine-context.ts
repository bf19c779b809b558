import { randomUUID } from 'node:crypto';
import { type ChangeContext } from '../../src/engine/apply/change-session.ts';
import { type EngineEvent } from '../../src/engine/detached/events.ts';
import { makeFromSpec } from '../../src/resources/resource-kinds.ts';

/** What the engine needs from the world, for tests. */
export function testContext({
  events = [],
  signal = new AbortController().signal,
  ...others
}: {
  readonly events?: EngineEvent[];
  readonly signal?: AbortSignal;
} & Partial<ChangeContext> = {}): ChangeContext {
  return {
    emit: (event) => void events.push(event),
    nonce: () => randomUUID().replaceAll('-', ''),
    now: () => performance.now(),
    clock: () => Date.now(),
    by: { owner: 'tester', controller: 'here' },
    orphans: 'adopt',
    lockWaitMs: 0,
    confirmSeconds: 15,
    makeFromSpec,
    signal,
    ...others,
  };
}
