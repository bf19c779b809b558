import ipaddr from 'ipaddr.js';

export type AddressFamily = 'ipv4' | 'ipv6';

/** What an address is for, whatever network it is in. */
export type AddressUse =
  'unicast' | 'unspecified' | 'broadcast' | 'multicast' | 'loopback' | 'link-local';

/** The ranges that are no unicast, as the library calls them. */
const USES: ReadonlyMap<string, AddressUse> = new Map([
  ['unspecified', 'unspecified'],
  ['broadcast', 'broadcast'],
  ['multicast', 'multicast'],
  ['loopback', 'loopback'],
  ['linkLocal', 'link-local'],
] as const);

/** No address is longer, with the zone of a link-local one. */
const LONGEST = 64;

/** An IP address of either family, as a value: two are the same address where their `text` is the same. */
export class IpAddress {
  readonly family: AddressFamily;
  /** IPv4 dotted; IPv6 as RFC 5952 writes it, with the zone if it has one: '2001:db8::1', 'fe80::1%ens33'. */
  readonly text: string;
  /** Network order; 4 of them, or 16. */
  readonly bytes: readonly number[];

  private constructor(parsed: ipaddr.IPv4 | ipaddr.IPv6) {
    this.family = parsed.kind();
    this.text = textOf(parsed);
    this.bytes = parsed.toByteArray();
  }

  /** Reads an address; undefined for anything else, the short and octal ways of writing IPv4 ('127.1', '010.0.0.1') too. */
  static parse(text: string): IpAddress | undefined {
    if (text.length > LONGEST) return undefined;
    if (ipaddr.IPv4.isValidFourPartDecimal(text)) return new IpAddress(ipaddr.IPv4.parse(text));
    return text.includes(':') && ipaddr.IPv6.isValid(text)
      ? new IpAddress(ipaddr.IPv6.parse(text))
      : undefined;
  }

  /**
   * The address in a text that is known to be one.
   * @throws RangeError where it is none.
   */
  static of(text: string): IpAddress {
    const address = IpAddress.parse(text);
    if (address === undefined) throw new RangeError(`'${text.slice(0, LONGEST)}' is no address`);
    return address;
  }

  /**
   * The address that a kernel has in these bytes.
   * @param bytes in network order, 0–255 each.
   * @throws RangeError where they are not 4 and not 16.
   */
  static ofBytes(bytes: readonly number[]): IpAddress {
    if (bytes.length !== 4 && bytes.length !== 16)
      throw new RangeError(`an address has 4 or 16 bytes, not ${bytes.length}`);
    return new IpAddress(ipaddr.fromByteArray([...bytes]));
  }

  get use(): AddressUse {
    return USES.get(ipaddr.fromByteArray([...this.bytes]).range()) ?? 'unicast';
  }

  toString(): string {
    return this.text;
  }
}

/** Whether the text is an IPv4 address in its four decimal parts. */
export function isIpv4(text: string): boolean {
  return IpAddress.parse(text)?.family === 'ipv4';
}

/** An IPv4 address inside an IPv6 one stays dotted, as the C library prints it. */
function textOf(parsed: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const address = parsed as ipaddr.IPv6;
  return address.isIPv4MappedAddress() && address.zoneId === undefined
    ? `::ffff:${address.toIPv4Address().toString()}`
    : address.toRFC5952String();
}
