import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

import { networkCases } from '../../lab/networks/all-cases.ts';

test('README says how many networks are tried', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  expect(/boots (\d+) networks of real hosts/.exec(readme)?.[1]).toBe(String(networkCases.length));
});
