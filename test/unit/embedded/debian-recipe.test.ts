import { describe, expect, test } from '@jest/globals';

import { sh } from '../../../src/engine/model/shell/script.ts';
import { debianRecipe } from '../../../src/embedded/images/recipes/debian.ts';
import { imageKey } from '../../../src/embedded/images/build-image.ts';
import { type LabHostName, labHosts } from '../../../src/embedded/lab/lab-hosts.ts';

function interfacesOf(name: LabHostName): string | undefined {
  return labHosts
    .filter((host) => host.name === name)
    .flatMap((host) => debianRecipe.hostFiles(host))
    .find((file) => file.path === '/etc/network/interfaces')?.content;
}

describe('the Debian image', () => {
  test('configures a real server as an installer would', () => {
    expect(interfacesOf('rs2')).toBe(`source /etc/network/interfaces.d/*

auto lo
iface lo inet loopback

auto ens33
iface ens33 inet static
    address 192.168.2.129/24
    gateway 192.168.2.1
`);
  });

  test("leaves the director's second NIC to provisioning", () => {
    expect(interfacesOf('director')).toContain('192.168.2.130/24');
    expect(interfacesOf('director')).not.toContain('ens37');
  });

  test('gets another key with whatever it is made of', () => {
    const key = imageKey(debianRecipe);
    const file = { path: '/etc/motd', mode: 0o644, content: 'hello\n' };
    const others = [
      { ...debianRecipe, include: [...debianRecipe.include, 'vim'] },
      { ...debianRecipe, offline: [...debianRecipe.offline, 'vim'] },
      { ...debianRecipe, mask: ['ssh.service'] },
      { ...debianRecipe, customize: [sh`true`] },
      { ...debianRecipe, files: [file] },
      { ...debianRecipe, files: [{ ...file, mode: 0o600 }] },
    ].map(imageKey);
    expect(new Set([key, ...others]).size).toBe(7);
    expect(imageKey({ ...debianRecipe })).toBe(key);
  });
});
