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
