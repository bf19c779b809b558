import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { defaultLabName, labNamed } from '../../../src/embedded/embedded-lab.ts';
import { renderInventory } from '../../../src/embedded/lab/lab-inventory.ts';

const nginx = {
  tarball: '/var/cache/lvslab/nginx/nginx-1.22.1.tar.gz',
  sha256: '9ebb333a9e82b952acd3e2b4aeb1d4ff6406f72491bab6cd9fe69f0dea737f31',
};

test('inventory/embedded.yml is what the lab of the default name renders', () => {
  const rendered = renderInventory(labNamed(defaultLabName), { flavour: 'debian', nginx });
  const file = new URL('../../../inventory/embedded.yml', import.meta.url);
  expect(rendered).toBe(readFileSync(file, 'utf8'));
});

test('hosts of the CentOS 7 stand-in install from the vault that they bring along', () => {
  const rendered = renderInventory(labNamed(defaultLabName), { flavour: 'el7', nginx });
  expect(rendered).toContain('    el7_vault_url: file:///opt/vault\n');
});
