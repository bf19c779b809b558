import { configuredNics, type LabHostSpec } from '../../../lab/lab-hosts.ts';
import { renderIfcfg } from './ifcfg.ts';
import { basePackages, vaultPackages } from './rpm-packages.ts';
import { type ImageRecipe, type RootFile } from '../image-recipe.ts';
import { packagedFiles } from '../../packaged-files.ts';
import { provisionedPackages } from '../provisioned-packages.ts';
import { link } from '../../root-files.ts';
import { rpmBuildOf } from '../../rpm-build/rpm-build.ts';

const rpmBuild = rpmBuildOf({
  system: 'CentOS 7.5',
  folder: 'el7/build',
  installed: basePackages,
  offered: vaultPackages,
});

/** A labelled stand-in for CentOS 7.5: its release files, services, paths and package manager over Debian's programs. */
export const el7Recipe: ImageRecipe = {
  flavour: 'el7',
  include: [
    ...['rpm', 'dnf', 'createrepo-c', 'gpg', 'gpg-agent', 'gpgconf'],
    ...['firewalld', 'nftables', 'selinux-utils', 'sudo', 'tar', 'gzip', 'iputils-arping'],
    ...['iptables', 'netbase', 'isc-dhcp-client'],
    // Finds a host's own name without a name server, as EL7 does.
    'libnss-myhostname',
    // What a minimal CentOS 7 has installed and the -devel packages build upon.
    ...['libpcre3', 'libpcre16-3', 'libpcre32-3', 'libpcrecpp0v5'],
  ],
  offline: provisionedPackages,
  get files() {
    return [...packagedFiles('el7/root', '/'), ...links, ...rpmBuild.files];
  },
  customize: [rpmBuild.customize],
  mask: [],
  hostFiles: networkFiles,
};

const links: readonly RootFile[] = [
  link('/etc/redhat-release', 'centos-release'),
  link('/etc/system-release', 'centos-release'),
  link('/etc/sysconfig/selinux', '../selinux/config'),
  link('/etc/dnf/dnf.conf', '../yum.conf'),
  link('/usr/sbin/ifup', '../../etc/sysconfig/network-scripts/ifup'),
  link('/usr/sbin/ifdown', '../../etc/sysconfig/network-scripts/ifdown'),
];

/** A file for each NIC that is configured; one that provisioning has to configure gets none. */
function networkFiles(host: LabHostSpec): readonly RootFile[] {
  return configuredNics(host).map((nic) => ({
    path: `/etc/sysconfig/network-scripts/ifcfg-${nic.device}`,
    mode: 0o644,
    content: renderIfcfg(nic),
  }));
}
