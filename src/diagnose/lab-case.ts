import { endpoint, serviceKey } from '../ipvs/virtual-service.ts';
import { IpAddress } from '../net/ip-address.ts';
import { IpNetwork } from '../net/ip-network.ts';
import {
  type FilterRule,
  type HostReading,
  type IpvsReading,
  type LabView,
  type Readings,
  type RequestReading,
  type RouteReading,
} from './readings/readings.ts';
import { webServers } from './web-servers.ts';

type Table = NonNullable<IpvsReading['table']>;
export type LiveService = Table['services'][number];
export type LiveDestination = LiveService['destinations'][number];
export type LabServer = LabView['servers'][number];

/** A real server of the inventory with what was read there, if anything. */
export interface ReadServer {
  readonly server: LabServer;
  /** 'ADDRESS:PORT', as the inventory has it. */
  readonly at: string;
  readonly reading: HostReading | undefined;
}

/** What IPVS gave a server during the requests. */
export interface Given {
  readonly connections: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
}

/** A rule of a packet filter, and how many packets it stopped during the requests. */
export interface StoppedPackets extends FilterRule {
  readonly stopped: number;
}

/** Readings, as rules ask them. Pure; asks the same as often as it is asked. */
export class LabCase {
  readonly readings: Readings;
  readonly lab: LabView;

  constructor(readings: Readings) {
    this.readings = readings;
    this.lab = readings.lab;
  }

  get vip(): string {
    return this.lab.service.address;
  }

  /** Where the requests came from, as far as it is known. */
  get cip(): string | undefined {
    return this.lab.client.address;
  }

  get director(): HostReading | undefined {
    return this.host(this.lab.director.name);
  }

  get client(): HostReading | undefined {
    return this.host(this.lab.client.name);
  }

  get servers(): readonly ReadServer[] {
    return this.lab.servers.map((server) => ({
      server,
      at: endpoint(server),
      reading: listeningFor(this.lab.service, this.host(server.name)),
    }));
  }

  host(name: string): HostReading | undefined {
    return Object.hasOwn(this.readings.hosts, name) ? this.readings.hosts[name] : undefined;
  }

  /** A unit of systemd's on a host; 'director' is the one under diagnosis, whatever it is called. */
  unit(host: string, name: string): NonNullable<HostReading['units']>[string] | undefined {
    const reading = host === 'director' ? this.director : this.host(host);
    return reading?.units?.[`${name}.service`];
  }

  /** The web server of a host: the one that runs, else one that is there, by the name of its unit; undefined where none is. */
  webServer(host: string): string | undefined {
    // systemd loads no unit that is masked.
    const there = webServers.filter((name) =>
      ['loaded', 'masked'].includes(this.unit(host, name)?.load ?? ''),
    );
    return there.find((name) => this.unit(host, name)?.active === 'active') ?? there[0];
  }

  get results(): readonly RequestReading[] {
    return this.readings.requests?.results ?? [];
  }

  count(outcome: RequestReading['outcome']): number {
    return this.results.filter((result) => result.outcome === outcome).length;
  }

  /** Whether any request was not answered; undefined where none was made. */
  get isFailing(): boolean | undefined {
    return this.results.length === 0 ? undefined : this.count('answered') < this.results.length;
  }

  /** The service as the kernel has it; 'none' where it has none, undefined where the table could not be read. */
  get live(): LiveService | 'none' | undefined {
    return serviceIn(this.director?.ipvs?.table, this.lab);
  }

  /** The service as the next boot will bring it. */
  get atBoot(): LiveService | 'none' | undefined {
    return serviceIn(this.director?.ipvs?.boot?.table, this.lab);
  }

  /** The servers that the kernel has in the service; [] where there is no service. */
  get destinations(): readonly LiveDestination[] {
    const { live } = this;
    return typeof live === 'object' ? live.destinations : [];
  }

  /** The kernel's entry for a server of the inventory, whatever its port. */
  destinationOf({ address }: Pick<LabServer, 'address'>): LiveDestination | undefined {
    return this.destinations.find((destination) => destination.address === address);
  }

  /** By how much a counter of a host rose during the requests; undefined where that can't be told. */
  rise(reading: HostReading | undefined, counter: string): number | undefined {
    const before = reading?.countersBefore?.[counter];
    const after = reading?.countersAfter?.[counter];
    return before === undefined || after === undefined || after < before
      ? undefined
      : after - before;
  }

  /** Whether every host could be reached, and all read that was asked of director and real servers. */
  get isAllRead(): boolean {
    const { unreachable, unread = {} } = this.readings;
    const providers = [this.lab.director, ...this.lab.servers].map(({ name }) => name);
    const isRead = (name: string): boolean => !Object.hasOwn(unread, name);
    return Object.keys(unreachable).length === 0 && providers.every(isRead);
  }

  /** What IPVS gave a destination during the requests. */
  given(at: string): Given | undefined {
    const { before, after } = this.director?.ipvs ?? {};
    const now = after?.[at];
    if (now === undefined) return undefined;
    const was = before?.[at] ?? { connections: 0, packetsIn: 0, packetsOut: 0 };
    const rise = (field: keyof Given): number => Math.max(0, now[field] - was[field]);
    return {
      connections: rise('connections'),
      packetsIn: rise('packetsIn'),
      packetsOut: rise('packetsOut'),
    };
  }

