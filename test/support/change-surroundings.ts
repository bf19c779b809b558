import { randomUUID } from 'node:crypto';
import { type ChangeSurroundings } from '../../src/engine/apply/change-session.ts';
import { type RunEvent } from '../../src/engine/detached/events.ts';
import { reviveResource } from '../../src/resources/resource-kinds.ts';

/** What the engine needs from the world, for tests. */
export function testSurroundings({
  events = [],
  signal = new AbortController().signal,
  ...others
}: {
  readonly events?: RunEvent[];
  readonly signal?: AbortSignal;
} & Partial<ChangeSurroundings> = {}): ChangeSurroundings {
  return {
    emit: (event) => void events.push(event),
    nonce: () => randomUUID().replaceAll('-', ''),
    now: () => performance.now(),
    clock: () => Date.now(),
    by: { owner: 'tester', controller: 'here' },
    leftRuns: 'pick up',
    lockWaitMs: 0,
    confirmSeconds: 15,
    revive: reviveResource,
    signal,
    ...others,
  };
}
