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

/** How one kind of system writes the addresses of its NICs down. */
export interface InterfaceFormat {
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
}

/**
 * '192.168.2.128/24', out of an address and what says how long its prefix is.
 * @param length '24' or '255.255.255.0'.
 */
export function writtenAddress(host: string, length: string): string | undefined {
  const nic = InterfaceAddress.parseParts(host, length);
  return nic?.address.family === 'ipv4' ? nic.text : undefined;
}
