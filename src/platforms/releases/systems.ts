import {
  archivedEl8,
  debianWithPcre1,
  debianWithPcre2,
  el10,
  el7,
  el8,
  el9,
  ofUbuntu,
  openEuler22,
  openEuler24,
} from './builds.ts';
import { type Build, type System, type SystemRelease } from './release.ts';

/** The releases of the rebuilds of Red Hat Enterprise Linux that are kept up. */
const enterprise: readonly (readonly [string, Build])[] = [
  ['8', el8],
  ['9', el9],
  ['10', el10],
];

/** All systems that lvslab knows as hosts: as their makers name them in os-release. */
export const systems: readonly System[] = [
  {
    name: 'CentOS',
    id: 'centos',
    releases: [
      { version: '7', build: el7, cloudUser: 'centos' },
      { version: '8', build: archivedEl8, cloudUser: 'centos' },
      { version: '9', build: el9, cloudUser: 'cloud-user' },
      { version: '10', build: el10, cloudUser: 'cloud-user' },
    ],
  },
  rebuild({ name: 'RHEL', id: 'rhel', cloudUser: 'cloud-user' }),
  rebuild({ name: 'Rocky Linux', id: 'rocky', cloudUser: 'rocky' }),
  rebuild({ name: 'AlmaLinux', id: 'almalinux', cloudUser: 'almalinux' }),
  rebuild({ name: 'Oracle Linux', id: 'ol', cloudUser: 'opc' }),
  {
    name: 'openEuler',
    id: 'openeuler',
    releases: [
      { version: '22.03', build: openEuler22, cloudUser: 'openeuler' },
      { version: '24.03', build: openEuler24, cloudUser: 'openeuler' },
    ],
  },
  {
    name: 'Anolis OS',
    id: 'anolis',
    releases: [
      { version: '8', build: el8 },
      { version: '23', build: openEuler24 },
    ],
  },
  {
    name: 'Kylin server',
    id: 'kylin',
    releases: [
      { version: 'V10', build: openEuler22 },
      { version: 'V11', build: openEuler24 },
    ],
  },
  {
    name: 'Ubuntu',
    id: 'ubuntu',
    releases: [
      ...['20.04', '22.04', '24.04'].map((version) => ubuntu(version, debianWithPcre1)),
      ubuntu('26.04', debianWithPcre2),
    ],
  },
  {
    name: 'Debian',
    id: 'debian',
    releases: [
      { version: '11', build: debianWithPcre1, cloudUser: 'debian' },
      { version: '12', build: debianWithPcre1, cloudUser: 'debian' },
      { version: '13', andNewer: true, build: debianWithPcre2, cloudUser: 'debian' },
    ],
  },
];

function rebuild({ cloudUser, ...names }: { name: string; id: string; cloudUser: string }): System {
  const releases = enterprise.map(([version, build]) => ({ version, build, cloudUser }));
  return { ...names, releases };
}

function ubuntu(version: string, build: Build): SystemRelease {
  return { version, build: ofUbuntu(build), cloudUser: 'ubuntu' };
}

/** Who logs in to the images that the makers of each system offer for clouds. */
export function cloudUsers(): readonly { readonly system: string; readonly user: string }[] {
  return systems.flatMap(({ name, releases }) => {
    const users = releases.flatMap(({ cloudUser = [] }) => cloudUser);
    return [...new Set(users)].map((user) => ({ system: name, user }));
  });
}

/** All systems with their releases, for people: 'CentOS 7, 8, 9, 10; …; Debian 11 or newer'. */
export function systemNames(): string {
  return systems.map(({ name, releases }) => `${name} ${versionNames(releases)}`).join('; ');
}

function versionNames(releases: readonly SystemRelease[]): string {
  const [first] = releases;
  const isOpen = releases.some(({ andNewer }) => andNewer === true);
  if (first !== undefined && isOpen) return `${first.version} or newer`;
  return releases.map(({ version }) => version).join(', ');
}
