import { isDeepStrictEqual } from 'node:util';
import { type Measurement, type Result } from './result.ts';

/**
 * A result with those measurements of an earlier one that it has nothing to say of, so that a part can be measured in pieces:
 * only where both were made on the same machine with the same versions.
 */
export function withEarlier(result: Result, all: readonly Result[]): Result {
  const earlier = all.find(({ part }) => part === result.part);
  if (earlier === undefined || !isDeepStrictEqual(madeOn(earlier), madeOn(result))) return result;
  const measured = new Set(result.measurements.map(subject));
  const kept = earlier.measurements.filter((one) => !measured.has(subject(one)));
  return { ...result, measurements: [...kept, ...result.measurements] };
}

/** What was measured together, and is measured again together. */
function subject({ task, hosts }: Measurement): string {
  return task === 'fleet' ? `${task} of ${hosts}` : task;
}

function madeOn({ machine: { processor, cores, memoryMiB, kernel }, versions }: Result): unknown {
  return [processor, cores, memoryMiB, kernel, versions];
}
