import { ConflictError, UnsupportedPlatformError } from '../../../engine/model/failures/errors.ts';
import { type Facts } from '../../facts/facts.ts';
import { type NetworkBackend } from '../network-backend.ts';
import { networkBackends } from '../network-backends.ts';
import { type NicClaim, type NicOwner } from './nic-owner.ts';

/** For people. */
const MANAGERS: Readonly<Record<NicClaim['manager'], string>> = {
  networkmanager: 'NetworkManager',
  networkd: 'systemd-networkd',
  ifupdown: 'ifupdown',
  initscripts: 'the network service',
};

/**
 * The way in which a NIC is configured: that of its owner, and where it has none, the usual one of its host.
 * @param owner not set where it could not be told.
 * @throws ConflictError naming all who claim it, where they are more than one; UnsupportedPlatformError where its owner
 * keeps it in a way that lvslab doesn't know.
 */
function backendOf(
  device: string,
  owner: NicOwner | undefined,
  usual: () => NetworkBackend,
): NetworkBackend {
  const [claim, ...others] = owner?.claims ?? [];
  if (claim === undefined) return usual();
  if (others.length > 0) throw contested(device, [claim, ...others]);
  const name = nameOf(claim);
  const known = Object.values(networkBackends).find((backend) => backend.name === name);
  if (known !== undefined) return known;
  throw new UnsupportedPlatformError(
    `${device} is configured in a way that lvslab doesn't know: ${claim.evidence}`,
    {
      step: `network interface ${device}`,
      hint: `Have ${Object.values(networkBackends)
        .map(({ title }) => title)
        .join(' or ')} configure it.`,
    },
  );
}

/**
 * The way in which a NIC of a host is configured: as `backendOf` says; and where nobody has it, in the way in which all
 * other NICs are, if that is one.
 */
export function backendOfNic(
  { nicOwners }: Pick<Facts, 'nicOwners'>,
  device: string,
  usual: () => NetworkBackend,
): NetworkBackend {
  return backendOf(device, nicOwners?.get(device), () => {
    const names = [...(nicOwners ?? [])].flatMap(([, { claims }]) => claims.map(nameOf));
    const [name, ...others] = new Set(names);
    const common = Object.values(networkBackends).find((backend) => backend.name === name);
    return common === undefined || others.length > 0 ? usual() : common;
  });
}

/** What a journal calls it. */
function nameOf({ manager, byNetplan, file = '' }: NicClaim): string {
  if (byNetplan) return 'netplan';
  if (manager === 'networkmanager') return /\/ifcfg-[^/]*$/.test(file) ? 'ifcfg' : 'nm';
  return manager === 'initscripts' ? 'ifcfg' : manager;
}

function contested(device: string, claims: readonly NicClaim[]): ConflictError {
  const names = claims.map(({ manager }) => MANAGERS[manager]).join(' and ');
  return new ConflictError(
    claims.map(({ evidence, file = `/sys/class/net/${device}` }) => ({
      file,
      why: `${names} both configure ${device}; here: ${evidence}`,
      hint: `Have one of ${names} leave ${device} alone.`,
    })),
    { step: `network interface ${device}` },
  );
}
