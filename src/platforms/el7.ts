import { type Facts } from './facts.ts';
import { ifcfg } from './network/ifcfg.ts';
import { yum } from './packages/yum.ts';
import { type Platform } from './platform.ts';

/** CentOS 7, the tutorial's own system. */
export const el7: Platform = {
  name: 'el7',
  title: 'CentOS 7',
  matches: isCentos7,
  noLoginShell: '/sbin/nologin',
  packages: {
    manager: yum,
    toBuildNginx: () => [
      ...['gcc', 'make', 'pcre-devel', 'zlib-devel', 'openssl-devel', 'tar', 'gzip'],
    ],
    ipvsadm: ['ipvsadm'],
  },
  network: ifcfg,
  rulesFile: { path: '/etc/sysconfig/ipvsadm', service: 'ipvsadm' },
  repositories: {
    // Its mirrors are gone; other systems of its kind have theirs.
    missing: (facts, { vaultUrl }) =>
      isCentos7(facts)
        ? [{ release: facts.release, architecture: facts.architecture, vaultUrl }]
        : [],
  },
};

function isCentos7({ osId, osVersion }: Facts): boolean {
  return osId === 'centos' && osVersion === '7';
}
