import { expect, test } from '@jest/globals';

import { type JournalEntry } from '../../../src/engine/journal/journal.ts';
import { planUndo } from '../../../src/engine/journal/plan-undo.ts';
import { type Resource, type Target, value } from '../../../src/engine/model/resource.ts';
import { file } from '../../../src/index.ts';
import { hostRoute } from '../../../src/resources/network/host-route.ts';
import { makeFromSpec } from '../../../src/resources/resource-kinds.ts';
import { factsOf, makeResource } from '../../support/case-resources.ts';

function entryOf({ id, spec }: Resource, before: Target<unknown>): JournalEntry {
  if (spec === undefined) throw new Error('no spec');
  return {
    id,
    before,
    play: { name: 'p', after: [] },
    specs: [spec],
    playbooks: ['site'],
    outcomes: [],
    interrupted: false,
  };
}

test('the route that the controller comes by goes after everything else of its play', () => {
  const route = hostRoute({
    networkConfiguration: 'ifcfg',
    route: { address: '10.0.0.9', gateway: '192.168.2.2', device: 'ens37' },
  });
  const page = file({ path: '/page', content: 'new' });
  const entries = [entryOf(page, { kind: 'absent' }), entryOf(route, value({ kind: 'found' }))];
  const { plays } = planUndo({
    entries,
    observations: new Map<string, Target<unknown>>([
      [page.id, page.aim({ kind: 'absent' })],
      [route.id, value({ kind: 'found', now: '10.0.0.9 via 192.168.2.2 dev ens37' })],
    ]),
    makeFromSpec,
    overwrite: false,
  });
  expect(plays[0]?.resources.map(({ id }) => id)).toEqual([page.id, route.id]);
});

test.each([
  ['the one that lvslab built', { text: 'version 1.16.1', intact: true }, false],
  ['one that lvslab was cut off installing', { text: '', intact: false }, false],
  ['one whose binary was changed since', { text: 'version 1.16.1', intact: false }, true],
  ['one that lvslab did not build', undefined, true],
])('nginx: %s', (_, stamp, isForeign) => {
  const build = makeResource(
    'nginx-build',
    {
      version: '1.16.1',
      sha256: 'f'.repeat(64),
      url: 'http://nginx.example/nginx.tar.gz',
      prefix: '/usr/local/nginx',
      user: 'nginx',
      configureArguments: [],
    },
    factsOf.el7,
  );
  const observed = value({ version: '1.16.1', ...(stamp !== undefined && { stamp }) });
  expect(build.undo?.isForeign?.(observed, { kind: 'absent' })).toBe(isForeign);
});
