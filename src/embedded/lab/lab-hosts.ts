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

export type LabHostName = 'client' | 'director' | 'rs1' | 'rs2';

/** All networks of the lab are this long. */
export const labPrefix = 24;

/** The controller's own address on each bridge; for the real servers it is also the first default gateway. */
export const bridges: readonly { readonly name: BridgeName; readonly address: string }[] = [
  { name: 'br-wan', address: '192.168.4.1' },
  { name: 'br-lan', address: '192.168.2.1' },
];

/** The four hosts of the documented lab, with its addresses and device names. */
export const labHosts: readonly LabHostSpec[] = [
  {
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
  },
  {
    name: 'director',
    hostname: 'test3',
    group: 'director',
    address: '192.168.2.130',
    nics: [
      { device: 'ens33', mac: '00:0c:29:53:71:a2', bridge: 'br-lan', address: '192.168.2.130' },
      { device: 'ens37', mac: '00:0c:29:53:71:ac', bridge: 'br-wan' },
    ],
  },
  {
    name: 'rs1',
    hostname: 'localhost',
    group: 'real_servers',
    address: '192.168.2.128',
    nics: [
      {
        device: 'ens37',
        mac: '00:0c:29:53:71:80',
        bridge: 'br-lan',
        address: '192.168.2.128',
        gateway: '192.168.2.1',
      },
    ],
  },
  {
    name: 'rs2',
    hostname: 'test2',
    group: 'real_servers',
    address: '192.168.2.129',
    nics: [
      {
        device: 'ens33',
        mac: '00:0c:29:53:71:81',
        bridge: 'br-lan',
        address: '192.168.2.129',
        gateway: '192.168.2.1',
      },
    ],
  },
];

/** The network cards that a host itself configures at boot; one that provisioning has to configure is not among them. */
export function configuredNics({ nics }: LabHostSpec): readonly ConfiguredNic[] {
  return nics.filter((nic): nic is ConfiguredNic => nic.address !== undefined);
}