  /** The rules of a host's packet filter that stopped packets during the requests, the most first. */
  stopped(reading: HostReading | undefined): readonly StoppedPackets[] | undefined {
    const { filtersBefore: before, filtersAfter: after } = reading ?? {};
    if (before === undefined || after === undefined) return undefined;
    const known = new Map(before.map((rule) => [ruleKey(rule), rule.packets ?? 0]));
    return after
      .map((rule) => ({ ...rule, stopped: (rule.packets ?? 0) - (known.get(ruleKey(rule)) ?? 0) }))
      .filter(({ stopped }) => stopped > 0)
      .toSorted((a, b) => b.stopped - a.stopped);
  }

  /** Which way a real server's replies to the client go first; undefined where that was not read. */
  wayBack({ reading }: ReadServer): RouteReading | undefined {
    return this.cip === undefined ? undefined : reading?.routes?.[this.cip];
  }

  /** Whether an address is in the network that the real servers' NICs are to have. */
  isAmongServers(address: string): boolean {
    return this.lab.servers.some(({ address: rip, length }) => isIn(address, rip, length));
  }

  /** Whether a NIC was seen to be down; one that was not read counts as up. */
  isLinkDown(host: string, device: string): boolean {
    return this.host(host)?.links?.find((link) => link.device === device)?.up === false;
  }

  /** The MAC address of a NIC. */
  macOf(host: string, device: string): string | undefined {
    return this.host(host)?.links?.find((link) => link.device === device)?.mac;
  }

  /** The host of the lab that has a NIC with this MAC address. */
  holderOf(mac: string): string | undefined {
    const found = Object.entries(this.readings.hosts).find(([, { links = [] }]) =>
      links.some((link) => link.mac === mac),
    );
    return found?.[0];
  }

  /** The MAC address that the client has for the VIP; 'failed' where nobody answers, undefined behind a router too. */
  get vipMac(): string | undefined {
    return this.client?.neighbours?.[this.vip];
  }

  /** A setting as the kernel takes it: the greater of a NIC's own and that of all; undefined where that was not read. */
  effective(reading: HostReading | undefined, name: string, device: string): number | undefined {
    const of = (where: string): string | undefined =>
      reading?.settings?.[`net.ipv4.conf.${where}.${name}`];
    const all = of('all');
    return all === undefined ? undefined : Math.max(Number(all), Number(of(device) ?? 0));
  }

  /** Whether a server was seen to do its part in requests which were all answered. */
  isServing({ server: { name }, at }: Pick<ReadServer, 'server' | 'at'>): boolean {
    if (this.isFailing !== false) return false;
    const hasAnswered = this.results.some((result) => result.server === name);
    return hasAnswered || (this.given(at)?.connections ?? 0) > 0;
  }

  /** Whether all requests were answered, and IPVS of this director was seen to have handed them out. */
  get isPassing(): boolean {
    const given = this.given('')?.connections ?? 0;
    return this.isFailing === false && given >= this.results.length;
  }

  /** What a reading that is missing comes to for a cause by which no request would pass the director. */
  get unlessPassing(): readonly [] | 'not told' {
    return this.isPassing ? [] : 'not told';
  }

  /** Whether the trace has seen the request come in there. */
  hasReached(where: 'director' | 'servers'): boolean {
    const names = where === 'director' ? [this.lab.director] : this.lab.servers;
    return names.some(({ name }) => this.readings.trace?.reached.includes(name) === true);
  }

  /** Whether the trace has lost a packet that goes this way at a host, or nothing came back from there. */
  endsAt(host: string, way: 'request' | 'reply'): boolean {
    const last = this.readings.trace?.last;
    return last?.host === host && last.way === way && !last.hasLeft;
  }

  /** Whether a service that is reached by TCP answers a director by itself; undefined where it was not tried. */
  reached(at: string): number | undefined {
    return this.director?.reached?.[at];
  }

  /** HTTP's status of a real server's answer to a director; undefined where none came. */
  answer(at: string): number | undefined {
    return this.director?.answers?.[at];
  }
}

/** Whether two addresses are in one network of this length. */
export function isIn(address: string, other: string, length: number): boolean {
  const [one, two] = [IpAddress.parse(address), IpAddress.parse(other)];
  if (one === undefined || two === undefined) return false;
  return IpNetwork.around(two, length).contains(one);
}

/** A reading whose listeners are those of the protocol that the service is asked by. */
function listeningFor(
  { protocol }: Pick<LabView['service'], 'protocol'>,
  reading: HostReading | undefined,
): HostReading | undefined {
  if (protocol !== 'udp' || reading === undefined) return reading;
  const { udpListeners: listeners } = reading;
  const rest = Object.entries(reading).filter(([name]) => name !== 'listeners');
  return { ...(Object.fromEntries(rest) as HostReading), ...(listeners && { listeners }) };
}

function serviceIn(
  table: Table | undefined,
  { service }: LabView,
): LiveService | 'none' | undefined {
  if (table === undefined) return undefined;
  return table.services.find((one) => serviceKey(one) === serviceKey(service)) ?? 'none';
}

function ruleKey({ chain, rule }: FilterRule): string {
  return JSON.stringify([chain, rule]);
}
