import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';

import { LvslabError } from '../../../src/engine/model/failures/errors.ts';
import { type JournalEntry } from '../../../src/engine/journal/journal.ts';
import { undoResource } from '../../../src/engine/journal/plan-undo.ts';
import { value } from '../../../src/engine/model/resource.ts';
import { builtInKinds, makeFromSpec } from '../../../src/resources/resource-kinds.ts';
import { kindOfCase, resourceKinds, resourceOfCase } from '../../support/case-resources.ts';

const folder = path.resolve('test/cases/resources');

interface Known {
  readonly options: unknown;
  readonly output: string;
}

/** One case of each kind, with what is there before in it where a case has that. */
const samples = Object.keys(resourceKinds).flatMap((kind) => {
  const names = readdirSync(folder).filter((name) => kindOfCase(name) === kind);
  const made = names.map((name) => {
    const { options, output } = parse(readFileSync(path.join(folder, name), 'utf8')) as Known;
    const resource = resourceOfCase(name, options);
    return { resource, before: resource.parse(output.replaceAll(/<\w+>$/gm, '')) };
  });
  const sample = made.find(({ before }) => before.kind === 'value') ?? made[0];
  return sample?.resource.spec === undefined
    ? []
    : [{ kind, ...sample, spec: sample.resource.spec }];
});

const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    -1,
    1e308,
    Number.NaN,
    '',
    '\0',
    '-rf',
    '$(reboot)\n',
    '../../etc/shadow',
    '\u001B[2J',
    [],
    {},
    { text: 'touch /tmp/owned' },
    JSON.parse('{"__proto__": {"path": "/x"}, "constructor": 1}') as unknown,
  ),
  fc.anything({ withNullPrototype: false }),
);

/** The value with one thing in it replaced. */
function mutated(known: unknown): fc.Arbitrary<unknown> {
  if (typeof known !== 'object' || known === null) return hostile;
  const entries = Object.entries(known);
  if (entries.length === 0) return hostile;
  const inside = fc.nat(entries.length - 1).chain((at) => {
    const [key = '', old] = entries[at] ?? [];
    return mutated(old).map((fresh) => {
      if (Array.isArray(known)) return known.map((item: unknown, i) => (i === at ? fresh : item));
      return { ...known, [key]: fresh };
    });
  });
  return fc.oneof({ weight: 1, arbitrary: hostile }, { weight: 6, arbitrary: inside });
}

function entryOf(
  spec: JournalEntry['specs'][number],
  before: JournalEntry['before'],
): JournalEntry {
  return {
    id: 'forged',
    before,
    play: { name: 'p', after: [] },
    specs: [spec],
    playbooks: ['site'],
    outcomes: [],
    interrupted: false,
  };
}

/** What a teardown does with an entry: nothing else than an error of lvslab's own may come of it. */
function use(entry: JournalEntry): void {
  try {
    const resource = undoResource(entry, makeFromSpec);
    const found = resource.parse('');
    if (found.kind === 'unknown') return;
    const back = resource.aim(found);
    const texts = [resource.observe.text, resource.converge(found, back).text];
    resource.diff(found, back);
    for (const text of texts) {
      expect(typeof text).toBe('string');
      expect(text).not.toContain('\0');
      expect(text).not.toMatch(/(^|\n)touch/);
    }
  } catch (error) {
    if (!(error instanceof LvslabError)) throw error;
  }
}

test('every kind of lvslab’s has a sample', () => {
  const kinds = new Set(samples.map(({ spec }) => spec.kind));
  expect([...kinds].toSorted()).toEqual(builtInKinds.map(({ kindName }) => kindName).toSorted());
});

describe.each(samples)('$kind, as a forged journal has it', ({ spec, before }) => {
  test('arguments of any kind are an error of this host, or harmless', () => {
    fc.assert(
      fc.property(fc.oneof(mutated(spec.args), hostile), (args) => {
        use(
          entryOf(
            { kind: spec.kind, args },
            before.kind === 'unknown' ? { kind: 'absent' } : before,
          ),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('so is any state of before', () => {
    const known = before.kind === 'value' ? before.value : {};
    fc.assert(
      fc.property(fc.oneof(mutated(known), hostile), (state) => {
        use(entryOf(spec, value(state)));
      }),
      { numRuns: 300 },
    );
  });

  test('what lvslab itself has written is taken', () => {
    const state = before.kind === 'unknown' ? ({ kind: 'absent' } as const) : before;
    const written = JSON.parse(JSON.stringify(entryOf(spec, state))) as JournalEntry;
    const resource = undoResource(written, makeFromSpec);
    const back = resource.aim(state);
    // An aim may leave out what only observing adds (the view of the next boot); what it has is what was there.
    expect(state).toMatchObject(back);
    expect(resource.diff(state, back)).toEqual([]);
  });
});

test('a forged list of arguments from earlier is an error, too', () => {
  const rules = samples.find(({ kind }) => kind === 'ipvs-rules-file');
  const nic = samples.find(({ kind }) => kind === 'network-interface');
  for (const sample of [rules, nic]) {
    if (sample === undefined) throw new Error('no sample');
    const { spec } = sample;
    const entry = entryOf(spec, { kind: 'absent' });
    const forged = { ...entry, specs: [{ kind: spec.kind, args: null }, spec] } as const;
    expect(() => undoResource(forged, makeFromSpec)).toThrow(LvslabError);
  }
});
