import { type Script } from '../../engine/model/shell/script.ts';

/** What is read of a host, by the name under which its parser is found: what it is, and how a person reads it by hand. */
const PARTS = {
  counters: ["the kernel's counters", 'cat /proc/net/snmp /proc/net/netstat'],
  filters: ['the rules of the packet filter', 'nft list ruleset || iptables-save -c'],
  addresses: ['the addresses', 'ip -4 addr show'],
  links: ['the NICs', 'ip link show'],
  'default routes': ['the default routes', 'ip -4 route show default'],
  neighbours: ['the neighbours', 'ip -4 neigh show'],
  settings: ["the kernel's settings", 'sysctl net.ipv4.ip_forward net.ipv4.conf'],
  'boot settings': [
    'what sets the kernel at boot',
    'grep -rn net.ipv4 /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d',
  ],
  sockets: ['what listens there', 'cat /proc/net/tcp /proc/net/tcp6'],
  'udp sockets': ['what waits for datagrams', 'cat /proc/net/udp /proc/net/udp6'],
  units: ['the units', 'systemctl status'],
  kernel: ['the kernel', 'uname -r'],
  journal: ['whether lvslab was there', 'ls -l /var/lib/lvslab'],
  'ipvs support': ['whether the kernel has IPVS', 'ls /proc/net/ip_vs'],
  'ipvs table': ['the table of virtual services', 'ipvsadm -S -n'],
  'ipvs counters': ['the counters of IPVS', 'ipvsadm -Ln --stats --exact'],
  'ipvs connections': ['the connections of IPVS', 'ipvsadm -Lnc'],
  'ipvs at boot': [
    'the rules that a boot restores',
    'cat /etc/ipvsadm.rules /etc/sysconfig/ipvsadm',
  ],
  keepalived: ["keepalived's configuration", 'cat /etc/keepalived/keepalived.conf'],
  'packet marks': [
    'the rules that mark packets',
    'nft list table ip lvslab-marks || iptables -t mangle -S lvslab-marks',
  ],
  'ipip support': ['whether the kernel has tunnels', 'modprobe -n ipip'],
  trace: ['a request on every wire', "tcpdump -ni any 'port PORT'"],
  answers: ['whether the service answers', 'curl -sI http://VIP:PORT/'],
  requests: ['whether the servers answer it', 'curl -sI http://RIP:PORT/'],
} as const satisfies Readonly<Record<string, readonly [what: string, byHand: string]>>;

const WAY = 'way to ';

/** The name of a part; ways have one for each address. */
export type PartName = keyof typeof PARTS | `${typeof WAY}${string}`;

/** One thing that is read on a host. */
export interface NamedScript {
  readonly name: PartName;
  readonly script: Script;
}

/** A part with what reads it. */
export function named(name: PartName, script: Script): NamedScript {
  return { name, script };
}

/** The part that tells the way to an address. */
export function wayTo(address: string): PartName {
  return `${WAY}${address}`;
}

/** The address that a part tells the way to; undefined where it tells something else. */
export function addressOfWay(name: string): string | undefined {
  return name.startsWith(WAY) ? name.slice(WAY.length) : undefined;
}

/** What a part is in words, and what a person types to read it; of a name that is none, the name alone. */
export function describePart(name: string): { readonly what: string; readonly byHand?: string } {
  const address = addressOfWay(name);
  if (address !== undefined) {
    return { what: `the way to ${address}`, byHand: `ip -4 route get ${address}` };
  }
  if (!Object.hasOwn(PARTS, name)) return { what: name };
  const [what, byHand] = PARTS[name as keyof typeof PARTS];
  return { what, byHand };
}
