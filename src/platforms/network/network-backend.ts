import { type Observed } from '../../engine/model/resource.ts';
import { type Script } from '../../engine/model/shell/script.ts';
import { InterfaceAddress } from '../../net/interface-address.ts';
import { type BootView } from './boot/boot-view.ts';
import { type ListedFile } from './boot/listed-files.ts';

/** A way to one machine that does not follow the default route. */
export interface HostRoute {
  /** Of the machine, IPv4 dotted. */
  readonly address: string;
  /** IPv4 dotted. */
  readonly gateway: string;
  readonly device: string;
}

/** What a NIC shall have, now and after every boot. */
export interface InterfaceSettings {
  /** Device name, 'ens33'. */
  readonly device: string;
  /** IPv4 dotted. */
  readonly address: string;
  /** 0–32. */
  readonly prefix: number;
  /** Default gateway through this NIC, IPv4 dotted; not set, the default route is left as it is. */
  readonly gateway?: string;
  /** Name servers, IPv4 dotted. */
  readonly dns: readonly string[];
  /** Ways to single machines that the NIC's own file has to hold; where they have files of their own, there are none here. */
  readonly routes?: readonly HostRoute[];
}

/** What the files about a NIC shall say; whatever else they say stays. */
export interface ProfileSettings extends InterfaceSettings {
  /** Addresses with prefix lengths that the wanted one comes in the place of; the others stay. */
  readonly replaces?: readonly string[];
}

/** Where a route of its own is written down, and how. */
export interface RouteFormat {
  readonly path: (route: HostRoute) => string;
  /**
   * The file's text with the route in it, the same text where it says so already. What others wrote there stays.
   * @param text not set where there is no file.
   */
  readonly merge: (text: string | undefined, route: HostRoute) => string;
  /** Octal, four digits, where it matters. */
  readonly mode?: string;
  /** Shell that has the file read again by whoever would write over it else. */
  readonly reload?: (route: HostRoute) => Script;
}

/** What journals on hosts call a way of configuring the network. */
export type NetworkBackendName = 'ifcfg' | 'ifupdown' | 'nm' | 'netplan' | 'networkd';

/** A file that has a say in what the next boot makes of NICs: as found, or, without `whole`, as it is to be written. */
export type ConfigFile = ListedFile;

/** The files that a boot goes by, and what it makes of a NIC: as found, or as foreseen. Plain data, as it goes through JSON. */
export interface NetworkConfig {
  /** All that are read for the NIC, and those for others that have a say in the default route; in the order in which they are read. */
  readonly files: readonly ConfigFile[];
  readonly boot: BootView;
  /** What has a say beside these files, by names of the backend's own. */
  readonly known: Readonly<Record<string, readonly string[]>>;
}

/**
 * One who configures NICs: where it is written down what they have at every boot, what it makes of that, and how a change
 * of it comes into effect now.
 */
export interface NetworkBackend {
  readonly name: NetworkBackendName;
  /** For people: 'ifupdown'. */
  readonly title: string;
  /** Read-only shell that asks the one who reads the files at boot; it prints files by `lvslab_show` (boot/listed-files.ts). */
  readonly observe: (device: string) => Script;
  /** Reads what `observe` printed; unknown where its own reader and what the files say can't be brought together. */
  readonly read: (output: string, device: string) => Observed<NetworkConfig>;
  /**
   * Pure: the configuration with these settings in it, the very object that was given where it has them already. A file
   * that stays is the same object as before, one that is to be written stands there with its whole text, and without
   * `whole`. `boot` is what the next boot will make of it: the caller sees whether that is what is wanted, and `conflicts`
   * hold the reasons that are known.
   */
  readonly aim: (found: NetworkConfig, settings: ProfileSettings) => NetworkConfig;
  /** The program that reads the files at boot, and the package that it comes in, where it may be missing. */
  readonly atBoot?: { readonly program: string; readonly package: string };
  /** Where routes to single machines have files of their own; not set where they go with the NIC (`settings.routes`). */
  readonly route?: RouteFormat;
  /**
   * Shell that tells the owner of files that were written or removed, so that it takes neither the old ones nor none for
   * granted; what is active stays as it is. Fails where the owner, asked again, does not have them.
   */
  readonly reload?: (change: WrittenFiles) => Script;
  /**
   * Shell that makes active what the files say, in the smallest step, and waits until it is. Not set where `ip` does that,
   * and the owner looks on.
   */
  readonly activate?: (change: WrittenFiles) => Script;
  /** Shell for a boot that has just got the former files back, before there is any network; where putting them back isn't all. */
  readonly restoreAtBoot?: (change: WrittenFiles) => Script;
}

/** Files about a NIC that are not as they were; they are written, or gone. */
export interface WrittenFiles {
  readonly device: string;
  readonly paths: readonly string[];
}

/**
 * '192.168.2.128/24', out of an address and what says how long its prefix is.
 * @param length '24' or '255.255.255.0'.
 */
export function writtenAddress(host: string, length: string): string | undefined {
  const nic = InterfaceAddress.parseParts(host, length);
  return nic?.address.family === 'ipv4' ? nic.text : undefined;
}

/** The prefix length that an IPv4 address meant before there were netmasks, as some readers still take it: '8', '16' or '24'. */
export function classfulLength(host: string): string {
  const first = Number(host.split('.')[0]);
  return first < 128 ? '8' : first < 192 ? '16' : '24';
}
