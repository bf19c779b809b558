import { type Platform } from './platform.ts';

/** CentOS 7, the tutorial's own system. */
export const el7: Platform = {
  name: 'el7',
  title: 'CentOS 7',
  matches: ({ osId, osVersion }) => osId === 'centos' && osVersion === '7',
  packageManager: 'yum',
  networkConfiguration: 'ifcfg',
  noLoginShell: '/sbin/nologin',
  buildPackages: () => [
    ...['gcc', 'make', 'pcre-devel', 'zlib-devel', 'openssl-devel', 'tar', 'gzip'],
  ],
  ipvsRulesFile: '/etc/sysconfig/ipvsadm',
  needsVault: ({ osId, osVersion }) => osId === 'centos' && osVersion === '7',
};
