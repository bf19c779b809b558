import { IpAddress, isIpv4 } from '../../../net/ip-address.ts';
import { InterfaceAddress } from '../../../net/interface-address.ts';
import { type HostReading, type RouteReading } from '../readings.ts';
import { isLinkUp } from '../../../platforms/network/boot/link-kind.ts';

type Given<K extends keyof HostReading> = NonNullable<HostReading[K]>;

/** Nobody's network has more of anything, and a diagnosis must not drown in what a host prints. */
const MOST_LINES = 5000;

/** Reads `ip -o -4 addr show`. */
export function parseAddresses(text: string): Given<'addresses'> {
  return linesOf(text).flatMap((line) => {
    const [, device = '', local = ''] = /^\d+: +(\S+) +inet +(\S+)/.exec(line) ?? [];
    // A point-to-point address has no length of its own.
    const found = InterfaceAddress.parse(local.includes('/') ? local : `${local}/32`);
    if (found === undefined) return [];
    return [{ device, address: found.address.text, length: found.length }];
  });
}

/** Reads `ip -o link show`. */
export function parseLinks(text: string): Given<'links'> {
  return linesOf(text).flatMap((line) => {
    const [, device] = /^\d+: +([^:@\s]+)[^:]*: +<[^>]*>/.exec(line) ?? [];
    if (device === undefined) return [];
    const mac = /link\/ether ([0-9a-f:]{17})/.exec(line)?.[1];
    return [{ device, up: isLinkUp(line), ...(mac !== undefined && { mac }) }];
  });
}

/** Reads `ip -4 route get ADDRESS`, with its error where it has one. */
export function parseWay(text: string): RouteReading {
  const [line = ''] = linesOf(text);
  const printed = line
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/ uid \d+.*/, '');
  const [first = ''] = printed.replace(/^local /, '').split(' ');
  if (!isIpv4(first)) return { printed, kind: 'none' };
  const [, via] = / via (\S+)/.exec(printed) ?? [];
  const [, device] = / dev (\S+)/.exec(printed) ?? [];
  const way = via === undefined ? 'on-link' : 'forwarded';
  return {
    printed,
    kind: printed.startsWith('local ') ? 'local' : way,
    ...(via !== undefined && { via }),
    ...(device !== undefined && { device }),
  };
}

/** Reads `ip -4 neigh show`. */
export function parseNeighbours(text: string): Given<'neighbours'> {
  const found = linesOf(text).flatMap((line) => {
    const [address = ''] = line.split(' ');
    if (!isIpv4(address)) return [];
    const mac = / lladdr (\S+)/.exec(line)?.[1];
    return [[address, mac ?? 'failed'] as const];
  });
  return Object.fromEntries(found);
}

/** Reads /proc/net/snmp and /proc/net/netstat: pairs of lines, names above numbers. 'IpInAddrErrors' → 3. */
export function parseCounters(text: string): Given<'countersBefore'> {
  const found: [string, number][] = [];
  const lines = linesOf(text);
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [group = '', ...names] = (lines[i] ?? '').split(' ');
    const [, ...numbers] = (lines[i + 1] ?? '').split(' ');
    names.forEach((name, at) => {
      const number = Number(numbers[at]);
      if (Number.isFinite(number) && number >= 0)
        found.push([`${group.replace(':', '')}${name}`, number]);
    });
  }
  return Object.fromEntries(found);
}

/** States of /proc/net/tcp. */
const SYN_RECEIVED = '03';
const LISTENING = '0A';
/** Of /proc/net/udp. */
const UNCONNECTED = '07';

/** Reads /proc/net/tcp and tcp6: where something listens, and which connections are half open. */
export function parseSockets(text: string): Pick<HostReading, 'listeners' | 'halfOpen'> {
  const rows = linesOf(text).flatMap((line) => {
    const [, local = '', remote = '', state = ''] = line.trim().split(/\s+/);
    const at = socketEnd(local);
    const from = socketEnd(remote);
    return at === undefined || from === undefined ? [] : [{ at, from, state }];
  });
  return {
    listeners: rows.flatMap(({ at, state }) => (state === LISTENING ? [at] : [])),
    halfOpen: rows.flatMap(({ at, from, state }) =>
      state === SYN_RECEIVED ? [{ port: at.port, client: from.address }] : [],
    ),
  };
}

/** Reads /proc/net/udp and udp6: where something waits for datagrams of anybody. */
export function parseUdpSockets(text: string): Given<'udpListeners'> {
  return linesOf(text).flatMap((line) => {
    const [, local = '', , state = ''] = line.trim().split(/\s+/);
    const at = socketEnd(local);
    return at === undefined || state !== UNCONNECTED ? [] : [at];
  });
}

/** The kernel prints addresses as numbers of its own byte order: '8102A8C0:0050'. */
function socketEnd(text: string): { readonly address: string; readonly port: number } | undefined {
  const [, hex = '', port = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(text) ?? [];
  if (hex === '') return undefined;
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => [...Buffer.from(word, 'hex')].toReversed());
  // An IPv4 connection to a socket of IPv6, as its last four bytes.
  const isMapped =
    bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  const address = IpAddress.ofBytes(isMapped ? bytes.slice(12) : bytes).text;
  return { address, port: Number.parseInt(port, 16) };
}

/** The lines that hold something, and no more than anybody reads. */
export function linesOf(text: string): readonly string[] {
  return text.split('\n', MOST_LINES).filter((line) => line.trim() !== '');
}
