import { describe, expect, test } from '@jest/globals';

import { labNamed } from '../../../src/embedded/embedded-lab.ts';
import { hostsOfLab, labHosts, mostRealServers } from '../../../src/embedded/lab/lab-hosts.ts';
import { renderInventory } from '../../../src/embedded/lab/lab-inventory.ts';
import { labFrom } from '../../../src/lab/lab-from.ts';
import { loadText } from '../../support/inventory/load-inventory-text.ts';

const lab = labNamed('lvlab');
const nginx = { tarball: '/c/nginx-1.22.1.tar.gz', sha256: 'a'.repeat(64) };

describe('the hosts of an embedded lab', () => {
  test.each([1, 2, 3, mostRealServers])('with %i real servers are all distinct', (count) => {
    const hosts = hostsOfLab(count);
    expect(hosts.filter(({ group }) => group === 'real_servers')).toHaveLength(count);
    for (const part of [
      hosts.map(({ name }) => name),
      hosts.map(({ address }) => address),
      hosts.flatMap(({ nics }) => nics.map(({ mac }) => mac)),
      [...hosts.map(({ address }) => address), '192.168.2.1', '192.168.4.1', '192.168.4.133'],
    ]) {
      expect(new Set(part).size).toBe(part.length);
    }
  });

  test('are those of the documented lab where nobody asks for others', () => {
    expect(labHosts.map(({ name }) => name)).toEqual(['client', 'director', 'rs1', 'rs2']);
  });

  test.each([
    ['nat', 1, '192.168.2.130'],
    ['nat', 8, '192.168.2.130'],
    ['dr', 5, '192.168.2.1'],
  ] as const)('make a lab of mode %s with %i real servers', async (mode, realServers, gateway) => {
    const hosts = renderInventory(lab, { flavour: 'debian', mode, realServers, nginx });
    const made = labFrom(await loadText({ hosts }));
    expect(made.mode.name).toBe(mode);
    expect(made.realServers).toHaveLength(realServers);
    expect(new Set(made.realServers.map(({ nic }) => nic.gateway))).toEqual(new Set([gateway]));
  });
});
