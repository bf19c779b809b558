import { type Build } from './release.ts';

const unpacking = ['tar', 'gzip'];

const rpmBuild = {
  compiler: ['gcc', 'make'],
  libraries: ['zlib-devel', 'openssl-devel', ...unpacking],
} satisfies Partial<Build>;

const dnfBuild = { ...rpmBuild, packageManager: 'dnf' } as const;

/** CentOS 7: its mirrors are gone; its first releases have no nftables, and its firewalld speaks to iptables. */
export const el7: Build = {
  ...rpmBuild,
  name: 'el7',
  packageManager: 'yum',
  archived: '7',
  pcre: { one: 'pcre-devel' },
  selinux: 'file',
  packetMarks: 'iptables',
  networks: ['ifcfg'],
};

export const el8: Build = {
  ...dnfBuild,
  name: 'el8',
  pcre: { one: 'pcre-devel' },
  selinux: 'file',
  networks: ['ifcfg', 'nm'],
};

/** CentOS 8, Linux and Stream: built alike, but their mirrors are gone as well. */
export const archivedEl8: Build = { ...el8, packageManager: 'yum', archived: '8' };

/** From here on the kernel does not let SELinux go once it has begun, whatever the file says. */
export const el9: Build = {
  ...dnfBuild,
  name: 'el9',
  pcre: { one: 'pcre-devel' },
  selinux: 'kernel argument',
  networks: ['nm', 'ifcfg'],
};

/** zlib has become zlib-ng here, whose package has another name and merely provides the old one. */
export const el10: Build = {
  ...dnfBuild,
  name: 'el10',
  pcre: { two: 'pcre2-devel' },
  libraries: ['zlib-ng-compat-devel', 'openssl-devel', ...unpacking],
  selinux: 'kernel argument',
  networks: ['nm'],
};

/** openEuler with a kernel before 6.4, and systems made of it. */
export const openEuler22: Build = {
  ...dnfBuild,
  name: 'openEuler 22.03',
  pcre: { one: 'pcre-devel', two: 'pcre2-devel' },
  selinux: 'file',
  networks: ['ifcfg', 'nm'],
};

/** openEuler with a kernel from 6.4 on, and systems made of it. */
export const openEuler24: Build = {
  ...openEuler22,
  name: 'openEuler 24.03',
  selinux: 'kernel argument',
};

/** The last Debian with PCRE1, and those before it. */
export const debianWithPcre1: Build = {
  name: 'debian',
  packageManager: 'apt',
  pcre: { one: 'libpcre3-dev' },
  compiler: ['gcc', 'make', 'libc6-dev'],
  libraries: ['zlib1g-dev', 'libssl-dev', ...unpacking],
  networks: ['ifupdown', 'nm', 'netplan', 'networkd'],
};

export const debianWithPcre2: Build = {
  ...debianWithPcre1,
  pcre: { two: 'libpcre2-dev' },
};

/** Ubuntu: as Debian, but for who runs the network. */
export function ofUbuntu(build: Build): Build {
  return { ...build, networks: ['netplan', 'nm', 'networkd'] };
}
