import { configuredNics } from '../../../lab/lab-hosts.ts';
import { installedPackages, offeredPackages } from './rpm-packages.ts';
import { type ImageRecipe, type RootFile } from '../image-recipe.ts';
import { keyfile } from '../../network-files/nm-keyfile.ts';
import { packagedFiles } from '../../packaged-files.ts';
import { provisionedPackages } from '../provisioned-packages.ts';
import { link } from '../../root-files.ts';
import { rpmBuildOf } from '../../rpm-build/rpm-build.ts';

const rpmBuild = rpmBuildOf({
  system: 'Rocky Linux 9.3',
  folder: 'el9/build',
  installed: installedPackages,
  offered: offeredPackages,
});

/**
 * A labelled stand-in for Rocky Linux 9.3: its release files, its package manager with sources of its own, and its
 * network, NetworkManager with keyfiles, over Debian's programs.
 */
export const el9Recipe: ImageRecipe = {
  flavour: 'el9',
  include: [
    ...['rpm', 'dnf', 'createrepo-c', 'gpg', 'gpg-agent', 'gpgconf', 'network-manager'],
    ...['firewalld', 'nftables', 'selinux-utils', 'sudo', 'tar', 'gzip', 'iputils-arping'],
    ...['iptables', 'netbase', 'libnss-myhostname'],
    // What a minimal Rocky Linux 9 has installed and the -devel packages build upon.
    ...['libpcre3', 'libpcre16-3', 'libpcre32-3', 'libpcrecpp0v5'],
  ],
  offline: provisionedPackages,
  get files() {
    return [...packagedFiles('el9/root', '/'), ...links, ...rpmBuild.files];
  },
  customize: [rpmBuild.customize],
  mask: [],
  hostFiles: (host) => configuredNics(host).map(keyfile),
};

const links: readonly RootFile[] = [
  link('/etc/redhat-release', 'rocky-release'),
  link('/etc/system-release', 'rocky-release'),
  link('/etc/sysconfig/selinux', '../selinux/config'),
];
