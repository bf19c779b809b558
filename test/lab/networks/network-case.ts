import { type Flavour } from '../../../src/embedded/images/recipes/image-recipe.ts';
import { type InterfaceSettings } from '../../../src/platforms/network/network-backend.ts';

/** A network that somebody's host has, and what lvslab is asked to make of it. */
export interface NetworkCase {
  /** What there is, in a few words: 'source line with a pattern'. */
  readonly name: string;
  readonly flavour: Flavour;
  /** The network files of the host before, by absolute path. */
  readonly files: Readonly<Record<string, FileContent>>;
  /** Files that somebody has changed since, without a reboot: the host as it runs is not what its files say. */
  readonly since?: Readonly<Record<string, FileContent>>;
  /** What each NIC is asked to have; not set, ens33 gets another default gateway. */
  readonly settings?: readonly InterfaceSettings[];
  /**
   * 'made': all that is asked for is there then, also after a reboot. A regular expression: refused before anything is
   * changed, with these words. 'either' where both are right.
   */
  readonly expect: 'either' | 'made' | RegExp;
  /** What a server on the segment of ens33 gives by DHCP: first and last address, IPv4 dotted; there is none, without it. */
  readonly dhcp?: readonly [string, string];
  /** One of the few that are tried at each change of lvslab. */
  readonly inCi?: true;
}

/** Text, where it can be read by all; or text with its permission bits: 0o600. */
type FileContent = string | { readonly content: string; readonly mode: number };

/** The commonest wish: the NIC keeps the address by which it is reached, and the director becomes its gateway. */
export const otherGateway: InterfaceSettings = {
  device: 'ens33',
  address: '192.168.2.128',
  prefix: 24,
  gateway: '192.168.2.130',
  dns: [],
};

/** A case without its flavour and its files' usual places, as the tables of cases have it. */
export type FlavourCase = Omit<NetworkCase, 'flavour'>;

/** What a case asks for. */
export function settingsOf({
  settings = [otherGateway],
}: NetworkCase): readonly InterfaceSettings[] {
  return settings;
}
