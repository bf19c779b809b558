import { MissingOnHostError } from '../engine/model/failures/errors.ts';
import { type Facts } from './facts/facts.ts';
import { markFilters } from './packet-marks/mark-filters.ts';
import { packageManagers } from './packages/package-managers.ts';
import { type Platform } from './platform.ts';
import { type FoundRelease } from './releases/find-release.ts';
import { type Build } from './releases/release.ts';
import { isOlder } from './version.ts';

/** nginx takes PCRE2 from this version on. */
const FIRST_WITH_PCRE2 = '1.21.5';

/** What holds for a release, from what is known of its build. */
export function platformOf({ system, release }: FoundRelease): Omit<Platform, 'network'> {
  const { build, version } = release;
  const newer = release.andNewer === true ? ' or newer' : '';
  return {
    name: `${system.id}${version}`.toLowerCase(),
    title: `${system.name} ${version}${newer}`,
    packages: {
      manager: packageManagers[build.packageManager],
      toBuildNginx: (facts, nginxVersion) => [
        ...build.compiler,
        pcrePackage(build, facts, nginxVersion),
        ...build.libraries,
      ],
      ipvsadm: ['ipvsadm'],
    },
    packetMarks: markFilters[build.packetMarks ?? 'nft'],
    ...(build.packageManager === 'apt' ? debianWays : rpmWays),
    ...(build.selinux !== undefined && { selinux: build.selinux }),
    repositories: {
      missing: ({ release: point, architecture }, { vaultUrl }) =>
        build.archived === undefined ? [] : [{ release: point, architecture, vaultUrl }],
    },
  };
}

const rpmWays: Pick<Platform, 'noLoginShell' | 'rulesFile'> = {
  noLoginShell: '/sbin/nologin',
  rulesFile: { path: '/etc/sysconfig/ipvsadm', service: 'ipvsadm', isSavedAtStop: true },
};

const debianWays: Pick<Platform, 'noLoginShell' | 'rulesFile'> = {
  noLoginShell: '/usr/sbin/nologin',
  rulesFile: {
    path: '/etc/ipvsadm.rules',
    service: 'ipvsadm',
    isSavedAtStop: false,
    switch: { file: '/etc/default/ipvsadm', key: 'AUTO', line: 'AUTO="true"' },
  },
};

function pcrePackage({ pcre }: Build, { osName }: Facts, nginxVersion: string): string {
  const isOld = isOlder(nginxVersion, FIRST_WITH_PCRE2);
  const found = isOld ? pcre.one : (pcre.two ?? pcre.one);
  if (found !== undefined) return found;
  throw new MissingOnHostError(
    `nginx ${nginxVersion} needs PCRE1, which ${osName} does not have any more`,
    { step: 'packages', hint: 'Set nginx_version to 1.22.1 or newer, with its sha256.' },
  );
}
