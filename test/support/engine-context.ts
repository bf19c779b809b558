import { randomUUID } from 'node:crypto';
import { type EngineContext } from '../../src/engine/model/engine-context.ts';
import { type EngineEvent } from '../../src/engine/model/events.ts';
import { makeFromSpec } from '../../src/resources/resource-kinds.ts';

/** A context of the engine, for tests. */
export function testContext({
  events = [],
  signal = new AbortController().signal,
  ...others
}: {
  readonly events?: EngineEvent[];
} & Partial<EngineContext> = {}): EngineContext {
  return {
    emit: (event) => void events.push(event),
    random: () => randomUUID().replaceAll('-', ''),
    clock: { elapsed: () => performance.now(), date: () => new Date() },
    identity: { owner: 'tester', controller: 'here' },
    makeFromSpec,
    signal,
    ...others,
  };
}
