import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJournal } from '../../../src/engine/journal/journal.ts';
import { type JournalLine, printJournalLine } from '../../../src/engine/journal/journal-line.ts';
import { absent } from '../../../src/engine/model/resource.ts';
import { readJournal } from '../../../src/engine/journal/journal-script.ts';

const word = fc.string({ unit: 'binary', maxLength: 20 });
const ids = fc.constantFrom('a', 'b', 'file /etc/x\ny', 'sysctl é');
const run = { run: '1', time: '2024-05-01T10:00:00.000Z' };

const first: fc.Arbitrary<JournalLine> = fc.record({
  type: fc.constant('first' as const),
  id: ids,
  before: fc.oneof(
    fc.constant({ kind: 'absent' as const }),
    fc.record({ kind: fc.constant('value' as const), value: word }),
  ),
  play: fc.record({ name: word, after: fc.array(word, { maxLength: 2 }) }),
  run: fc.constant(run.run),
  time: fc.constant(run.time),
});

/** A first touch is never written without what was made. */
const touch = fc.tuple(first, word).map(([line, args]): readonly JournalLine[] => [
  line,
  {
    type: 'made',
    id: line.type === 'first' ? line.id : '',
    spec: { kind: 'file', args },
    playbook: 'p',
    ...run,
  },
]);

const printed = (lines: readonly JournalLine[]): string =>
  lines.map((line) => `${printJournalLine(line)}\n`).join('');

const parsed = (text: string) => parseJournal(text, 'v');

describe('a journal', () => {
  test('tells whether anything was made of a resource; one of an earlier version takes it for made', () => {
    const id = 'a';
    const play = { name: 'p', after: [] };
    const old = { type: 'first', id, before: absent, play, ...run } as const;
    const made = {
      type: 'made',
      id,
      spec: { kind: 'file', args: {} },
      playbook: 'p',
      ...run,
    } as const;
    const begun = [{ ...old, unmade: true } as const, made];
    const finished = { type: 'finished', ids: ['b', id], ...run } as const;
    const released = { type: 'released', ids: [id], ...run } as const;
    const isUnmade = (...lines: readonly JournalLine[]) =>
      parsed(printed(lines)).entries.map(({ unmade }) => unmade);
    expect(isUnmade(old, made)).toEqual([false]);
    expect(isUnmade(...begun)).toEqual([true]);
    expect(isUnmade(...begun, finished)).toEqual([false]);
    expect(isUnmade(...begun, finished, released, ...begun)).toEqual([true]);
  });

  test('says the same after it was printed and read, whatever was in it', () => {
    fc.assert(
      fc.property(fc.array(touch), (touches) => {
        const { entries, damaged } = parsed(printed(touches.flat()));
        const firsts = new Map<string, JournalLine>();
        for (const [line] of touches) {
          if (line?.type === 'first' && !firsts.has(line.id)) firsts.set(line.id, line);
        }
        expect(damaged).toBe(0);
        expect(entries.map(({ id, before, play }) => ({ id, before, play }))).toEqual(
          [...firsts.values()].map((line) =>
            line.type === 'first' ? { id: line.id, before: line.before, play: line.play } : {},
          ),
        );
      }),
    );
  });

  test('loses nothing but the line that was cut short, wherever it was cut', () => {
    fc.assert(
      fc.property(fc.array(touch), touch, fc.nat(), (touches, last, cut) => {
        const whole = printed(touches.flat());
        const line = last.map(printJournalLine)[0] ?? '';
        const rest = Buffer.from(line)
          .subarray(0, cut % Buffer.byteLength(line))
          .toString('utf8');
        const found = parsed(whole + rest);
        expect(found.entries).toEqual(parsed(whole).entries);
        expect(found.damaged).toBe(rest === '' ? 0 : 1);
      }),
    );
  });

  test('notices any single character that was changed', () => {
    fc.assert(
      fc.property(
        touch,
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1 }),
        (lines, at, letter) => {
          const [line] = lines.map(printJournalLine);
          const good = line ?? '';
          const place = at % good.length;
          const bad = good.slice(0, place) + letter + good.slice(place + 1);
          fc.pre(bad !== good && letter !== '\n');
          expect(parsed(`${bad}\n`)).toMatchObject({ entries: [], damaged: 1 });
        },
      ),
    );
  });
});

describe('what the lines of a journal mean together', () => {
  test('what changes brought is kept in their order, and one without an end was interrupted', () => {
    const began = { type: 'began', ids: ['a'], ...run } as const;
    const ended = (outcome: string): JournalLine => ({ type: 'ended', id: 'a', outcome, ...run });
    const spec = { kind: 'x', args: {} };
    const made: JournalLine = { type: 'made', id: 'a', spec, playbook: 'p', ...run };
    const start = [touched('a', 'old'), made, began];
    const past = (...lines: readonly JournalLine[]) =>
      parsed(printed([...start, ...lines])).entries.map(({ outcomes, interrupted }) => ({
        outcomes,
        interrupted,
      }));
    expect(past()).toEqual([{ outcomes: [], interrupted: true }]);
    expect(past(ended('one'))).toEqual([{ outcomes: ['one'], interrupted: false }]);
    expect(past(ended('one'), began)).toEqual([{ outcomes: ['one'], interrupted: true }]);
    expect(past(ended('one'), began, ended('two'))).toEqual([
      { outcomes: ['one', 'two'], interrupted: false },
    ]);
  });

  const touched = (id: string, before: string): JournalLine => ({
    type: 'first',
    id,
    before: { kind: 'value', value: before },
    play: { name: 'p', after: [] },
    ...run,
  });
  const made = (id: string, args: unknown, playbook = 'site'): JournalLine => ({
    type: 'made',
    id,
    spec: { kind: 'file', args },
    playbook,
    ...run,
  });
  const entries = (...lines: readonly JournalLine[]) => parsed(printed(lines)).entries;

  test('each thing that was made counts once, the newest last, whatever the order of its fields', () => {
    const [entry] = entries(
      touched('x', 'old'),
      made('x', { a: 1, b: 2 }),
      made('x', { a: 2 }, 'other'),
      made('x', { b: 2, a: 1 }),
    );
    expect(entry?.specs.map(({ args }) => args)).toEqual([{ a: 2 }, { b: 2, a: 1 }]);
    expect(entry?.playbooks).toEqual(['other', 'site']);
  });

  test('what was released begins anew with its next touch', () => {
    const [entry, ...others] = entries(
      touched('x', 'old'),
      made('x', 1),
      { type: 'released', ids: ['x'], ...run },
      touched('x', 'newer'),
      made('x', 2),
    );
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ before: { value: 'newer' }, specs: [{ args: 2 }] });
  });

  test('lines of a later version are passed over', () => {
    const later = { type: 'later', id: 'x' } as unknown as JournalLine;
    expect(parsed(printed([later, touched('x', 'o'), made('x', 1)]))).toMatchObject({
      entries: [{ id: 'x' }],
      damaged: 0,
    });
  });

  test('its version is the first line that the host prints', () => {
    expect(readJournal('none\n')).toMatchObject({ entries: [], damaged: 0, version: 'none' });
    const text = `123 45\n${printed([touched('x', 'o'), made('x', 1)])}`;
    expect(readJournal(text)).toMatchObject({ version: '123 45', entries: [{ id: 'x' }] });
  });
});
