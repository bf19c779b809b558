import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';

import { evidence } from '../../../src/platforms/releases/evidence.ts';
import { renderPlatformsPage } from '../../../src/platforms/releases/platforms-page.ts';
import { systems } from '../../../src/platforms/releases/systems.ts';

test('docs/platforms.md is what the code knows of systems (UPDATE_GOLDEN=1 writes it)', async () => {
  const page = 'docs/platforms.md';
  if (process.env['UPDATE_GOLDEN'] !== undefined) await writeFile(page, renderPlatformsPage());
  expect(readFileSync(page, 'utf8')).toBe(renderPlatformsPage());
});

test.each(evidence)('$host with $network was seen in $test', ({ host, network, test: file }) => {
  const release = systems
    .flatMap(({ id, releases }) => releases.map((one) => ({ ...one, key: `${id} ${one.version}` })))
    .find(({ key }) => key === host);
  expect(release?.build.networks).toContain(network);
  expect(existsSync(file)).toBe(true);
});
