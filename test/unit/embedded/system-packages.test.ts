import { type PathLike } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

import { howToInstall, installCommand } from '../../../src/embedded/machine/system-packages.ts';
import { machinePackages, systemTools } from '../../../src/embedded/machine/system-tools.ts';

const named = systemTools.filter(({ program }) => ['ssh', 'nc', 'setsid'].includes(program));
const mmdebstrap = systemTools.filter(({ program }) => program === 'mmdebstrap');

describe('what is missing on this machine', () => {
  test.each([
    ['apt', 'netcat-openbsd openssh-client util-linux'],
    ['dnf', 'netcat openssh-clients util-linux'],
    ['pacman', 'openbsd-netcat openssh util-linux'],
    ['zypper', 'netcat-openbsd openssh-clients util-linux'],
  ] as const)('is installed by %s, under the names of its packages', (manager, packages) => {
    const command = installCommand(named, manager)?.join(' ') ?? '';
    expect(command).toMatch(new RegExp(`^${manager === 'apt' ? 'apt-get' : manager} `));
    expect(command.endsWith(` ${packages}`)).toBe(true);
    expect(howToInstall(named, manager)).toBe(`Install them with \`${command}\`.`);
  });

  test('is named where the package manager has no package of it', () => {
    const tools = [...named, ...mmdebstrap];
    expect(installCommand(tools, 'pacman')).toBeUndefined();
    expect(howToInstall(tools, 'pacman')).toMatch(
      /^Install them with `pacman .*openssh.*`\. In no package of pacman that lvslab knows: mmdebstrap;/,
    );
  });

  test('is everything on Debian, and on Fedora', () => {
    expect(installCommand(systemTools, 'apt')).toContain('mmdebstrap');
    expect(installCommand(systemTools, 'dnf')).toContain('mmdebstrap');
  });
});

describe("this machine's own package manager", () => {
  const having =
    (...files: readonly string[]) =>
    (file: PathLike): boolean =>
      files.includes(String(file));

  test.each([
    ['apt', ['/usr/bin/apt-get', '/var/lib/dpkg/status']],
    // Debian with dnf installed, for images.
    ['apt', ['/usr/bin/apt-get', '/var/lib/dpkg/status', '/usr/bin/dnf']],
    ['dnf', ['/usr/bin/dnf', '/usr/lib/sysimage/rpm']],
    // Fedora with apt installed, for these images.
    ['dnf', ['/usr/bin/dnf', '/usr/lib/sysimage/rpm', '/usr/bin/apt-get', '/var/lib/dpkg/status']],
    ['pacman', ['/usr/bin/pacman', '/usr/bin/apt-get']],
    ['zypper', ['/usr/bin/zypper', '/usr/lib/sysimage/rpm']],
    [undefined, []],
  ])('is %s', (manager, files) => {
    expect(machinePackages(having(...files))).toBe(manager);
  });
});
