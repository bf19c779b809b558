import { type MarkFilterName } from '../packet-marks/mark-filter.ts';
import { type PackageManagerName } from '../packages/package-manager.ts';

/** The packages with PCRE and its headers that a release has: the old library, the new one (PCRE2), or both. */
interface PcrePackages {
  readonly one?: string;
  readonly two?: string;
}

/**
 * What turns SELinux off for good: its own file, or an argument of the kernel where that reads the file's word for it no
 * longer; not set where a system comes without SELinux.
 */
export type SelinuxSwitch = 'file' | 'kernel argument';

/** Who may run the network of a host, as docs/platforms.md lists it. */
export const networkKinds = ['ifupdown', 'ifcfg', 'nm', 'netplan', 'networkd'] as const;

export type NetworkKind = (typeof networkKinds)[number];

/** What is alike on all systems that are built like each other. */
export interface Build {
  /** 'el9'. */
  readonly name: string;
  readonly packageManager: PackageManagerName;
  /** The release of CentOS whose mirrors are gone; its packages are in the archive. */
  readonly archived?: '7' | '8';
  readonly pcre: PcrePackages;
  /** What building nginx needs, PCRE apart: these packages come before it in the set's name, which journals hold … */
  readonly compiler: readonly string[];
  /** … and these after it. */
  readonly libraries: readonly string[];
  readonly selinux?: SelinuxSwitch;
  /** By what packets are marked there; nft where it is not set. */
  readonly packetMarks?: MarkFilterName;
  /** What its installers and images leave the network to; which of them it is on a host, each NIC tells. */
  readonly networks: readonly NetworkKind[];
}

/** A release of a system, as its os-release names it. */
export interface SystemRelease {
  /** VERSION_ID up to a dot: '9' is 9 and 9.6 as well. */
  readonly version: string;
  /** Later ones are taken for built alike. */
  readonly andNewer?: true;
  readonly build: Build;
  /** Who logs in to the images that the makers offer for clouds; root there tells only this name. */
  readonly cloudUser?: string;
}

/** A system and its releases. */
export interface System {
  /** For people: 'Rocky Linux'. */
  readonly name: string;
  /** ID of os-release, in lower case. */
  readonly id: string;
  readonly releases: readonly SystemRelease[];
}

/** Whether a VERSION_ID belongs to a release. */
export function isVersionOf({ version, andNewer }: SystemRelease, found: string): boolean {
  const [wanted, given] = [version.toLowerCase(), found.toLowerCase()];
  if (given === wanted || given.startsWith(`${wanted}.`)) return true;
  return andNewer === true && /^\d{1,4}$/.test(given) && Number(given) > Number(wanted);
}
