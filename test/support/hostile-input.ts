import fc from 'fast-check';
import { LvslabError } from '../../src/engine/model/failures/errors.ts';

/** What lvslab's own scripts print, as words: a host that forges begins with these. */
const OWN_WORDS = [
  ...['begin', 'end', 'done', 'died', 'gone', 'progress', 'confirm', 'reverted', 'event', 'job'],
  ...[
    'boot',
    'by',
    'lives',
    'ended',
    'connected',
    'taken',
    'held',
    'stale',
    'alive',
    'dead',
    'free',
  ],
  ...['owner=', 'run=', 'since=', 'controller=', 'confirmed', 'n0nce', 'none', 'abc.0'],
];

const word = fc.oneof(
  fc.constantFrom(...OWN_WORDS),
  fc.constantFrom('0', '1', '-1', '99999', '1e400', 'NaN', 'Infinity', '9'.repeat(40), '0x10', ''),
  fc.constantFrom('__proto__', 'constructor', 'toString', '$(id)', '\u001B[2J', '\u0000', '\u202E'),
  fc.constantFrom('null', '{}', '[]', '"x"', '{"steps":7}', '{"play":{},"steps":[1,null]}'),
  fc.string({ unit: 'binary', maxLength: 10 }),
);

/** Text that nearly is what a parser expects, or nothing of it. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.tuple(word, fc.constantFrom(' ', '\n', ' ', '\n', '\r\n', '\t', '')), { maxLength: 60 })
  .map((pieces) => pieces.flat().join(''));

/** Any data that JSON can hold, with names that mean something to JavaScript. */
export const hostileData: fc.Arbitrary<unknown> = fc
  .json({ maxDepth: 4 })
  .map((json): unknown => JSON.parse(json));

/**
 * Does something that may fail as lvslab fails, and in no other way: the error of a host is one that names what is wrong,
 * never a TypeError.
 */
export function orLvslabError<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof LvslabError) return undefined;
    throw error;
  }
}
