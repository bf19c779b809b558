import { mkdtempSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, jest, test } from '@jest/globals';

import { labNamed } from '../../../src/embedded/embedded-lab.ts';
import { takeDown } from '../../../src/embedded/take-down.ts';
import { makeGuest, runGuest } from './guest-machine.ts';
import { VERDICT } from './guest-script.ts';

// Hours, on a machine without KVM that is busy besides: the guest is given up when it falls silent, not after a time.
jest.setTimeout(24 * 3_600_000);

const lab = labNamed('lvguest');
const folder = mkdtempSync('/var/tmp/lvslab-guest-');
const project = fileURLToPath(new URL('../../../', import.meta.url));

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await takeDown({ ...lab, report: () => undefined });
});

test('the demo, a teardown and a lab that is killed, with the director in a container', async () => {
  const guest = await makeGuest(lab, { folder, project });
  const report = await runGuest(lab, folder, guest);
  process.stdout.write(report);
  expect(report).toContain('the kernel of this machine has IPVS');
  expect(report).toContain('as expected, every real server runs again');
  expect(report).toContain(`${VERDICT} 0`);
});
