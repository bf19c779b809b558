/** Where something is decided. */
export interface Place {
  /** Absolute path. */
  readonly file: string;
  /** From 1; 0 where the whole file is meant. */
  readonly line: number;
}

/** What keeps a boot from bringing what is wanted, and can't be put right without asking somebody. */
export interface BootConflict extends Place {
  /** Matters only to whom the default route matters; not set, to all. */
  readonly about?: 'default route';
  readonly why: string;
  /** What the reader can do: one imperative sentence. */
  readonly hint: string;
}

/** An IPv4 address of a NIC, with its prefix length: '192.168.2.128/24'. */
export interface BootAddress extends Place {
  readonly address: string;
}

/** The default route of the host as the boot will make it. */
export interface BootRoute extends Place {
  readonly device: string;
  /** IPv4 dotted; not set where the route names a device only. */
  readonly gateway?: string;
  readonly metric?: number;
}

/** What a NIC is: one that stands for itself, or one that is made of others. */
export type LinkKind = 'plain' | 'bridge' | 'bond' | 'vlan';

/** What the next boot makes of a NIC, as those who read its files say. */
export interface BootView {
  /** Whether the boot configures it at all. */
  readonly comesUp: boolean;
  /** Whether it asks for an IPv4 address by DHCP. */
  readonly dhcp: boolean;
  readonly addresses: readonly BootAddress[];
  /** Of the whole host, through whichever NIC; not set where no file makes one. */
  readonly defaultRoute?: BootRoute;
  readonly link: LinkKind;
  /** The bridge or bond that it is a port of. */
  readonly master?: string;
  /** Name servers, IPv4 dotted. */
  readonly nameServers: readonly string[];
  readonly conflicts: readonly BootConflict[];
}
