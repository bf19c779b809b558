import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { probeVirtualization, runsGuest } from '../../src/embedded/machine/virtualization.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'virtualization-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('the test guest runs where it can, and only there', async () => {
  expect(await runsGuest(['-accel', 'tcg'], folder)).toBe(true);
  // Stopped before its first instruction.
  expect(await runsGuest(['-accel', 'tcg', '-S'], folder)).toBe(false);
}, 60_000);

test('the verdict about KVM is what a guest on KVM says, and is kept', async () => {
  const first = await probeVirtualization(folder);
  expect(first.kvm.usable).toBe(await runsGuest(['-accel', 'kvm', '-cpu', 'host'], folder));
  expect(await probeVirtualization(folder)).toEqual(first);
}, 60_000);
