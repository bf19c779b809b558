import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import {
  type Flavour,
  flavours,
  type RootFile,
} from '../../../src/embedded/images/recipes/image-recipe.ts';
import { imageName } from '../../../src/embedded/images/build-image.ts';
import { recipeOf } from '../../../src/embedded/images/recipes/recipes.ts';
import { type LabHostName, labHosts } from '../../../src/embedded/lab/lab-hosts.ts';

/** What an image holds and what makes this host of it, in the order in which it is written. */
function filesOf(flavour: Flavour, name: LabHostName): readonly RootFile[] {
  const { files, hostFiles } = recipeOf(flavour);
  return [...files, ...labHosts.filter((host) => host.name === name).flatMap(hostFiles)];
}

function fileOf(flavour: Flavour, name: LabHostName, path: string): RootFile | undefined {
  return filesOf(flavour, name).findLast((file) => file.path === path);
}

const noNic = 'source /etc/network/interfaces.d/*\n\nauto lo\niface lo inet loopback\n';

describe('Debian with NetworkManager', () => {
  const folder = '/etc/NetworkManager/system-connections';

  test('has a keyfile for a real server, which nobody else can read', () => {
    expect(fileOf('debian-nm', 'rs2', `${folder}/ens33.nmconnection`)).toMatchObject({
      mode: 0o600,
      content: `[connection]
id=ens33
uuid=acb7c839-d254-43a4-8232-57f0222c77c1
type=ethernet
interface-name=ens33

[ethernet]

[ipv4]
address1=192.168.2.129/24,192.168.2.1
method=manual

[ipv6]
addr-gen-mode=default
method=auto

[proxy]
`,
    });
  });

  test('has no gateway where there is none', () => {
    const { content } = fileOf('debian-nm', 'director', `${folder}/ens33.nmconnection`) ?? {};
    expect(content).toContain('\naddress1=192.168.2.130/24\n');
  });

  test('gives every card a UUID of its own', () => {
    const profiles = labHosts.flatMap((host) => recipeOf('debian-nm').hostFiles(host));
    const ids = profiles.map(({ content }) => /^uuid=(.*)$/m.exec(content)?.[1]);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(4);
  });
});

describe('Debian with systemd-networkd', () => {
  test('has a network file for a real server, and networkd is started at boot', () => {
    expect(fileOf('debian-networkd', 'rs1', '/etc/systemd/network/10-ens37.network')).toMatchObject(
      {
        mode: 0o644,
        content: `[Match]
Name=ens37

[Network]
Address=192.168.2.128/24
Gateway=192.168.2.1
`,
      },
    );
    const { customize } = recipeOf('debian-networkd');
    expect(customize.map(({ text }) => text).join('\n')).toMatch(
      /systemctl .*enable systemd-networkd/,
    );
  });

  test('has no gateway where there is none', () => {
    const file = fileOf('debian-networkd', 'director', '/etc/systemd/network/10-ens33.network');
    expect(file?.content).not.toContain('Gateway');
  });
});

test.each(['debian-nm', 'debian-networkd'] as const)(
  'ifupdown is installed on %s, for no NIC',
  (flavour) => {
    expect(recipeOf(flavour).include).toContain('ifupdown');
    for (const { name } of labHosts) {
      expect(fileOf(flavour, name, '/etc/network/interfaces')?.content).toBe(noNic);
    }
  },
);

describe('the stand-in for Ubuntu', () => {
  const path = '/etc/netplan/50-cloud-init.yaml';

  test("has cloud-init's netplan file, which nobody else can read", () => {
    const file = fileOf('ubuntu', 'rs2', path);
    expect(file?.mode).toBe(0o600);
    expect(file?.content.split('\n')[0]).toBe(
      '# This file is generated from information provided by the datasource.  Changes',
    );
    expect(parse(file?.content ?? '')).toEqual({
      network: {
        version: 2,
        ethernets: {
          ens33: {
            addresses: ['192.168.2.129/24'],
            routes: [{ to: 'default', via: '192.168.2.1' }],
          },
        },
      },
    });
  });

  test('has no route where there is no gateway', () => {
    expect(parse(fileOf('ubuntu', 'director', path)?.content ?? '')).toEqual({
      network: { version: 2, ethernets: { ens33: { addresses: ['192.168.2.130/24'] } } },
    });
  });

  test('says that it is Ubuntu 24.04, and that it stands in for it', () => {
    const release = fileOf('ubuntu', 'rs1', '/usr/lib/os-release')?.content ?? '';
    expect(release.split('\n')).toEqual(
      expect.arrayContaining(['ID=ubuntu', 'ID_LIKE=debian', 'VERSION_ID="24.04"']),
    );
    expect(release).toMatch(/^PRETTY_NAME=".*stand-in"$/m);
    const lsb = fileOf('ubuntu', 'rs1', '/etc/lsb-release')?.content ?? '';
    expect(lsb.split('\n')).toEqual(
      expect.arrayContaining(['DISTRIB_ID=Ubuntu', 'DISTRIB_RELEASE=24.04']),
    );
    expect(lsb).toMatch(/stand-in"$/m);
  });

  test('asks systemd-resolved for names, and has neither ifupdown nor NetworkManager', () => {
    const { link } = fileOf('ubuntu', 'rs1', '/etc/resolv.conf') ?? {};
    expect(link).toBe('../run/systemd/resolve/stub-resolv.conf');
    expect(recipeOf('ubuntu').include).toEqual(['netplan.io', 'systemd-resolved']);
  });
});

describe('every flavour', () => {
  test.each(flavours)("%s leaves the director's second NIC to provisioning", (flavour) => {
    const files = labHosts
      .filter(({ name }) => name === 'director')
      .flatMap((host) => recipeOf(flavour).hostFiles(host));
    expect(files.some(({ path, content }) => `${path}${content}`.includes('ens33'))).toBe(true);
    expect(files.filter(({ path, content }) => `${path}${content}`.includes('ens37'))).toEqual([]);
  });

  test('has the packages at hand that provisioning installs, and an image of its own', () => {
    for (const flavour of flavours) {
      expect(recipeOf(flavour).flavour).toBe(flavour);
      expect(recipeOf(flavour).offline).toEqual(expect.arrayContaining(['gcc', 'ipvsadm']));
    }
    expect(new Set(flavours.map((flavour) => imageName(recipeOf(flavour)))).size).toBe(
      flavours.length,
    );
  });
});
