import { type VirtualService } from '../ipvs/virtual-service.ts';
import { type IpNetwork } from '../net/ip-network.ts';
import { type Mode } from './modes/mode.ts';

/** A NIC and the address that the lab wants on it. */
export interface LabInterface {
  /** Device name, 'ens33'. */
  readonly device: string;
  /** IPv4 dotted. */
  readonly address: string;
  /** 0–32. */
  readonly prefix: number;
  /** Default gateway through this NIC, IPv4 dotted. */
  readonly gateway?: string;
  /** Name servers, IPv4 dotted. */
  readonly dns: readonly string[];
}

export interface Director {
  readonly name: string;
  /** Towards the clients; carries the VIP. */
  readonly outside: LabInterface;
  /** Towards the real servers; carries the DIP. */
  readonly inside: LabInterface;
}

export interface NginxBuild {
  /** '1.16.1'. */
  readonly version: string;
  /** Lower-case hex of the release tarball. */
  readonly sha256: string;
  readonly url: string;
  /** A tarball on the controller that is used instead of the download, absolute. */
  readonly tarball?: string;
  readonly prefix: string;
  readonly user: string;
  /** Arguments of ./configure beside prefix, user and group. */
  readonly configureArguments: readonly string[];
}

export interface RealServer {
  readonly name: string;
  /** The NIC with the RIP; whether it has a gateway is a matter of the mode. */
  readonly nic: LabInterface;
  /** 1–65535, where nginx listens. */
  readonly port: number;
  /** 0–65535, in every service. */
  readonly weight: number;
  /** Content of the test page, without the newline at its end. */
  readonly page: string;
  readonly nginx: NginxBuild;
  /** An nginx that somebody started by hand, and that holds the port, is stopped for it. */
  readonly takesOver?: true;
}

export interface Client {
  readonly name: string;
  /** CIP, IPv4 dotted. */
  readonly address: string;
}

/** A host's address in a network of the lab. */
export interface Attachment {
  readonly host: string;
  /** Not set for clients: their NICs are none of the lab's business. */
  readonly device?: string;
  /** IPv4 dotted. */
  readonly address: string;
}

/** A network of the lab, with the hosts that are in it; a client behind a router is in none. */
export interface LabNetwork {
  readonly network: IpNetwork;
  readonly attachments: readonly Attachment[];
}

/** The lab that an inventory describes; a value of this type has passed the topology check. */
export interface Lab {
  /** One for the whole lab: which gateway the real servers have depends on it. */
  readonly mode: Mode;
  readonly networks: readonly LabNetwork[];
  readonly directors: readonly Director[];
  /** Each of them is a server of each service. */
  readonly realServers: readonly RealServer[];
  readonly clients: readonly Client[];
  readonly services: readonly VirtualService[];
  /** What SELinux is set to on hosts that have it. */
  readonly selinux: 'disabled' | 'permissive';
  /** Base URL of the archive of CentOS 7 releases, without a slash at its end. */
  readonly vaultUrl: string;
}
