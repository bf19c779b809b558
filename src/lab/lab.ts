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
  /** Towards the clients; carries the VIP, unless it is the NIC of the DIP as well. */
  readonly outside: LabInterface;
  /** Towards the real servers; carries the DIP. */
  readonly inside: LabInterface;
  /** VIPs that none of its NICs carries: they are on its loopback device. IPv4 dotted; not set where there are none. */
  readonly loopback?: readonly string[];
}

/** A port that nginx listens on. */
export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  /** 1–65535. */
  readonly port: number;
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
  /** 1–65535, where nginx listens for services that say nothing else. */
  readonly port: number;
  /** 0–65535, in services that say nothing else. */
  readonly weight: number;
  /** All that nginx listens on, each once. */
  readonly listeners: readonly Listener[];
  /** Content of the test page, without the newline at its end. */
  readonly page: string;
  readonly nginx: NginxBuild;
  /** It compiles its own nginx, whatever others have. */
  readonly buildsAlone?: true;
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
  /** What the hosts are set up for: the mode of its services, or of several the one that asks most of them. */
  readonly mode: Mode;
  readonly networks: readonly LabNetwork[];
  readonly directors: readonly Director[];
  readonly realServers: readonly RealServer[];
  readonly clients: readonly Client[];
  /** Each has all real servers as its destinations, in the order of `realServers`. */
  readonly services: readonly VirtualService[];
  /** What SELinux is set to on hosts that have it. */
  readonly selinux: 'disabled' | 'permissive';
  /** Base URL of the archive of CentOS 7 releases, without a slash at its end. */
  readonly vaultUrl: string;
}
