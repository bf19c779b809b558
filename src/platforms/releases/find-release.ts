import { type Facts } from '../facts/facts.ts';
import { isVersionOf, type System, type SystemRelease } from './release.ts';
import { systems } from './systems.ts';

/** A release that was found, and the system that it is one of. */
export interface FoundRelease {
  readonly system: Pick<System, 'name' | 'id'>;
  readonly release: SystemRelease;
}

/**
 * What os-release says a host is, where that is a system of ours. Other rebuilds of Red Hat's system, which PLATFORM_ID
 * tells, count as what they rebuild; ID_LIKE says too little, for Fedora and Amazon Linux have it as well.
 */
export function findRelease(facts: Facts): FoundRelease | undefined {
  const id = facts.osId.toLowerCase();
  const system = systems.find((known) => known.id === id);
  if (system === undefined) return rebuiltRelease(facts);
  const release = system.releases.find((known) => isVersionOf(known, facts.osVersion));
  return release === undefined ? undefined : { system, release };
}

function rebuiltRelease({ osId, osVersion, platformId = '' }: Facts): FoundRelease | undefined {
  const [, version = ''] = /^platform:el([0-9]{1,2})$/.exec(platformId) ?? [];
  const rhel = systems.find(({ id }) => id === 'rhel');
  const release = rhel?.releases.find((known) => known.version === version);
  // Whatever is rebuilt of release 9 is 9 or 9.something itself.
  if (release === undefined || osId === '' || !isVersionOf(release, osVersion)) return undefined;
  const { build } = release;
  return { system: { name: 'A rebuild of RHEL', id: 'el' }, release: { version, build } };
}
