import { endpointText } from '../net/endpoint.ts';

/** How IPVS hands packets on; the lab uses masquerading (LVS-NAT). */
export type ForwardingMethod = 'masquerading' | 'direct-routing' | 'tunneling';

/** A real server of a virtual service. */
export interface Destination {
  /** RIP, IPv4 dotted. */
  readonly address: string;
  /** 1–65535. */
  readonly port: number;
  readonly method: ForwardingMethod;
  /** 0–65535; 0 takes no new connections. */
  readonly weight: number;
  /** Everything else of the destination line that lvslab doesn't set itself ('-x 100', '--tun-type gue …'). */
  readonly options?: string;
}

/** One virtual service of the table, with its real servers. */
export interface VirtualService {
  readonly protocol: 'tcp' | 'udp';
  /** VIP, IPv4 dotted. */
  readonly address: string;
  /** 0–65535; 0 means all ports and is for persistent services only. */
  readonly port: number;
  /**
   * Set where IPVS knows the service by a mark, 1–2147483647, which the director's packet filter gives to what is for the VIP.
   * As the kernel tells such a service it has no place: it is `MARKED_PLACE` then. Its servers have the port 0: packets keep
   * the port that they were sent to.
   */
  readonly mark?: number;
  /** The ports whose packets get the mark, `port` is the first; not set without a mark, and where a table was read. */
  readonly ports?: readonly number[];
  /** 'wrr', 'rr' …; one of `schedulers`. */
  readonly scheduler: string;
  /** Everything else of the service line that lvslab doesn't set itself ('-p 360', '-o'), kept as it was read. */
  readonly options?: string;
  readonly destinations: readonly Destination[];
}

/** The IPVS table of one host. */
export interface IpvsTable {
  readonly services: readonly VirtualService[];
  /** Lines of services that a `VirtualService` can't express (SCTP, IPv6), or whose mark nobody asked for, as they were read. */
  readonly foreign: readonly string[];
  /** Keys of TCP and UDP services over IPv4 that have a server which can't be expressed; not set where there are none. */
  readonly foreignKeys?: readonly string[];
}

/** Names a service or a destination in a table: '192.168.4.133:80'. */
export function endpoint(place: { readonly address: string; readonly port: number }): string {
  return endpointText({ address: place.address, port: place.port });
}

/** What tells a service apart from all others. */
export type ServiceName = Pick<VirtualService, 'protocol' | 'address' | 'port' | 'mark'>;

/** What the kernel has in place of protocol, address and port where a service goes by a mark. */
export const MARKED_PLACE = { protocol: 'tcp', address: '0.0.0.0', port: 0 } as const;

/** Tells services of one table apart: 'tcp 192.168.4.133:80', or 'mark 1'. */
export function serviceKey(service: ServiceName): string {
  if (service.mark !== undefined) return `mark ${service.mark}`;
  return `${service.protocol} ${endpoint(service)}`;
}

/** Where clients ask: all of the ports that lead to the service, one at least. */
export function portsOf({
  port,
  ports = [port],
}: Pick<VirtualService, 'port' | 'ports'>): readonly number[] {
  return ports;
}

/** A service whose servers have the port that they are asked at, in place of the 0 that they have where it goes by a mark. */
export function withAskedPorts(service: VirtualService): VirtualService {
  if (service.mark === undefined) return service;
  const destinations = service.destinations.map((destination) => ({
    ...destination,
    port: destination.port === 0 ? service.port : destination.port,
  }));
  return { ...service, destinations };
}

/** The service as people call it: '192.168.4.133:80', or '192.168.4.133:80,443'. */
export function serviceTitle(service: Pick<VirtualService, 'address' | 'port' | 'ports'>): string {
  const [port = service.port, ...others] = portsOf(service);
  return [endpoint({ address: service.address, port }), ...others].join(',');
}
