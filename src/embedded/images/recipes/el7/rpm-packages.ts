import { type RpmPackage, type SpecExtra } from '../../rpm-build/rpm-package.ts';

/** What a minimal CentOS 7 has installed, as far as someone may ask rpm for it. */
export const basePackages: readonly RpmPackage[] = [
  {
    name: 'centos-release',
    version: '7-5.1804.el7.centos',
    debs: [],
    files: [
      ...['/etc/centos-release', '/etc/redhat-release', '/etc/system-release', '/etc/os-release'],
      ...['/usr/lib/os-release', '/etc/yum.repos.d/CentOS-Base.repo', '/etc/yum/vars/infra'],
    ],
    provides: [
      ...['redhat-release = 7-5.1804.el7.centos', 'system-release = 7-5.1804.el7.centos'],
      'system-release(releasever) = 7',
    ],
  },
  {
    name: 'initscripts',
    version: '9.49.41-1.el7',
    debs: [],
    files: [
      ...['/etc/rc.d/init.d/network', '/etc/sysconfig/network-scripts/network-functions'],
      ...['/etc/sysconfig/network-scripts/ifup', '/etc/sysconfig/network-scripts/ifdown'],
    ],
  },
  {
    name: 'yum',
    version: '3.4.3-158.el7.centos',
    debs: [],
    files: ['/usr/bin/yum', '/etc/yum.conf'],
  },
  {
    name: 'bash',
    version: '4.2.46-30.el7',
    debs: ['bash'],
    provides: ['/bin/bash', '/bin/sh'],
  },
  { name: 'coreutils', version: '8.22-21.el7', debs: ['coreutils'] },
  { name: 'curl', version: '7.29.0-46.el7', debs: ['curl'] },
  { name: 'dhclient', version: '12:4.2.5-68.el7.centos', debs: ['isc-dhcp-client'] },
  { name: 'diffutils', version: '3.3-4.el7', debs: ['diffutils'] },
  { name: 'findutils', version: '1:4.5.11-5.el7', debs: ['findutils'] },
  { name: 'firewalld', version: '0.4.4.4-14.el7', debs: ['firewalld'] },
  { name: 'glibc', version: '2.17-222.el7', debs: ['libc6'] },
  { name: 'glibc-common', version: '2.17-222.el7', debs: ['libc-bin'] },
  { name: 'grep', version: '2.20-3.el7', debs: ['grep'] },
  { name: 'gzip', version: '1.5-10.el7', debs: ['gzip'] },
  { name: 'hostname', version: '3.13-3.el7', debs: ['hostname'] },
  { name: 'iproute', version: '4.11.0-14.el7', debs: ['iproute2'] },
  { name: 'iptables', version: '1.4.21-24.el7', debs: ['iptables'] },
  { name: 'iputils', version: '20160308-10.el7', debs: ['iputils-ping', 'iputils-arping'] },
  { name: 'kmod', version: '20-21.el7', debs: ['kmod'] },
  { name: 'libgcc', version: '4.8.5-28.el7', debs: ['libgcc-s1'] },
  { name: 'libgomp', version: '4.8.5-28.el7', debs: ['libgomp1'] },
  { name: 'libselinux-utils', version: '2.5-12.el7', debs: ['selinux-utils'] },
  { name: 'libstdc++', version: '4.8.5-28.el7', debs: ['libstdc++6'] },
  { name: 'openssh-clients', version: '7.4p1-16.el7', debs: ['openssh-client'] },
  { name: 'openssh-server', version: '7.4p1-16.el7', debs: ['openssh-server'] },
  { name: 'openssl-libs', version: '1:1.0.2k-12.el7', debs: ['libssl3'] },
  {
    name: 'pcre',
    version: '8.32-17.el7',
    debs: ['libpcre3', 'libpcre16-3', 'libpcre32-3', 'libpcrecpp0v5'],
  },
  { name: 'procps-ng', version: '3.3.10-17.el7', debs: ['procps'] },
  { name: 'sed', version: '4.2.2-5.el7', debs: ['sed'] },
  { name: 'shadow-utils', version: '2:4.1.5.1-24.el7', debs: ['passwd'] },
  { name: 'sudo', version: '1.8.19p2-13.el7', debs: ['sudo'] },
  { name: 'systemd', version: '219-57.el7', debs: ['systemd'] },
  { name: 'tar', version: '2:1.26-34.el7', debs: ['tar'] },
  { name: 'util-linux', version: '2.23.2-52.el7', debs: ['util-linux'] },
  { name: 'zlib', version: '1.2.7-17.el7', debs: ['zlib1g'] },
];

