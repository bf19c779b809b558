import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { parse, parseDocument } from 'yaml';

import {
  type Change,
  type Observed,
  type Resource,
  type Target,
} from '../../../src/engine/model/resource.ts';
import { foldHelpers } from '../../support/folded-helpers.ts';
import { placeOfConflict } from '../../../src/engine/model/conflict.ts';
import { pastOf, undoTarget } from '../../support/undo-target.ts';
import { kindOfCase, resourceKinds, resourceOfCase } from '../../support/case-resources.ts';

const folder = path.resolve('test/cases/resources');
const names = readdirSync(folder).filter((name) => name.endsWith('.yml'));

/** One situation of one resource, see README.md beside the cases. */
interface Case {
  readonly options: unknown;
  readonly files?: Readonly<Record<string, string>>;
  readonly output: string;
  readonly afterOutput?: string;
  readonly unknown?: string;
  readonly changed?: readonly string[];
  readonly changes?: readonly Change[];
  readonly script?: string;
  readonly notice?: string;
  readonly conflicts?: readonly string[];
  readonly back?: string;
}

describe.each(names)('%s', (name) => {
  const source = readFileSync(path.join(folder, name), 'utf8');
  const known = parse(source) as Case;

  test('is understood, and differs from what is wanted as written', () => {
    const found = play(name, known);
    if (process.env['LVSLAB_UPDATE_CASES'] === '1') update(name, source, found);
    expect(found).toStrictEqual(
      Object.fromEntries(
        Object.entries(known).filter(
          ([key]) => !['options', 'files', 'output', 'afterOutput', 'changed'].includes(key),
        ),
      ),
    );
  });
});

test('every kind of resource has a case in which nothing is to be done', () => {
  const idle = names.filter((name) => {
    const { changes } = parse(readFileSync(path.join(folder, name), 'utf8')) as Case;
    return changes?.length === 0;
  });
  const missing = Object.keys(resourceKinds).filter(
    (kind) => !idle.some((name) => kindOfCase(name) === kind),
  );
  expect(missing).toEqual([]);
});

/** What the resource makes of the case's output: the rest of the case, as it should be written. */
function play(name: string, known: Case): Partial<Case> {
  const resource = resourceOfCase(name, known.options);
  const read = resource.parse(withFiles(known.output, known));
  if (read.kind === 'unknown') return { unknown: read.reason };
  const observed = resource.afterChanges?.(read, new Set(known.changed)) ?? read;
  const wanted = resource.aim(observed);
  const changes = resource.diff(observed, wanted);
  const script = changes.length === 0 ? '' : scriptOf(resource, observed, wanted);
  // Having gone there, it stays there: else nothing could ever be proved.
  expect(resource.diff(wanted, resource.aim(wanted))).toEqual([]);
  const notice = resource.notice?.(observed);
  const conflicts = resource.conflicts?.(observed, wanted) ?? [];
  return {
    changes,
    script,
    ...(notice !== undefined && { notice }),
    ...(conflicts.length > 0 && {
      conflicts: conflicts.map((one) => `${placeOfConflict(one)}: ${one.why}`),
    }),
    ...backFrom(known, resource, read),
  };
}

/** The way back, where the case has the output after the change. */
function backFrom(known: Case, resource: Resource, before: Target<unknown>): Pick<Case, 'back'> {
  if (known.afterOutput === undefined) return {};
  return { back: wayBack(resource, withFiles(known.afterOutput, known), before) };
}

/** The script that leads from the state after the change to the one before it. */
function wayBack(resource: Resource, afterOutput: string, before: Target<unknown>): string {
  const after = resource.parse(afterOutput);
  expectKnown(after);
  expect(resource.diff(after, resource.aim(after))).toEqual([]);
  const back = undoTarget(resource, after, pastOf(resource, before));
  expect(resource.diff(after, back)).not.toEqual([]);
  return scriptOf(resource, after, back);
}

function scriptOf(resource: Resource, from: Target<unknown>, to: Target<unknown>): string {
  return `${foldHelpers(resource.converge(from, to).text)}\n`;
}

/** Hosts send files in base64; cases name them, so that they can be read. */
function withFiles(output: string, { files = {} }: Case): string {
  return output.replaceAll(/<(\w+)>$/gm, (_, name: string) => {
    const content = files[name];
    if (content === undefined) throw new Error(`the case has no file '${name}'`);
    return Buffer.from(content).toString('base64');
  });
}

function expectKnown(observed: Observed<unknown>): asserts observed is Target<unknown> {
  expect(observed.kind).not.toBe('unknown');
}

/** Writes what was found into the case; to be read by a person before it is committed. */
function update(name: string, source: string, found: Partial<Case>): void {
  const document = parseDocument(source);
  for (const key of ['unknown', 'changes', 'script', 'notice', 'conflicts', 'back'] as const) {
    if (isDeepStrictEqual(found[key], (document.toJS() as Case)[key])) continue;
    if (found[key] === undefined) document.delete(key);
    else document.set(key, found[key]);
  }
  writeFileSync(
    path.join(folder, name),
    document.toString({ lineWidth: 0, blockQuote: 'literal' }),
  );
}
