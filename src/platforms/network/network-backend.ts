import { type Script } from '../../engine/model/script.ts';
import { InterfaceAddress } from '../../net/interface-address.ts';

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
}

/** A way to one machine that does not follow the default route. */
export interface HostRoute {
  /** Of the machine, IPv4 dotted. */
  readonly address: string;
  /** IPv4 dotted. */
  readonly gateway: string;
  readonly device: string;
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
  /** Has the file read again by whoever would write over it else. */
  readonly reload?: Script;
}

/** What journals on hosts call a way of configuring the network. */
export type NetworkBackendName = 'ifcfg' | 'ifupdown';

/** One way of configuring the network: where it is written down what NICs and routes have at every boot, and how. */
export interface NetworkBackend {
  readonly name: NetworkBackendName;
  /** Shell that sets `$path` to the file that is, or will be, about the device. */
  readonly locate: (device: string) => Script;
  /**
   * The file's text with these settings in it, the same text where it says so already. What others wrote there stays,
   * and so does its order.
   * @param text not set where there is no file.
   */
  readonly merge: (text: string | undefined, settings: InterfaceSettings) => string;
  /** The address with its prefix length that the file's text gives the device at boot; undefined where it gives none. */
  readonly addressIn: (text: string, device: string) => string | undefined;
  readonly route: RouteFormat;
  /** Has what else configures NICs there read the files again; what is active stays as it is. */
  readonly reload: Script;
  /** The program that reads the files at boot, and the package that it comes in, where it may be missing. */
  readonly atBoot?: { readonly program: string; readonly package: string };
}

/**
 * '192.168.2.128/24', out of an address and what says how long its prefix is.
 * @param length '24' or '255.255.255.0'.
 */
export function writtenAddress(host: string, length: string): string | undefined {
  const nic = InterfaceAddress.parseParts(host, length);
  return nic?.address.family === 'ipv4' ? nic.text : undefined;
}
