import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { undoResource } from '../../../src/engine/journal/plan-undo.ts';
import { type Journal, parseJournal } from '../../../src/engine/journal/journal.ts';
import { printJournalLine } from '../../../src/engine/journal/journal-line.ts';
import { readJournal } from '../../../src/engine/journal/journal-script.ts';
import { makeFromSpec } from '../../../src/resources/resource-kinds.ts';
import { hostileData, hostileText, orLvslabError } from '../../support/hostile-input.ts';

const time = '2024-05-01T10:00:00.000Z';
const absent = { kind: 'absent' } as const;

/** Lines whose checksums are right, whatever they say: a host can compute them as well as lvslab. */
function forged(...lines: readonly unknown[]): Journal {
  return parseJournal(lines.map((line) => `${printJournalLine(line as never)}\n`).join(''), 'v');
}

function forgedEntry({ spec, before = absent }: { spec: unknown; before?: unknown }): Journal {
  const play = { name: 'p', after: [] };
  return forged(
    { type: 'first', id: 'a', before, play, run: 'r', time },
    { type: 'made', id: 'a', spec, playbook: 'p', run: 'r', time },
  );
}

function expectWellShaped({ entries }: Journal): void {
  for (const { id, before, play, specs, playbooks, outcomes } of entries) {
    expect(typeof id).toBe('string');
    expect(['absent', 'value']).toContain(before.kind);
    expect(typeof play.name).toBe('string');
    expect([play.after, specs, playbooks, outcomes].every(Array.isArray)).toBe(true);
    expect([...play.after, ...playbooks].every((name) => typeof name === 'string')).toBe(true);
    expect(specs.every(({ kind }) => typeof kind === 'string')).toBe(true);
  }
}

describe('a journal that a hostile host has written', () => {
  test('is read whatever stands in it', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(() => readJournal(text)).not.toThrow();
        expectWellShaped(parseJournal(text, 'v'));
      }),
    );
  });

  test.each([
    ['null', null],
    ['a number', 7],
    ['a text', 'x'],
    ['a list', []],
    ['nothing', {}],
    ['no ids', { type: 'released', ids: null }],
    ['ids that are a text', { type: 'began', ids: 'abc' }],
    ['a first touch without anything', { type: 'first' }],
    ['an id that is no text', { type: 'first', id: 1, before: absent, play: null }],
    ['a made without a spec', { type: 'made', id: 'a', playbook: 'p' }],
  ])('is damaged where a line with a right checksum is %s', (_name, line) => {
    const good = {
      type: 'first',
      id: 'b',
      before: absent,
      play: { name: 'p', after: [] },
      run: 'r',
      time,
    };
    const made = {
      type: 'made',
      id: 'b',
      spec: { kind: 'k', args: 1 },
      playbook: 'p',
      run: 'r',
      time,
    };
    const { entries, damaged } = forged(good, line, made);
    expect({ ids: entries.map(({ id }) => id), damaged }).toEqual({ ids: ['b'], damaged: 1 });
  });

  test('gives only entries of the right shape, whatever its lines hold', () => {
    const type = fc.constantFrom('run', 'first', 'made', 'began', 'ended', 'released', 'other');
    const field = fc.oneof(hostileData, fc.constantFrom('a', 'b'));
    const line = fc.oneof(
      hostileData,
      fc.record(
        {
          type,
          id: fc.oneof(fc.constant('a'), field),
          ids: field,
          before: fc.oneof(fc.constant(absent), field),
          play: fc.oneof(fc.record({ name: fc.string(), after: field }), field),
          spec: fc.oneof(fc.record({ kind: field, args: field }), field),
          playbook: field,
          outcome: field,
        },
        { requiredKeys: ['type'] },
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        expectWellShaped(forged(...lines));
      }),
    );
  });

  test('never makes a resource of another shape than its kind has', () => {
    const kind = fc.constantFrom(
      ...['absent-file', 'config-key', 'directory', 'file', 'host-route', 'ipvs-rules-file'],
      ...['ipvs-table', 'kernel-module', 'network-interface', 'nginx-build', 'package-set'],
      ...['selinux', 'service', 'sysctl', 'unit-file', 'user', 'yum-repository', 'x', '__proto__'],
    );
    const args = fc.oneof(
      hostileData,
      fc.dictionary(
        fc.constantFrom(...['path', 'content', 'mode', 'owner', 'name', 'key', 'line', 'service']),
        fc.oneof(hostileData, fc.constantFrom('/a', 'x\0y', '\n', '../..', '0644')),
      ),
    );
    fc.assert(
      fc.property(kind, args, hostileData, (name, value, before) => {
        const { entries } = forgedEntry({
          spec: { kind: name, args: value },
          before: { kind: 'value', value: before },
        });
        for (const entry of entries) {
          orLvslabError(() => {
            const resource = undoResource(entry, makeFromSpec);
            expect(typeof resource.id).toBe('string');
            expect(typeof resource.observe.text).toBe('string');
          });
        }
      }),
      { numRuns: 500 },
    );
  });
});