/** The scriptlets are what %systemd_post, %systemd_preun and %systemd_postun expand to. */
const ipvsadmService: SpecExtra = {
  install: `install -D -m 0644 %{sources}/ipvsadm.service %{buildroot}/usr/lib/systemd/system/ipvsadm.service
install -D -m 0600 %{sources}/ipvsadm-config %{buildroot}/etc/sysconfig/ipvsadm-config`,
  files: `/usr/lib/systemd/system/ipvsadm.service
%config(noreplace) %attr(0600, root, root) /etc/sysconfig/ipvsadm-config`,
  scriptlets: `%post -n ipvsadm
if [ $1 -eq 1 ]; then systemctl preset ipvsadm.service >/dev/null 2>&1 || :; fi
%preun -n ipvsadm
if [ $1 -eq 0 ]; then
  systemctl --no-reload disable ipvsadm.service >/dev/null 2>&1 || :
  systemctl stop ipvsadm.service >/dev/null 2>&1 || :
fi
%postun -n ipvsadm
systemctl daemon-reload >/dev/null 2>&1 || :`,
};

/** What the vault of CentOS 7.5 offers: the packages that the lab installs, with all they require. */
export const vaultPackages: readonly RpmPackage[] = [
  {
    name: 'binutils',
    version: '2.27-27.base.el7',
    debs: [
      ...['binutils', 'binutils-common', 'binutils-x86-64-linux-gnu', 'libbinutils'],
      ...['libctf0', 'libctf-nobfd0', 'libgprofng0'],
    ],
  },
  {
    name: 'cpp',
    version: '4.8.5-28.el7',
    debs: ['cpp', 'cpp-12', 'libisl23'],
    requires: ['libmpc', 'mpfr'],
  },
  {
    name: 'gcc',
    version: '4.8.5-28.el7',
    debs: [
      ...['gcc', 'gcc-12', 'libgcc-12-dev', 'libcc1-0', 'libatomic1', 'libitm1', 'libquadmath0'],
      ...['libasan8', 'liblsan0', 'libtsan2', 'libubsan1'],
    ],
    requires: [
      ...['binutils >= 2.20.51.0.2-12', 'cpp = 4.8.5-28.el7', 'glibc-devel >= 2.2.90-12'],
      ...['libgcc >= 4.8.5-28.el7', 'libgomp = 4.8.5-28.el7', 'libmpc', 'mpfr'],
    ],
    extra: { install: 'ln -s gcc %{buildroot}/usr/bin/cc', files: '/usr/bin/cc' },
  },
  {
    name: 'glibc-devel',
    version: '2.17-222.el7',
    debs: ['libc-dev-bin', 'libcrypt-dev', 'libnsl-dev', 'libtirpc-dev', 'rpcsvc-proto'],
    requires: ['glibc = 2.17-222.el7', 'glibc-headers = 2.17-222.el7'],
  },
  {
    name: 'glibc-headers',
    version: '2.17-222.el7',
    debs: ['libc6-dev'],
    requires: ['glibc = 2.17-222.el7', 'kernel-headers >= 2.2.1'],
  },
  {
    name: 'ipvsadm',
    version: '1.27-7.el7',
    debs: ['ipvsadm'],
    requires: ['libnl3'],
    extra: ipvsadmService,
  },
  { name: 'kernel-headers', version: '3.10.0-862.el7', debs: ['linux-libc-dev'] },
  { name: 'libmpc', version: '1.0.1-3.el7', debs: ['libmpc3'], requires: ['mpfr'] },
  { name: 'libnl3', version: '3.2.28-4.el7', debs: ['libnl-3-200', 'libnl-genl-3-200'] },
  { name: 'libpcap', version: '14:1.5.3-11.el7', debs: ['libpcap0.8'] },
  { name: 'make', version: '1:3.82-23.el7', debs: ['make'] },
  { name: 'mpfr', version: '3.1.1-4.el7', debs: ['libmpfr6'] },
  {
    name: 'openssl-devel',
    version: '1:1.0.2k-12.el7',
    debs: ['libssl-dev'],
    requires: ['openssl-libs = 1:1.0.2k-12.el7', 'zlib-devel'],
  },
  {
    name: 'pcre-devel',
    version: '8.32-17.el7',
    debs: ['libpcre3-dev'],
    requires: ['pcre = 8.32-17.el7'],
  },
  {
    name: 'tcpdump',
    version: '14:4.9.2-3.el7',
    debs: ['tcpdump'],
    requires: ['libpcap >= 14:1.5.3-10'],
  },
  {
    name: 'zlib-devel',
    version: '1.2.7-17.el7',
    debs: ['zlib1g-dev'],
    requires: ['zlib = 1.2.7-17.el7'],
  },
];
