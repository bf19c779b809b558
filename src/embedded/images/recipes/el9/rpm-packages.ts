import { basePackages, vaultPackages } from '../el7/rpm-packages.ts';
import { type RpmPackage } from '../../rpm-build/rpm-package.ts';

/** `[epoch:]version-release` of the packages that Rocky Linux 9.3 has as CentOS 7 has them. */
const versions: Readonly<Record<string, string>> = {
  bash: '5.1.8-6.el9_1',
  binutils: '2.35.2-42.el9',
  coreutils: '8.32-34.el9',
  cpp: '11.4.1-2.1.el9',
  curl: '7.76.1-26.el9',
  diffutils: '3.7-12.el9',
  findutils: '1:4.8.0-6.el9',
  firewalld: '1.2.5-2.el9_3',
  gcc: '11.4.1-2.1.el9',
  glibc: '2.34-83.el9',
  'glibc-common': '2.34-83.el9',
  'glibc-devel': '2.34-83.el9',
  'glibc-headers': '2.34-83.el9',
  grep: '3.6-5.el9',
  gzip: '1.12-1.el9',
  hostname: '3.23-6.el9',
  iproute: '6.2.0-5.el9',
  iputils: '20210202-9.el9',
  ipvsadm: '1.31-6.el9',
  'kernel-headers': '5.14.0-362.8.1.el9_3',
  kmod: '28-9.el9',
  libgcc: '11.4.1-2.1.el9',
  libgomp: '11.4.1-2.1.el9',
  libmpc: '1.2.1-4.el9',
  libnl3: '3.7.0-1.el9',
  'libselinux-utils': '3.5-1.el9',
  'libstdc++': '11.4.1-2.1.el9',
  libpcap: '14:1.10.0-4.el9',
  make: '1:4.3-7.el9',
  mpfr: '4.1.0-7.el9',
  'openssh-clients': '8.7p1-34.el9',
  'openssh-server': '8.7p1-34.el9',
  'openssl-devel': '1:3.0.7-24.el9',
  'openssl-libs': '1:3.0.7-24.el9',
  pcre: '8.44-3.el9.3',
  'pcre-devel': '8.44-3.el9.3',
  'procps-ng': '3.3.17-11.el9',
  sed: '4.8-9.el9',
  'shadow-utils': '2:4.9-8.el9',
  sudo: '1.9.5p2-9.el9',
  systemd: '252-18.el9',
  tar: '2:1.34-6.el9_1',
  tcpdump: '14:4.99.0-8.el9',
  'util-linux': '2.37.4-15.el9',
  zlib: '1.2.11-40.el9',
  'zlib-devel': '1.2.11-40.el9',
};

/** What a minimal Rocky Linux 9 has installed, as far as someone may ask rpm for it. */
export const installedPackages: readonly RpmPackage[] = [
  {
    name: 'rocky-release',
    version: '9.3-1.2.el9',
    debs: [],
    files: [
      ...['/etc/rocky-release', '/etc/redhat-release', '/etc/system-release', '/etc/os-release'],
      ...['/usr/lib/os-release', '/etc/yum.repos.d/rocky.repo', '/etc/dnf/vars/stream'],
    ],
    provides: ['redhat-release = 9.3', 'system-release = 9.3', 'system-release(releasever) = 9'],
  },
  { name: 'NetworkManager', version: '1:1.44.0-3.el9', debs: ['network-manager'] },
  {
    name: 'dnf',
    version: '4.14.0-8.el9',
    debs: [],
    files: ['/usr/bin/dnf', '/usr/bin/dnf-3', '/etc/dnf/dnf.conf'],
  },
  { name: 'iptables-nft', version: '1.8.8-6.el9', debs: ['iptables'] },
  ...basePackages.flatMap(renumbered),
];

/** What the mirror of Rocky Linux 9.3 offers: the packages that the lab installs, with all they require. */
export const offeredPackages: readonly RpmPackage[] = vaultPackages.flatMap(renumbered);

/** A package with the numbers of this release, in what it requires as well; none where this release has no such. */
function renumbered(rpm: RpmPackage): readonly RpmPackage[] {
  const version = versions[rpm.name];
  if (version === undefined) return [];
  const requires = rpm.requires?.map((requirement) =>
    requirement.replace(/^(\S+) = \S+$/, (whole, name: string) => {
      const number = versions[name];
      return number === undefined ? whole : `${name} = ${number}`;
    }),
  );
  return [{ ...rpm, version, ...(requires !== undefined && { requires }) }];
}
