import { type NicOwner } from '../network/owners/nic-owner.ts';

/** A NIC as found on a host. */
export interface NetworkInterface {
  readonly device: string;
  readonly mac: string;
  readonly up: boolean;
  /** IPv4 with prefix length: '192.168.2.128/24'. */
  readonly addresses: readonly string[];
}

/** How a host reaches the machine that lvslab is run from. */
interface ControllerPath {
  /** As the host sees it, IPv4 dotted. */
  readonly address: string;
  /** The next machine on the way, IPv4 dotted. */
  readonly gateway: string;
  readonly device: string;
}

/** Whether the kernel has something: in use already, there to be loaded, or not there. */
export type KernelSupport = 'loaded' | 'loadable' | 'missing';

/** Who listens at a TCP port, for IPv4. */
export interface Listener {
  readonly port: number;
  /** Not set where no process of the host does. */
  readonly program?: string;
  readonly pid?: number;
  /** The service of systemd's that it belongs to, 'nginx.service'; not set for what was started by hand. */
  readonly unit?: string;
  /** It is a process of a container. */
  readonly inContainer?: true;
}

/** What a host is, read once before anything is planned for it. */
export interface Facts {
  /** ID of os-release: 'centos'. */
  readonly osId: string;
  /** VERSION_ID of os-release: '7', '12'; '' where it is not set. */
  readonly osVersion: string;
  /** PLATFORM_ID of os-release: 'platform:el9'; not set where it has none. */
  readonly platformId?: string;
  /** PRETTY_NAME of os-release. */
  readonly osName: string;
  /** The exact release: '7.5.1804', '12.5'; '' where it can't be told. */
  readonly release: string;
  readonly kernel: string;
  /** As `uname -m` says it: 'x86_64'. */
  readonly architecture: string;
  readonly bootId: string;
  readonly machineId: string;
  readonly hostname: string;
  /** Without the loopback. */
  readonly interfaces: readonly NetworkInterface[];
  /** Who configures which NIC; one that is missing could not be told, or there are too many. */
  readonly nicOwners?: ReadonlyMap<string, NicOwner>;
  /** Lines of `ip route show default`. */
  readonly defaultRoutes: readonly string[];
  /** The machine that this connection comes from, where the way to it follows the default route, or has a route of its own. */
  readonly controller?: ControllerPath;
  /** IPVS. */
  readonly ipvs: KernelSupport;
  /** The NIC of the way to that machine; not set where it could not be told. */
  readonly controllerDevice?: string;
  /** Modules of the kernel that are named after ip_vs ('ip_vs_wrr'); not set where it can't be told which it has. */
  readonly ipvsModules?: ReadonlySet<string>;
  /** Those of the modules by which a packet filter marks packets that the kernel has; not set where it can't be told. */
  readonly markingModules?: ReadonlySet<string>;
  /** Whether the kernel can be the end of an IPIP tunnel; not set where an earlier version asked. */
  readonly ipip?: KernelSupport;
  readonly listeners?: readonly Listener[];
  /** Free KiB by folder: '/', '/usr/local', '/var', '/tmp'. */
  readonly freeDiskKiB: ReadonlyMap<string, number>;
  /** The host's clock, in seconds since 1970. */
  readonly epochSeconds: number;
  /** systemd is the init that runs. */
  readonly systemd: boolean;
  /** Those of the programs that lvslab may use which are there. */
  readonly tools: ReadonlySet<string>;
  /** SELinux has a configuration here, whatever it says. */
  readonly selinux: boolean;
}
