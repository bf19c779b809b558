import { type LvsMode } from '../../../src/lab/modes/mode.ts';
import { faults } from '../../../src/faults/faults.ts';

/**
 * Faults of which one hides the other, or takes the place of the other: two that change the same thing, and a second one
 * that needs what the first one breaks.
 */
const EXCLUSIVE: readonly (readonly string[])[] = [
  // Each of them is another table.
  ['L11', 'L13', 'L15', 'L16', 'L20', 'L21', 'L22', 'L34', 'L35'],
  // Each is what becomes of one web server; its page, and what boot makes of it, are seen only where it answers.
  ['L14', 'L24', 'L25', 'L27', 'L32'],
  // That a filter stops requests shows where something listens, and where there is a way.
  ['L14', 'L28'],
  ['L24', 'L28'],
  ['L25', 'L28'],
  ['L28', 'L29'],
  // Each is a way between the same two hosts.
  ['L01', 'L02'],
  ['L07', 'L30', 'L23', 'L33'],
  // What never gets as far as the filter is not stopped by it.
  ['L04', 'L07', 'L08', 'L23', 'L33'],
  // What boot will make of it is asked only where it is right now.
  ['L03', 'L26'],
  // The unit that holds the table, and writes it down when it stops.
  ['L11', 'L12', 'L22'],
];

/** With these no answer comes from the server that is to answer with an error. */
const UNANSWERED = [
  ...[
    'L01',
    'L02',
    'L03',
    'L04',
    'L06',
    'L07',
    'L08',
    'L11',
    'L13',
    'L20',
    'L21',
    'L22',
    'L23',
    'L28',
  ],
  ...['L30', 'L33', 'L34'],
];

/** All pairs of faults that can be there side by side, in an order that follows from the seed. */
export function faultPairs(seed: number, mode: LvsMode): readonly (readonly [string, string])[] {
  const ids = faults.filter(({ modes }) => modes.includes(mode)).map(({ id }) => id);
  const pairs = ids.flatMap((one, i) => ids.slice(i + 1).map((other) => [one, other] as const));
  const random = generator(seed);
  return pairs
    .filter((pair) => !isExclusive(pair))
    .map((pair) => ({ pair, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ pair }) => pair);
}

function isExclusive(pair: readonly [string, string]): boolean {
  if (pair.includes('L32') && pair.some((id) => UNANSWERED.includes(id))) return true;
  return EXCLUSIVE.some((group) => pair.every((id) => group.includes(id)));
}

/** A generator of numbers from 0 to 1 that gives the same ones for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
