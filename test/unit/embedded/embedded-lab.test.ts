import { describe, expect, test } from '@jest/globals';

import { labNamed } from '../../../src/embedded/embedded-lab.ts';
import { labHosts } from '../../../src/embedded/lab/lab-hosts.ts';
import { cable } from '../../../src/embedded/lab/wires.ts';

describe('the name of a lab', () => {
  test.each(['docker', 'lv', 'lvslab-2', 'lvslab123', 'LVS', '../lvs', 'lv lab', ''])(
    '%j is refused: it could belong to somebody else, or not fit where it goes',
    (name) => {
      expect(() => labNamed(name)).toThrow("can't be the name");
    },
  );

  test('decides the folder of its state', () => {
    expect(labNamed('lvt1').paths.state).toBe('/var/lib/lvslab-lab/lvt1');
  });
});

test('the ends of all cables have names of their own that the kernel accepts', () => {
  const names = labHosts.flatMap((host) => host.nics.map((nic) => cable(host, nic)));
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => name.length > 15)).toEqual([]);
});
