import { IpAddress } from './ip-address.ts';

/** What a network keeps an address for, so that no host can have it. */
export type Reservation = 'network' | 'broadcast';

/** A network: all addresses that begin with the same bits. A value, the same where its `text` is. */
export class IpNetwork {
  /** Its first address, the bits behind the prefix all 0. */
  readonly address: IpAddress;
  /** How many bits its addresses have in common: 0–32, for IPv6 0–128. */
  readonly length: number;

  private constructor(address: IpAddress, length: number) {
    this.address = address;
    this.length = length;
  }

  /**
   * The network that the address is in.
   * @throws RangeError where the address has not as many bits as the prefix, or that is no whole number.
   */
  static around(address: IpAddress, length: number): IpNetwork {
    checkLength(address, length);
    return new IpNetwork(IpAddress.ofBytes(masked(address.bytes, length, 0x00)), length);
  }

  /** Reads '192.168.2.0/24'; undefined for anything else, for an address inside a network too. */
  static parse(text: string): IpNetwork | undefined {
    const { address, length } = splitPrefix(text) ?? {};
    if (address === undefined || length === undefined) return undefined;
    const network = IpNetwork.around(address, length);
    return network.address.text === address.text ? network : undefined;
  }

  /** '192.168.2.0/24'. */
  get text(): string {
    return `${this.address.text}/${this.length}`;
  }

  /** An address of the other family is in none of this one's networks. */
  contains(address: IpAddress): boolean {
    return (
      address.family === this.address.family &&
      IpNetwork.around(address, this.length).text === this.text
    );
  }

  /** Why no host can have this address of the network; undefined where one can. Networks of one or two addresses keep none. */
  reserves(address: IpAddress): Reservation | undefined {
    const { family, bytes, text } = this.address;
    if (this.length >= bytes.length * 8 - 1) return undefined;
    if (address.text === text) return 'network';
    const last = IpAddress.ofBytes(masked(bytes, this.length, 0xff));
    return family === 'ipv4' && address.text === last.text ? 'broadcast' : undefined;
  }

  toString(): string {
    return this.text;
  }
}

/** Reads ADDRESS/LENGTH; undefined where there is no such length. */
export function splitPrefix(
  text: string,
): { readonly address: IpAddress; readonly length: number } | undefined {
  const at = text.lastIndexOf('/');
  const address = at === -1 ? undefined : IpAddress.parse(text.slice(0, at));
  const length = text.slice(at + 1);
  if (address === undefined || !isLength(address, length)) return undefined;
  return { address, length: Number(length) };
}

/** @throws RangeError where the address has no prefix of this length. */
export function checkLength(address: IpAddress, length: number): void {
  if (isLength(address, String(length))) return;
  throw new RangeError(`${address.text} has no prefix of the length ${length}`);
}

/** The bytes with every bit behind the prefix as in `rest`. */
function masked(bytes: readonly number[], length: number, rest: 0x00 | 0xff): readonly number[] {
  return bytes.map((byte, i) => {
    const kept = Math.min(8, Math.max(0, length - i * 8));
    const behind = 0xff >> kept;
    return (byte & ~behind) | (rest & behind);
  });
}

function isLength({ bytes }: IpAddress, text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= bytes.length * 8;
}
