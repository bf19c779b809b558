import { type Facts } from './facts/facts.ts';
import { type NetworkBackend } from './network/network-backend.ts';
import { type MarkFilter } from './packet-marks/mark-filter.ts';
import { type PackageManager } from './packages/package-manager.ts';
import { type SelinuxSwitch } from './releases/release.ts';

/** A switch in a file without which a service does nothing. */
interface ServiceSwitch {
  readonly file: string;
  readonly key: string;
  /** The whole line that turns it on. */
  readonly line: string;
}

/** How software is had. */
interface PackagesPort {
  readonly manager: PackageManager;
  /**
   * Packages that building this nginx from source needs.
   * @throws MissingOnHostError when it can't be built on this release.
   */
  readonly toBuildNginx: (facts: Facts, nginxVersion: string) => readonly string[];
  /** Packages with the command `ipvsadm` and the service that restores its rules. */
  readonly ipvsadm: readonly string[];
}

/** Where the virtual services lie so that a boot brings them back. */
interface RulesFilePort {
  readonly path: string;
  /** The systemd service that restores the file at boot. */
  readonly service: string;
  /** What that service looks at first, if anything. */
  readonly switch?: ServiceSwitch;
  /** Whether stopping the service, as every shutdown does, saves the table over the file. */
  readonly isSavedAtStop: boolean;
}

/** A release of CentOS whose packages are in the archive only. */
interface ArchivedRelease {
  /** The point release: '7.5.1804'; '8-stream' for CentOS Stream 8; '' where the host does not tell it. */
  readonly release: string;
  /** As `uname -m` says it. */
  readonly architecture: string;
  /** Base URL of the archive, without a slash at its end. */
  readonly vaultUrl: string;
}

/** Where packages come from. */
interface RepositoriesPort {
  /** The sources that this host needs beside its own, because those are gone. */
  readonly missing: (
    facts: Facts,
    settings: Pick<ArchivedRelease, 'vaultUrl'>,
  ) => readonly ArchivedRelease[];
}

/** What differs between the operating systems that lvslab can provision. */
export interface Platform {
  /** ID and version as one word: 'centos7', 'ubuntu24.04'. */
  readonly name: string;
  /** For people: 'CentOS 7'. */
  readonly title: string;
  /** The login shell of users who never log in. */
  readonly noLoginShell: string;
  readonly packages: PackagesPort;
  readonly network: NetworkBackend;
  readonly rulesFile: RulesFilePort;
  /** By what packets are marked there. */
  readonly packetMarks: MarkFilter;
  readonly repositories: RepositoriesPort;
  /** What turns SELinux off here; not set where the system comes without it. */
  readonly selinux?: SelinuxSwitch;
}
