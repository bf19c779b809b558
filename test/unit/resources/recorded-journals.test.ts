import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { parseJournal, type JournalEntry } from '../../../src/engine/journal/journal.ts';
import { pastOf, soundJournal } from '../../../src/engine/journal/journal-trust.ts';
import { planUndo, undoResource } from '../../../src/engine/journal/plan-undo.ts';
import { type HostPlan, planHost } from '../../../src/engine/model/plan.ts';
import { type ResourceSpec, type Target, value } from '../../../src/engine/model/resource.ts';
import { parseAssignments } from '../../../src/platforms/shell-assignments.ts';
import { type InterfaceState } from '../../../src/resources/network/interface/interface-state.ts';
import { makeFromSpec } from '../../../src/resources/resource-kinds.ts';
import { expectGolden } from '../../support/golden.ts';

const folder = path.resolve('test/cases/journals');
const names = readdirSync(folder).filter((name) => name.endsWith('.journal'));

/** The state of a resource right after lvslab has made it. */
function made(entry: JournalEntry): Target<unknown> {
  const [spec] = entry.specs;
  const resource = makeFromSpec(spec);
  const { before, outcomes } = pastOf(entry, resource);
  if (spec.kind === 'network-interface') return resource.aim(asFoundNow(before));
  if (spec.kind !== 'package-set') return resource.aim(before);
  const { names: wanted } = spec.args as { readonly names: readonly string[] };
  const versions = Object.entries(Object.assign({}, ...outcomes) as Record<string, string>);
  const { installed } = (before as { readonly value: { readonly installed: object } }).value;
  // rpm's mark is the number of a transaction, the same for all that came together.
  const marks = spec.args as { readonly packageManager: string };
  const markOf = (name: string): string =>
    marks.packageManager === 'yum' ? '1795614999' : wanted.includes(name) ? 'manual' : 'auto';
  const newcomers = versions.map(
    ([name, version]) => [name, { version, mark: markOf(name) }] as const,
  );
  return value({ installed: { ...installed, ...Object.fromEntries(newcomers) } });
}

/** What that version found, as it is found now: with what the boot's reader knows. */
function asFoundNow(before: Target<unknown>): Target<unknown> {
  if (before.kind !== 'value') return before;
  const state = before.value as InterfaceState;
  const { path: only = '', file } = state.files[0] ?? {};
  const content = file?.content ?? '';
  const variables = [...new Map(parseAssignments(content))].map((pair) => pair.join(' '));
  const auto = [...content.matchAll(/^auto (\S+)$/gm)].flatMap(([, device]) => device ?? []);
  const boot = { comesUp: true, dhcp: false, addresses: [], link: 'plain', nameServers: [] };
  const known = { newFile: [only], auto, [`variables of ${only}`]: variables };
  return value({ ...state, boot: { ...boot, conflicts: [] }, known });
}

function teardownOf(
  entries: readonly JournalEntry[],
  found: (entry: JournalEntry) => Target<unknown> = made,
) {
  const observations = new Map(entries.map((entry) => [entry.id, found(entry)] as const));
  const { plays, kept } = planUndo({ entries, observations, makeFromSpec, overwrite: false });
  return { plan: planHost({ host: 'a', plays, observations }), kept };
}

/** What the plan says, for a person to read. */
function printed({ plays }: HostPlan): string {
  return plays
    .flatMap(({ play, steps }) => [
      `===== ${play}`,
      ...steps.flatMap(({ resource, changes }) => [
        `--- ${resource.id}`,
        ...changes.map((change) => `  ${JSON.stringify(change)}`),
      ]),
    ])
    .join('\n')
    .concat('\n');
}

describe.each(names)('%s, as an earlier version wrote it', (name) => {
  const journal = parseJournal(readFileSync(path.join(folder, name), 'utf8'), 'v');

  test('is whole, and each entry is one that its kind takes', () => {
    expect(journal.damaged).toBe(0);
    expect(journal.entries.length).toBeGreaterThan(7);
    const sound = soundJournal(journal, (entry) => undoResource(entry, makeFromSpec));
    expect(sound.entries).toHaveLength(journal.entries.length);
    for (const { id, specs } of journal.entries) expect(makeFromSpec(specs[0]).id).toBe(id);
  });

  test('is undone whole from what lvslab made', () => {
    const { plan, kept } = teardownOf(journal.entries);
    expect(kept).toEqual([]);
    const undone = plan.plays.flatMap(({ steps }) => steps.map(({ resource }) => resource.id));
    const changed = journal.entries.filter((entry) => {
      const resource = undoResource(entry, makeFromSpec);
      return resource.diff(made(entry), pastOf(entry, resource).before).length > 0;
    });
    expect(undone.toSorted()).toEqual(changed.map(({ id }) => id).toSorted());
    expectGolden(`undo/${name.replace('.journal', '.txt')}`, printed(plan));
  });

  test('needs nothing more once all is as it was before', () => {
    const { plan } = teardownOf(journal.entries, (entry) => {
      const resource = undoResource(entry, makeFromSpec);
      return pastOf(entry, resource).before;
    });
    expect(plan.plays.flatMap(({ steps }) => steps)).toEqual([]);
  });
});

describe('a state of before that an earlier version marked as found', () => {
  const file = { content: 'x\n', mode: '0600', owner: 'root', group: 'root' };

  test.each<[string, ResourceSpec, unknown]>([
    [
      'route to 10.0.5.9',
      {
        kind: 'host-route',
        args: {
          networkConfiguration: 'ifcfg',
          route: { address: '10.0.5.9', gateway: '192.168.2.2', device: 'ens37' },
        },
      },
      { kind: 'found', now: '10.0.5.9 via 192.168.2.3 dev ens37 metric 5', file },
    ],
    [
      'ipvs rules in /etc/ipvsadm.rules',
      {
        kind: 'ipvs-rules-file',
        args: {
          path: '/etc/ipvsadm.rules',
          service: {
            protocol: 'tcp',
            address: '192.168.4.133',
            port: 80,
            scheduler: 'wrr',
            destinations: [],
          },
        },
      },
      {
        kind: 'file',
        file: { ...file, content: '-A -u 10.0.0.1:dns -s rr\n' },
        ports: { 'dns/udp': 53 },
      },
    ],
  ])('%s: is gone back to', (id, spec, state) => {
    const entry: JournalEntry = {
      id,
      before: value(state),
      play: { name: 'p', after: [] },
      specs: [spec],
      playbooks: ['site'],
      outcomes: [],
      interrupted: false,
    };
    const { plan, kept } = teardownOf([entry]);
    expect(kept).toEqual([]);
    const [step] = plan.plays.flatMap(({ steps }) => steps);
    const { kind, ...rest } = state as { readonly kind: string };
    expect(['found', 'file']).toContain(kind);
    expect(step?.to).toEqual(value(rest));
  });
});
