/** A network card of a lab host, and the address that the host itself gives it at boot. */
export interface LabNic {
  /** Device name inside the host. */
  readonly device: string;
  readonly mac: string;
  readonly bridge: BridgeName;
  /** IPv4 dotted; not set where configuring the NIC is left to provisioning. */
  readonly address?: string;
  /** Default gateway through this NIC, IPv4 dotted. */
  readonly gateway?: string;
}

/** A network card that the host itself configures at boot. */
export interface ConfiguredNic extends LabNic {
  readonly address: string;
}

export type BridgeName = 'br-wan' | 'br-lan';

/** One host of the lab, as hardware: what a person would have plugged together. */
export interface LabHostSpec {
  /** The inventory name. */
  readonly name: LabHostName;
  readonly hostname: string;
  readonly group: 'clients' | 'director' | 'real_servers';
  readonly nics: readonly LabNic[];
  /** Where SSH reaches it, IPv4 dotted. */
  readonly address: string;
}

export type LabHostName = 'client' | 'director' | `rs${number}`;

/** So many real servers a lab has where nobody asks for others, and at most. */
export const usualRealServers = 2;
export const mostRealServers = 8;

/** All networks of the lab are this long. */
export const labPrefix = 24;

/** The controller's own address on each bridge; for the real servers it is also the first default gateway. */
export const bridges: readonly { readonly name: BridgeName; readonly address: string }[] = [
  { name: 'br-wan', address: '192.168.4.1' },
  { name: 'br-lan', address: '192.168.2.1' },
];

const client: LabHostSpec = {
  name: 'client',
  hostname: 'client',
  group: 'clients',
  address: '192.168.4.132',
  nics: [
    {
      device: 'ens33',
      mac: '00:0c:29:53:71:84',
      bridge: 'br-wan',
      address: '192.168.4.132',
      gateway: '192.168.4.1',
    },
  ],
};

const director: LabHostSpec = {
  name: 'director',
  hostname: 'test3',
  group: 'director',
  address: '192.168.2.130',
  nics: [
    { device: 'ens33', mac: '00:0c:29:53:71:a2', bridge: 'br-lan', address: '192.168.2.130' },
    { device: 'ens37', mac: '00:0c:29:53:71:ac', bridge: 'br-wan' },
  ],
};

function realServer(
  name: LabHostName,
  {
    hostname,
    device,
    mac,
    address,
  }: Pick<LabHostSpec, 'hostname' | 'address'> & Pick<LabNic, 'device' | 'mac'>,
): LabHostSpec {
  const nic: LabNic = { device, mac, bridge: 'br-lan', address, gateway: '192.168.2.1' };
  return { name, hostname, group: 'real_servers', address, nics: [nic] };
}

/** The two of the tutorial, then others beside the addresses that it gives. */
function realServers(count: number): readonly LabHostSpec[] {
  const documented = [
    realServer('rs1', {
      hostname: 'localhost',
      device: 'ens37',
      mac: '00:0c:29:53:71:80',
      address: '192.168.2.128',
    }),
    realServer('rs2', {
      hostname: 'test2',
      device: 'ens33',
      mac: '00:0c:29:53:71:81',
      address: '192.168.2.129',
    }),
  ];
  const others = Array.from({ length: Math.max(0, count - documented.length) }, (_, i) => {
    const number = documented.length + i + 1;
    return realServer(`rs${number}`, {
      hostname: `rs${number}`,
      device: 'ens33',
      mac: `00:0c:29:53:71:9${number}`,
      address: `192.168.2.${140 + number}`,
    });
  });
  return [...documented.slice(0, count), ...others];
}

/** The hosts of a lab with so many real servers, 1 to `mostRealServers`: those of the documented lab, where there are two. */
export function hostsOfLab(count: number = usualRealServers): readonly LabHostSpec[] {
  return [client, director, ...realServers(count)];
}

/** The four hosts of the documented lab, with its addresses and device names. */
export const labHosts: readonly LabHostSpec[] = hostsOfLab();

/** The network cards that a host itself configures at boot; one that provisioning has to configure is not among them. */
export function configuredNics({ nics }: LabHostSpec): readonly ConfiguredNic[] {
  return nics.filter((nic): nic is ConfiguredNic => nic.address !== undefined);
}
