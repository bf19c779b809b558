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
  /** 'wrr', 'rr' …; one of `schedulers`. */
  readonly scheduler: string;
  /** Everything else of the service line that lvslab doesn't set itself ('-p 360', '-o'), kept as it was read. */
  readonly options?: string;
  readonly destinations: readonly Destination[];
}

/** The IPVS table of one host. */
export interface IpvsTable {
  readonly services: readonly VirtualService[];
  /** Lines of services that a `VirtualService` can't express (SCTP, IPv6, firewall marks …), as they were read. */
  readonly foreign: readonly string[];
  /** Keys of TCP and UDP services over IPv4 that have a server which can't be expressed; not set where there are none. */
  readonly foreignKeys?: readonly string[];
}

/** Names a service or a destination in a table: '192.168.4.133:80'. */
export function endpoint(place: { readonly address: string; readonly port: number }): string {
  return endpointText({ address: place.address, port: place.port });
}

/** Tells services of one table apart: 'tcp 192.168.4.133:80'. */
export function serviceKey(service: Pick<VirtualService, 'protocol' | 'address' | 'port'>): string {
  return `${service.protocol} ${endpoint(service)}`;
}
