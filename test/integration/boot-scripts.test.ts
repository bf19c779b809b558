import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';

import { lines, type Script, sh } from '../../src/engine/model/script.ts';
import { observeIfupdown } from '../../src/platforms/network/boot/ifupdown-boot.ts';
import { observeInitscripts } from '../../src/platforms/network/boot/initscripts-files.ts';
import { observeNetplan } from '../../src/platforms/network/boot/netplan-boot.ts';
import { observeNetworkd } from '../../src/platforms/network/boot/networkd-boot.ts';
import { observeNm } from '../../src/platforms/network/boot/nm-boot.ts';
import { observeSysctlBoot } from '../../src/platforms/network/boot/sysctl-boot.ts';
import { observeOwner } from '../../src/platforms/network/owners/nic-owner.ts';

const scripts: readonly (readonly [string, Script])[] = [
  ['ifupdown', observeIfupdown('ens33')],
  ['initscripts', observeInitscripts],
  ['netplan', observeNetplan],
  ['networkd', observeNetworkd],
  ['NetworkManager', observeNm],
  ['sysctl', observeSysctlBoot],
  ['owner', observeOwner('ens33')],
];
const isThere = spawnSync('shellcheck', ['--version']).status === 0;

(isThere ? describe : describe.skip)('the script that reads for', () => {
  test.each(scripts)('%s is without fault for shellcheck', (_name, script) => {
    const options = ['-s', 'sh', '-f', 'gcc'];
    const { stdout } = spawnSync('shellcheck', [...options, '-'], {
      input: lines(sh`export LC_ALL=C`, script).text,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  });
});
