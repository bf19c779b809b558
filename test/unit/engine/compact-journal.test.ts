import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compactJournal, neededLines } from '../../../src/engine/journal/compact-journal.ts';
import { parseJournal } from '../../../src/engine/journal/journal.ts';
import { type JournalLine, printJournalLine } from '../../../src/engine/journal/journal-line.ts';

const ids = fc.constantFrom('a', 'b', 'c');
const run = fc.constantFrom('r1', 'r2', 'r3').map((name) => ({ run: name, time: 't' }));
const word = fc.constantFrom('x', 'y');

const line: fc.Arbitrary<JournalLine> = fc.oneof(
  run.map((written) => ({ type: 'run' as const, by: 'alice', ...written })),
  fc.tuple(ids, word, fc.boolean(), run).map(([id, value, tells, written]) => ({
    type: 'first' as const,
    id,
    before: { kind: 'value' as const, value },
    play: { name: 'p', after: [] },
    ...(tells && { unmade: true as const }),
    ...written,
  })),
  fc.tuple(ids, word, word, run).map(([id, args, playbook, written]) => ({
    type: 'made' as const,
    id,
    spec: { kind: 'file', args },
    playbook,
    ...written,
  })),
  fc
    .tuple(fc.array(ids, { maxLength: 2 }), run)
    .map(([list, written]) => ({ type: 'began' as const, ids: list, ...written })),
  fc
    .tuple(fc.array(ids, { maxLength: 2 }), run)
    .map(([list, written]) => ({ type: 'finished' as const, ids: list, ...written })),
  fc
    .tuple(ids, fc.option(word, { nil: undefined }), run)
    .map(([id, outcome, written]) => ({ type: 'ended' as const, id, outcome, ...written })),
  fc
    .tuple(fc.array(ids, { maxLength: 2 }), run)
    .map(([list, written]) => ({ type: 'released' as const, ids: list, ...written })),
);

/** What a journal says; in which order its playbooks came is nobody's business. */
function meaning(printed: readonly string[]) {
  return parseJournal(printed.join('\n'), 'v').entries.map((entry) => ({
    ...entry,
    playbooks: [...entry.playbooks].toSorted(),
  }));
}

test('a journal without what nobody needs says the same, and says it no shorter a second time', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const printed = lines.map(printJournalLine);
      const needed = neededLines(printed);
      expect(meaning(needed)).toEqual(meaning(printed));
      expect(neededLines(needed)).toEqual(needed);
    }),
  );
});

test('what this version can not read stays as it is', () => {
  const later = printJournalLine({ type: 'later' } as unknown as JournalLine);
  const cut = printJournalLine({ type: 'run', by: 'alice', run: 'r', time: 't' }).slice(0, -3);
  expect(neededLines([later, cut])).toEqual([later, cut]);
});

test('a short journal, and one of which most is needed, are left alone', () => {
  const first = (id: string): string =>
    printJournalLine({
      type: 'first',
      id,
      before: { kind: 'absent' },
      play: { name: 'p', after: [] },
      run: 'r',
      time: 't',
    });
  const dead = printJournalLine({ type: 'began', ids: ['z'], run: 'r', time: 't' });
  expect(compactJournal(Array.from({ length: 100 }, () => dead))).toBeUndefined();
  expect(compactJournal(Array.from({ length: 300 }, (_, i) => first(`id ${i}`)))).toBeUndefined();
  expect(compactJournal([first('a'), ...Array.from({ length: 300 }, () => dead)])).toEqual([
    first('a'),
  ]);
});
