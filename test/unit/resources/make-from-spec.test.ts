import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { planUndo } from '../../../src/engine/journal/plan-undo.ts';
import { type ResourceSpec } from '../../../src/engine/model/resource.ts';
import { makeFromSpec } from '../../../src/resources/resource-kinds.ts';
import { pastOf, undoTarget } from '../../support/undo-target.ts';
import { resourceOfCase } from '../../support/case-resources.ts';

interface Case {
  readonly options: unknown;
  readonly files?: Readonly<Record<string, string>>;
  readonly output: string;
  readonly afterOutput?: string;
}

const folder = path.resolve('test/cases/resources');
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => {
    const known = parse(readFileSync(path.join(folder, name), 'utf8')) as Case;
    return { name, known, resource: resourceOfCase(name, known.options) };
  });

/** As it comes out of the journal. */
function journaled<T>(data: T): T {
  return JSON.parse(JSON.stringify(data)) as T;
}

function specOf({ spec }: { readonly spec?: ResourceSpec }): ResourceSpec {
  if (spec === undefined) throw new Error('this kind of resource could not be undone');
  return spec;
}

describe.each(cases)('$name', ({ known, resource }) => {
  const read = (output: string) =>
    resource.parse(
      output.replaceAll(/<(\w+)>$/gm, (_, name: string) =>
        Buffer.from(known.files?.[name] ?? '').toString('base64'),
      ),
    );

  test('is the same resource after it went through the journal, and leads back the same way', () => {
    const revived = makeFromSpec(journaled(specOf(resource)));
    expect(revived.id).toBe(resource.id);
    expect(revived.observe.text).toBe(resource.observe.text);
    expect(revived.spec).toEqual(specOf(resource));
    const [before, after] = [known.output, known.afterOutput ?? known.output].map(read);
    if (before?.kind === 'unknown' || after?.kind === 'unknown') return;
    if (before === undefined || after === undefined) return;
    expect(revived.aim(after)).toEqual(resource.aim(after));
    const back = undoTarget(revived, after, pastOf(revived, journaled(before)));
    expect(revived.converge(after, back).text).toBe(
      resource.converge(after, undoTarget(resource, after, pastOf(resource, before))).text,
    );
  });

  test('what lvslab made is undone, and never for somebody else’s', () => {
    if (known.afterOutput === undefined) return;
    const [before, after] = [known.output, known.afterOutput].map(read);
    if (before === undefined || before.kind === 'unknown' || after === undefined) return;
    const { plays, kept } = planUndo({
      entries: [
        {
          id: resource.id,
          before: journaled(before),
          play: { name: 'p', after: [] },
          specs: [journaled(specOf(resource))],
          playbooks: ['site'],
          outcomes: [],
          interrupted: false,
        },
      ],
      observations: new Map([[resource.id, after]]),
      makeFromSpec: makeFromSpec,
      overwrite: false,
    });
    expect(kept).toEqual([]);
    expect(plays).toHaveLength(1);
  });
});

test('a kind that this version does not know is named', () => {
  expect(() => makeFromSpec({ kind: 'quantum', args: {} })).toThrow(/quantum/);
});
