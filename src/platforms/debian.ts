import { MissingOnHostError } from '../engine/model/errors.ts';
import { type Facts } from './facts.ts';
import { ifupdown } from './network/ifupdown.ts';
import { apt } from './packages/apt.ts';
import { type Platform } from './platform.ts';
import { isOlder } from './version.ts';

/** nginx takes PCRE2 from this version on; Debian 13 has no PCRE1 any more. */
const FIRST_WITH_PCRE2 = '1.21.5';

/** Debian from 11 on, with ifupdown. */
export const debian: Platform = {
  name: 'debian',
  title: 'Debian 11 or newer',
  matches: ({ osId, osVersion }) => osId === 'debian' && Number(osVersion) >= 11,
  noLoginShell: '/usr/sbin/nologin',
  packages: {
    manager: apt,
    toBuildNginx: (facts, nginxVersion) => [
      ...['gcc', 'make', 'libc6-dev'],
      pcrePackage(facts, nginxVersion),
      ...['zlib1g-dev', 'libssl-dev', 'tar', 'gzip'],
    ],
    ipvsadm: ['ipvsadm'],
  },
  network: ifupdown,
  rulesFile: {
    path: '/etc/ipvsadm.rules',
    service: 'ipvsadm',
    switch: { file: '/etc/default/ipvsadm', key: 'AUTO', line: 'AUTO="true"' },
  },
  repositories: { missing: () => [] },
};

function pcrePackage({ osVersion, osName }: Facts, nginxVersion: string): string {
  if (Number(osVersion) < 13) return 'libpcre3-dev';
  if (!isOlder(nginxVersion, FIRST_WITH_PCRE2)) return 'libpcre2-dev';
  throw new MissingOnHostError(
    `nginx ${nginxVersion} needs PCRE1, which ${osName} does not have any more`,
    { step: 'packages', hint: 'Set nginx_version to 1.22.1 or newer, with its sha256.' },
  );
}
