import { z } from 'zod';

/** Longer than anything that a host has to say in one place; what is beyond is refused, or cut by the scripts. */
const text = z.string().max(4096);
const count = z.number().nonnegative();
const port = z.int().min(0).max(65535);

const route = z.object({
  /** As `ip route get` printed it. */
  printed: text,
  /** The next hop, IPv4 dotted; not set where the address is on-link, on this host, or nowhere. */
  via: text.exactOptional(),
  device: text.exactOptional(),
  kind: z.enum(['forwarded', 'on-link', 'local', 'none']),
});

const filterRule = z.object({
  /** The chain with its family and table: 'ip filter INPUT'. */
  chain: text,
  /** 'input', 'forward' … where the chain is one that packets come to by themselves. */
  hook: text.exactOptional(),
  /** As it was printed, without its counter. */
  rule: text,
  verdict: z.enum(['drop', 'reject']),
  /** Packets; not set where the rule has no counter. */
  packets: count.exactOptional(),
});

const unit = z.object({ load: text, active: text, enabled: text });

const endpoint = z.object({ address: text, port });

const destination = z.object({
  address: text,
  port,
  method: z.enum(['masquerading', 'direct-routing', 'tunneling']),
  weight: count,
  options: text.exactOptional(),
});

const service = z.object({
  protocol: z.enum(['tcp', 'udp']),
  address: text,
  port,
  /** Where its packets are told by a mark; its servers have the first of the ports here then, where the table says 0. */
  mark: count.exactOptional(),
  ports: z.array(port).exactOptional(),
  scheduler: text,
  options: text.exactOptional(),
  destinations: z.array(destination),
});

const table = z.object({ services: z.array(service), foreign: z.array(text) });

const counters = z.object({ connections: count, packetsIn: count, packetsOut: count });

const ipvs = z.object({
  support: z.enum(['loaded', 'loadable', 'missing']),
  table: table.exactOptional(),
  /** Of the service under diagnosis, by the server's 'ADDRESS:PORT'; '' is the service itself. */
  before: z.record(text, counters).exactOptional(),
  after: z.record(text, counters).exactOptional(),
  connections: z
    .array(z.object({ state: text, client: text, virtual: endpoint, server: endpoint }))
    .exactOptional(),
  /** What the unit that restores the table at boot will read. */
  boot: z
    .object({
      path: text,
      table: table.exactOptional(),
      /** Why it can't be read as rules. */
      problem: text.exactOptional(),
      /** Whether the unit looks at the file at all: AUTO of /etc/default/ipvsadm, where there is such a file. */
      auto: z.boolean().exactOptional(),
    })
    .exactOptional(),
});

const bootLine = z.object({ file: text, key: text, value: text });

/** What one host said of itself. What is not set could not be told. */
export const hostReading = z
  .object({
    addresses: z.array(z.object({ device: text, address: text, length: z.int().min(0).max(32) })),
    links: z.array(z.object({ device: text, up: z.boolean(), mac: text.exactOptional() })),
    /** By the address that was asked for. */
    routes: z.record(text, route),
    defaultRoutes: z.array(text),
    /** By address: a MAC, or 'failed'. */
    neighbours: z.record(text, text),
    /** Kernel settings as they are: 'net.ipv4.ip_forward' → '1'. */
    settings: z.record(text, text),
    /** Lines of the files that set them at boot, in the order in which they are read. */
    bootSettings: z.array(bootLine),
    countersBefore: z.record(text, count),
    countersAfter: z.record(text, count),
    filtersBefore: z.array(filterRule),
    filtersAfter: z.array(filterRule),
    /** TCP. */
    listeners: z.array(endpoint),
    udpListeners: z.array(endpoint),
    /** TCP connections that have not come about yet: a SYN was answered, and nothing came back. */
    halfOpen: z.array(z.object({ port, client: text })),
    /** What its packet filter has in lvslab's own table or chain, line by line; asked where the service goes by a mark. */
    marks: z.array(text),
    /** By name, 'nginx.service'. */
    units: z.record(text, unit),
    kernel: text,
    /** Whether its kernel can be the end of an IPIP tunnel; asked of real servers in LVS-TUN. */
    ipip: z.enum(['loaded', 'loadable', 'missing']),
    ipvs,
    /** By 'ADDRESS:PORT': how a request that this host made by itself ended, as curl's exit status. */
    reached: z.record(text, z.int()),
    /** By 'ADDRESS:PORT': HTTP's status of the answer, where one came. */
    answers: z.record(text, z.int()),
    /** lvslab has made something there, and not undone it. */
    isProvisioned: z.boolean(),
    /** Lines of keepalived's configuration without its passwords. */
    keepalived: z.array(text),
  })
  .partial();

const labView = z.object({
  mode: z.enum(['nat', 'dr', 'tun']),
  service,
  director: z.object({
    name: text,
    /** DIP. */
    dip: text,
    inside: text,
    outside: text,
  }),
  servers: z.array(
    z.object({ name: text, address: text, length: z.int(), port, weight: count, device: text }),
  ),
  /** The inventory leaves out what the hosts were asked for: nothing can be changed by it, and what it says nothing of is as it is. */
  isShort: z.literal(true).exactOptional(),
  /** Where the requests are made; its address is the one that its connections came from, where one came about. */
  client: z.object({ name: text, address: text.exactOptional(), isKnown: z.boolean() }),
});

const request = z.object({
  outcome: z.enum(['answered', 'refused', 'timed-out', 'other']),
  /** Whose page it was, where that can be told. */
  server: text.exactOptional(),
  /** HTTP. */
  status: count.exactOptional(),
  /** curl's. */
  exitCode: z.int().exactOptional(),
  /** How long the connection took to come about, in seconds. */
  seconds: count.exactOptional(),
});

const trace = z.object({
  /** What went through, or where it ended. */
  conclusion: text,
  isAnswered: z.boolean(),
  /** Hosts at which the request was seen to come in, by inventory name. */
  reached: z.array(text),
  /** Where a packet that came to nothing was seen last; its host is not set where that is none of the lab's. */
  last: z
    .object({
      packet: text,
      way: z.enum(['request', 'reply']),
      host: text.exactOptional(),
      /** It was seen to leave that host. */
      hasLeft: z.boolean(),
    })
    .exactOptional(),
  /** Hosts on which nothing could be captured. */
  unheard: z.array(text),
});

/** All that a diagnosis is made from: plain data, which can be saved, sent in, and judged again. */
export const readings = z.object({
  version: z.literal(1),
  lab: labView,
  requests: z.object({ asked: count, results: z.array(request) }).exactOptional(),
  /** One more that fills many packets, where the mode has trouble with those. */
  largeRequest: request.exactOptional(),
  /** One more, seen on every wire, where that was asked for and requests fail. */
  trace: trace.exactOptional(),
  /** By inventory name. */
  hosts: z.record(text, hostReading),
  /** Hosts that nothing is known of, and why. */
  unreachable: z.record(text, text),
  /** What was asked of hosts that could be reached, and could not be read: by host and part, why. */
  unread: z.record(text, z.record(text, text)).exactOptional(),
});

export type Readings = z.infer<typeof readings>;
export type HostReading = z.infer<typeof hostReading>;
export type LabView = z.infer<typeof labView>;
export type RouteReading = z.infer<typeof route>;
export type FilterRule = z.infer<typeof filterRule>;
export type RequestReading = z.infer<typeof request>;
export type TraceReading = z.infer<typeof trace>;
export type IpvsReading = z.infer<typeof ipvs>;
