import { describe, expect, test } from '@jest/globals';

import { expectExit, lvslab } from '../../support/lvslab.ts';
import { ModeLab } from './mode-lab.ts';

const MINUTE = 60_000;

// Who runs the network writes the VIP of the real servers down in a way of its own.
describe.each(['el7', 'debian-nm', 'ubuntu'] as const)('LVS-DR on %s', (flavour) => {
  const lab = new ModeLab(`lvr${flavour.replace('debian-', '').slice(0, 3)}`);
  const { inventory } = lab;

  lab.comesUp('dr', 15 * MINUTE, flavour);

  test(
    'applied once, nothing is left to do, and it is verified',
    async () => {
      expectExit(await lvslab('apply', '-i', inventory, '--yes'), 0);
      const again = await lvslab('apply', '-i', inventory, '--yes');
      expectExit(again, 0);
      expect(again.stdout).toContain('No changes.');
      expectExit(await lvslab('verify', '-i', inventory, '--requests', '30'), 0);
      expectExit(await lvslab('diagnose', '-i', inventory), 0);
    },
    15 * MINUTE,
  );

  lab.survivesReboot(10 * MINUTE);

  test(
    'one apply makes it LVS-NAT, and another one LVS-DR again',
    async () => {
      for (const mode of ['nat', 'dr']) {
        const asked = ['-i', inventory, '-e', `lvs_mode=${mode}`];
        expectExit(await lvslab('apply', ...asked, '--yes'), 0);
        expectExit(await lvslab('plan', ...asked), 0);
        expectExit(await lvslab('verify', ...asked, '--requests', '30'), 0);
      }
    },
    15 * MINUTE,
  );

  lab.isTornDown(10 * MINUTE);
});
