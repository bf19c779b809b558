import { UnsupportedPlatformError } from '../engine/model/failures/errors.ts';
import { type Facts } from './facts/facts.ts';
import { ifcfg } from './network/ifcfg.ts';
import { ifupdown } from './network/ifupdown.ts';
import { netplan } from './network/netplan.ts';
import { nm } from './network/nm.ts';
import { type NetworkBackend } from './network/network-backend.ts';
import { type PackageManagerName } from './packages/package-manager.ts';
import { type Platform } from './platform.ts';
import { platformOf } from './platform-of.ts';
import { findRelease, type FoundRelease } from './releases/find-release.ts';
import { systemNames } from './releases/systems.ts';

/**
 * Finds out which platform a host is.
 * @throws UnsupportedPlatformError naming what was found and what is supported.
 */
export function detectPlatform(facts: Facts): Platform {
  const found = findRelease(facts);
  if (found === undefined) {
    throw new UnsupportedPlatformError(
      `this is ${facts.osName} (ID=${facts.osId} VERSION_ID=${facts.osVersion}), which lvslab can't provision`,
      { step: 'facts', hint: `Use a host with one of: ${systemNames()}.` },
    );
  }
  checkRelease(found, facts);
  if (!facts.systemd) {
    throw new UnsupportedPlatformError(`this ${facts.osName} does not run systemd`, {
      step: 'facts',
      hint: `Boot it with systemd as its init.`,
    });
  }
  return {
    ...platformOf(found),
    get network() {
      return networkOf(found, facts);
    },
  };
}

/** What tells the package managers apart. */
const PROGRAMS: Readonly<Record<PackageManagerName, string>> = {
  yum: 'yum',
  dnf: 'dnf',
  apt: 'apt-get',
};

/** Whether the host is what its os-release says: one name may stand for two systems, and a file may be a copy. */
function checkRelease({ release: { build, version } }: FoundRelease, facts: Facts): void {
  const { tools, platformId, osName, osId, osVersion } = facts;
  const [, rebuilt] = /^platform:el(\d{1,2})$/.exec(platformId ?? '') ?? [];
  if (rebuilt !== undefined && (build.packageManager === 'apt' || rebuilt !== version)) {
    throw new UnsupportedPlatformError(
      `os-release contradicts itself: ID=${osId} VERSION_ID=${osVersion}, but PLATFORM_ID=${platformId}`,
      { step: 'facts', hint: 'Look at /etc/os-release on that host.' },
    );
  }
  const program = PROGRAMS[build.packageManager];
  const other = Object.values(PROGRAMS).find((known) => tools.has(known));
  if (tools.has(program) || other === undefined) return;
  throw new UnsupportedPlatformError(
    `this ${osName} has ${other} and no ${program}: it is no server of the kind that lvslab knows by ID=${osId} VERSION_ID=${osVersion}`,
    { step: 'facts', hint: `Use a host with one of: ${systemNames()}.` },
  );
}

/** Where the network is written down, as the installers of these systems leave it. */
function networkOf({ release: { build } }: FoundRelease, { osId, osName }: Facts): NetworkBackend {
  if (build.name === 'el7') return ifcfg;
  if (osId === 'debian') return ifupdown;
  if (osId === 'ubuntu') return netplan;
  if (build.packageManager !== 'apt') return nm;
  throw new UnsupportedPlatformError(`how ${osName} configures its network is not known`, {
    step: 'network',
    hint: 'Use a host with CentOS 7, or Debian 11 or newer.',
  });
}
