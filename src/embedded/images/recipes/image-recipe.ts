import { type Script } from '../../../engine/model/shell/script.ts';
import { type LabHostSpec } from '../../lab/lab-hosts.ts';

export const flavours = [
  'debian',
  'debian13',
  'debian-nm',
  'debian-networkd',
  'ubuntu',
  'el9',
  'el7',
] as const;

/** Which operating system the hosts of the lab are, or stand in for, and what manages their network. */
export type Flavour = (typeof flavours)[number];

/** The flavour of a lab whose hosts are made of somebody else's image. */
export const ofAnImage = 'image';

/** What a lab is made of, as it is noted down. */
export type LabFlavour = Flavour | typeof ofAnImage;

/** Where no other is asked for. */
export const defaultFlavour = 'debian' satisfies Flavour;

/** A file, or with `link` a symbolic link, of a host's root file system. */
export interface RootFile {
  /** Absolute path inside the host. */
  readonly path: string;
  /** Permission bits: 0o644. */
  readonly mode: number;
  readonly content: string;
  /** Target of a symbolic link that is made instead of a file; mode and content don't count then. */
  readonly link?: string;
}

/**
 * How the root file system of a flavour is made. The order is: install `include`, write `files`, make the offline
 * repository, mask units, run `customize`.
 */
export interface ImageRecipe {
  readonly flavour: Flavour;
  /** The Debian release that it is built from, where that is not `suite`. */
  readonly suite?: string;
  /** Debian packages that are installed, beside `basePackages`. */
  readonly include: readonly string[];
  /** Debian packages that lie, with all they depend on, in `offlineRepository`, not installed. */
  readonly offline: readonly string[];
  readonly files: readonly RootFile[];
  /** Shell texts, run on the controller as root under `set -eu`; "$1" is the root directory (use `chroot "$1"`). */
  readonly customize: readonly Script[];
  /** systemd units that never start. */
  readonly mask: readonly string[];
  /** What makes one host of the image: its network configuration in the flavour's own way. Keys and names are added. */
  readonly hostFiles: (host: LabHostSpec) => readonly RootFile[];
}

/** The Debian release that flavours are built from, unless they say otherwise, and that the kernel is one of. */
export const suite = 'bookworm';

/** A directory of .deb files with a Packages index, inside the image; apt's only source there. */
export const offlineRepository = '/usr/share/lab-packages';

/** What every host has: a booting systemd, SSH, and the tools that a server install of any distribution brings. */
export const basePackages: readonly string[] = [
  'systemd-sysv',
  'udev',
  'dbus',
  'openssh-server',
  'iproute2',
  'iputils-ping',
  'procps',
  'kmod',
  'curl',
  'ca-certificates',
];
