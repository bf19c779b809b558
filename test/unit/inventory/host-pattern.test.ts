import { describe, expect, test } from '@jest/globals';

import { expandHostRange } from '../../../src/inventory/groups/host-range.ts';
import { hostsMatching } from '../../../src/inventory/groups/host-pattern.ts';
import { loadText } from '../../support/inventory/load-inventory-text.ts';

const inventory = await loadText({
  hosts: `
director: {hosts: {test3: }}
real_servers: {hosts: {rs1: , rs2: }}
clients: {hosts: {client: }}
lab: {children: {director: , real_servers: }}
`,
});

describe('--limit', () => {
  test.each([
    ['all', ['test3', 'rs1', 'rs2', 'client']],
    ['rs1', ['rs1']],
    ['lab', ['test3', 'rs1', 'rs2']],
    ['client,rs2', ['rs2', 'client']],
    ['director:clients', ['test3', 'client']],
    ['lab:!rs1', ['test3', 'rs2']],
    ['!real_servers', ['test3', 'client']],
    ['lab:&real_servers:!rs2', ['rs1']],
    ['rs*', ['rs1', 'rs2']],
    ['*s', ['rs1', 'rs2', 'client']],
    ['rs?', ['rs1', 'rs2']],
    ['rs1:!rs1', []],
  ])('%s', (pattern, hosts) => {
    expect(hostsMatching(inventory, pattern)).toEqual(hosts);
  });

  test.each([
    ['rs3', /no host or group matches "rs3"/],
    ['~rs.*', /regular expressions, ranges and files are not supported/],
    ['rs[1:2]', /ranges/],
    ['@hosts', /files/],
    [' , ', /empty/],
  ])('%s is refused', (pattern, message) => {
    expect(() => hostsMatching(inventory, pattern)).toThrow(message);
  });

  test('a slip of the pen gets a suggestion', () => {
    expect(() => hostsMatching(inventory, 'realservers')).toThrow(
      expect.objectContaining({ code: 'E_USAGE', hint: 'did you mean real_servers?' }),
    );
  });
});

describe('host ranges', () => {
  test.each([
    ['rs1', ['rs1']],
    ['rs[1:3]', ['rs1', 'rs2', 'rs3']],
    ['rs[08:10]', ['rs08', 'rs09', 'rs10']],
    ['[a:c]-[1:2].lab', ['a-1.lab', 'a-2.lab', 'b-1.lab', 'b-2.lab', 'c-1.lab', 'c-2.lab']],
    ['x[:4:2]', ['x0', 'x2', 'x4']],
  ])('%s', (pattern, names) => {
    expect(expandHostRange(pattern)).toEqual(names);
  });

  test.each([
    'rs[1:',
    'rs[1]',
    'rs[3:1]',
    'rs[01:100]',
    'rs[1:a]',
    'rs[1:2:0]',
    'rs]1[',
    'rs[1:32][1:32]',
  ])('%s is refused', (pattern) => {
    expect(() => expandHostRange(pattern)).toThrow(RangeError);
  });
});
