import { type Host, type Inventory } from '../inventory/inventory.ts';
import { ProblemList } from '../inventory/problem-list.ts';
import {
  labDefaults,
  type LabSettings,
  type LabVariable,
  labVariables,
} from '../inventory/variables/lab-variables.ts';
import { InterfaceAddress } from '../net/interface-address.ts';
import { IpAddress } from '../net/ip-address.ts';
import { modeNamed } from './modes/modes.ts';
import { readRoles, type Roles } from './roles.ts';
import { addressOf, sharedSetting } from './settings.ts';

/** An address that a host has. */
interface OwnAddress {
  readonly device: string;
  /** IPv4 dotted. */
  readonly address: string;
  /** 0–32. */
  readonly length: number;
}

/** What a host tells of its network. */
export interface HostNetwork {
  readonly addresses: readonly OwnAddress[];
  /** Its network cards, with an address or without. */
  readonly cards: readonly string[];
  /** The device through which packets for an address leave, by address, IPv4 dotted. */
  readonly ways: ReadonlyMap<string, string>;
  /** The one of its addresses at which it was logged in to. */
  readonly reachedAt?: string;
}

/** Stands where a real server does not tell the device of its RIP: no rule that needs it can judge anything then. */
const NOT_TOLD = 'unknown';

/** The hosts that lack a variable which they can tell by themselves, in the inventory's order. */
export function hostsToAsk(inventory: Inventory): readonly string[] {
  const { directors, realServers, clients } = rolesOf(inventory);
  const hasDip = [...inventory.hosts.values()].some(
    ({ settings }) => settings.lvs_dip !== undefined,
  );
  const lacking = [
    ...directors.filter(
      ({ settings: { lvs_vip_interface, lvs_dip_interface } }) =>
        !hasDip || lvs_vip_interface === undefined || lvs_dip_interface === undefined,
    ),
    ...realServers.filter(
      (host) =>
        host.settings.lvs_interface === undefined || addressOf(host, 'lvs_rip') === undefined,
    ),
    ...clients.filter((host) => addressOf(host, 'lvs_cip') === undefined),
  ];
  return lacking.map(({ name }) => name);
}

/** The addresses to which each host is to tell its way: those of the lab's hosts, IPv4 dotted. */
export function waysToAsk(inventory: Inventory): readonly string[] {
  const { realServers, clients } = rolesOf(inventory);
  return [
    ...realServers.map((host) => addressOf(host, 'lvs_rip')?.value),
    ...clients.map((host) => addressOf(host, 'lvs_cip')?.value),
  ].filter((address) => address !== undefined);
}

/**
 * The inventory with what it leaves out, as the hosts themselves have it: which address is the DIP, which devices carry DIP, VIP
 * and RIPs. What the inventory says stands; what no host tells is left out still.
 * @returns with it, what was taken from which host.
 */
export function withTold(
  inventory: Inventory,
  networks: ReadonlyMap<string, HostNetwork>,
): { readonly inventory: Inventory; readonly told: ReadonlyMap<string, LabSettings> } {
  const { directors, realServers, clients } = rolesOf(inventory);
  const told = new Map<string, LabSettings>();
  for (const host of realServers) told.set(host.name, toldByServer(host, networks.get(host.name)));
  for (const host of clients) {
    const { reachedAt } = networks.get(host.name) ?? {};
    const isLacking = addressOf(host, 'lvs_cip') === undefined;
    told.set(host.name, isLacking && reachedAt !== undefined ? { lvs_cip: reachedAt } : {});
  }
  const addresses = (hosts: readonly Host[], name: 'lvs_rip' | 'lvs_cip'): readonly string[] =>
    hosts.flatMap((host) => told.get(host.name)?.[name] ?? addressOf(host, name)?.value ?? []);
  const all = [...directors, ...realServers, ...clients];
  const shared = <K extends LabVariable>(name: K) =>
    sharedSetting(all, name, new ProblemList())?.value;
  const lab = {
    vips: vipsOf(inventory),
    rips: addresses(realServers, 'lvs_rip'),
    cips: addresses(clients, 'lvs_cip'),
    dip: shared('lvs_dip'),
    prefix: shared('lvs_prefix'),
    oneNic: modeNamed(shared('lvs_mode') ?? labDefaults.lvs_mode).oneNic,
  };
  for (const host of directors) {
    const network = networks.get(host.name);
    told.set(host.name, network === undefined ? {} : toldByDirector(host.settings, network, lab));
  }
  const standIn = (host: Host): LabSettings =>
    realServers.includes(host) ? { lvs_interface: NOT_TOLD } : {};
  const valid = new Map(
    [...told].map(([name, settings]) => [
      name,
      validOf(settings, inventory.hosts.get(name)?.settings ?? {}),
    ]),
  );
  const hosts = [...inventory.hosts].map(([name, host]): readonly [string, Host] => [
    name,
    { ...host, settings: { ...standIn(host), ...host.settings, ...valid.get(name) } },
  ]);
  return { inventory: { ...inventory, hosts: new Map(hosts) }, told: valid };
}

