import { type Facts } from './facts.ts';

/** How the addresses of NICs are written down so that they survive a reboot. */
export type NetworkConfiguration = 'ifcfg' | 'ifupdown';

export type PackageManager = 'yum' | 'apt';

/** A switch in a file without which a service does nothing. */
interface ServiceSwitch {
  readonly file: string;
  readonly key: string;
  /** The whole line that turns it on. */
  readonly line: string;
}

/** What differs between the operating systems that lvslab can provision; data and no logic of its own. */
export interface Platform {
  readonly name: 'el7' | 'debian';
  /** For people: 'CentOS 7'. */
  readonly title: string;
  readonly matches: (facts: Facts) => boolean;
  readonly packageManager: PackageManager;
  readonly networkConfiguration: NetworkConfiguration;
  /** The login shell of users who never log in. */
  readonly noLoginShell: string;
  /**
   * Packages that building this nginx from source needs.
   * @throws MissingOnHostError when it can't be built on this release.
   */
  readonly buildPackages: (facts: Facts, nginxVersion: string) => readonly string[];
  /** The file that `ipvsadm.service` restores at boot. */
  readonly ipvsRulesFile: string;
  readonly ipvsSwitch?: ServiceSwitch;
  /** Whether the release's own package mirrors are gone, so that its packages come from the archive of CentOS. */
  readonly needsVault: (facts: Facts) => boolean;
}
