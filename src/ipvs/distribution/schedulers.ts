/** A way in which IPVS chooses the real server of a new connection. */
export interface Scheduler {
  readonly name: string;
  /** One sentence for people. */
  readonly description: string;
  /** Where the kernel has its module: CentOS 7, Debian 12, Debian 13. */
  readonly kernels: readonly ('el7' | 'debian12' | 'debian13')[];
  /** The Linux release that brought it; not set for those that came with IPVS. */
  readonly since?: string;
}

const everywhere = ['el7', 'debian12', 'debian13'] as const;
const newer = ['debian12', 'debian13'] as const;

/** Every scheduler that ipvsadm can name, the simplest first. */
export const schedulers: readonly Scheduler[] = [
  {
    name: 'rr',
    description: 'Round robin: one server after the other, weights count only as zero or not.',
    kernels: everywhere,
  },
  {
    name: 'wrr',
    description: 'Weighted round robin: one after the other, in proportion to the weights.',
    kernels: everywhere,
  },
  {
    name: 'lc',
    description: 'Least connections: the server with the fewest connections.',
    kernels: everywhere,
  },
  {
    name: 'wlc',
    description: 'Weighted least connections: the fewest connections for its weight.',
    kernels: everywhere,
  },
  {
    name: 'sh',
    description: 'Source hashing: the same client always reaches the same server.',
    kernels: everywhere,
  },
  {
    name: 'dh',
    description: 'Destination hashing: chosen by the address that the client asked for.',
    kernels: everywhere,
  },
  {
    name: 'sed',
    description: 'Shortest expected delay: the fewest open connections plus one, for its weight.',
    kernels: everywhere,
  },
  {
    name: 'nq',
    description: 'Never queue: a server without open connections if there is one, else as sed.',
    kernels: everywhere,
  },
  {
    name: 'lblc',
    description: 'Locality: one server for each requested address, until it is overloaded.',
    kernels: everywhere,
  },
  {
    name: 'lblcr',
    description: 'Locality with replication: a group of servers for each requested address.',
    kernels: everywhere,
  },
  {
    name: 'fo',
    description: 'Weighted failover: always the server with the greatest weight.',
    kernels: newer,
    since: '3.18',
  },
  {
    name: 'ovf',
    description: 'Weighted overflow: the greatest weight until it has as many open connections.',
    kernels: newer,
    since: '4.3',
  },
  {
    name: 'mh',
    description: 'Maglev hashing: as sh, and few clients move when the servers change.',
    kernels: newer,
    since: '4.18',
  },
  {
    name: 'twos',
    description: 'Two choices: the less busy of two servers drawn at random by weight.',
    kernels: ['debian13'],
    since: '5.12',
  },
];

/** The scheduler of that name, if IPVS has one. */
export function findScheduler(name: string): Scheduler | undefined {
  return schedulers.find((scheduler) => scheduler.name === name);
}