/** What a host says is no more than what an inventory may say, and stands back where that says it. */
function validOf(settings: LabSettings, said: LabSettings): LabSettings {
  const all = Object.entries(settings).filter(([key, value]) => {
    const name = key as keyof LabSettings;
    return said[name] === undefined && labVariables[name].schema.safeParse(value).success;
  });
  return Object.fromEntries(all);
}

function rolesOf(inventory: Inventory): Roles {
  // What is wrong with them is told by whoever makes the lab of it.
  return readRoles(inventory, new ProblemList());
}

function toldByServer(host: Host, network: HostNetwork | undefined): LabSettings {
  const known = addressOf(host, 'lvs_rip')?.value;
  const rip = known ?? network?.reachedAt;
  const device = network && cardOf(network, rip);
  return {
    ...(known === undefined && rip !== undefined && { lvs_rip: rip }),
    ...(device !== undefined && { lvs_interface: device }),
  };
}

/** The card with the RIP, or the only one that there is. */
function cardOf(network: HostNetwork, rip: string | undefined): string | undefined {
  const [only, ...others] = network.cards;
  return holderOf(network, rip)?.device ?? (others.length === 0 ? only : undefined);
}

/** What is known of the lab beside the director. */
interface KnownLab {
  readonly vips: readonly string[];
  readonly rips: readonly string[];
  readonly cips: readonly string[];
  readonly dip: string | undefined;
  readonly prefix: number | undefined;
  /** One network card may do for both networks. */
  readonly oneNic: boolean;
}

function toldByDirector(settings: LabSettings, network: HostNetwork, lab: KnownLab): LabSettings {
  const inside = insideOf(settings, network, lab);
  const outside = outsideOf(settings.lvs_dip_interface ?? inside?.device, network, lab);
  return {
    ...(inside !== undefined && toldInside(inside, lab)),
    ...(outside !== undefined && { lvs_vip_interface: outside }),
  };
}

function toldInside({ device, address, length }: OwnAddress, lab: KnownLab): LabSettings {
  return {
    ...(lab.dip === undefined && { lvs_dip: address }),
    ...(lab.prefix === undefined && { lvs_prefix: length }),
    lvs_dip_interface: device,
  };
}

/** The address that is the DIP: the one that was named, else one in a network of real servers, else one on the way to them. */
function insideOf(
  { lvs_dip_interface: named }: LabSettings,
  network: HostNetwork,
  { vips, rips, dip }: KnownLab,
): OwnAddress | undefined {
  const possible = onCards(network).filter(
    ({ device, address }) => !vips.includes(address) && (named ?? device) === device,
  );
  const isBeside = (own: OwnAddress): boolean => rips.some((rip) => isInNetworkOf(own, rip));
  const isOnWay = ({ device }: OwnAddress): boolean =>
    rips.some((rip) => network.ways.get(rip) === device);
  return holderOf(network, dip) ?? possible.find(isBeside) ?? possible.find(isOnWay);
}

/** The device towards the clients: that of the VIP, else the one on the way to them, else the only other one there is. */
function outsideOf(
  inside: string | undefined,
  network: HostNetwork,
  { vips, cips, oneNic }: KnownLab,
): string | undefined {
  const isPossible = (device: string | undefined): device is string =>
    device !== undefined && (oneNic || device !== inside) && network.cards.includes(device);
  const own = onCards(network);
  const others = network.cards.filter((card) => card !== inside);
  return [
    ...vips.map((vip) => holderOf(network, vip)?.device),
    ...vips.map((vip) => own.find((one) => isInNetworkOf(one, vip))?.device),
    ...cips.map((cip) => network.ways.get(cip)),
    others.length === 1 ? others[0] : undefined,
    oneNic ? inside : undefined,
  ].find(isPossible);
}

/** The addresses that are on network cards, and not on the loopback device or at the end of a tunnel. */
function onCards({ addresses, cards }: HostNetwork): readonly OwnAddress[] {
  return addresses.filter(({ device }) => cards.includes(device));
}

function holderOf(network: HostNetwork, wanted: string | undefined): OwnAddress | undefined {
  return onCards(network).find(({ address }) => address === wanted);
}

function isInNetworkOf({ address, length }: OwnAddress, other: string): boolean {
  return InterfaceAddress.of(IpAddress.of(address), length).network.contains(IpAddress.of(other));
}

/** The VIPs that the inventory names, each once. */
function vipsOf({ hosts }: Inventory): readonly string[] {
  const all = [...hosts.values()].flatMap(({ settings: { lvs_vip, lvs_services } }) => [
    lvs_vip,
    ...(lvs_services ?? []).map(({ vip }) => vip),
  ]);
  return [...new Set(all.filter((vip) => vip !== undefined))];
}
