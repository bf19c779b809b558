import { IpAddress } from './ip-address.ts';
import { checkLength, IpNetwork, splitPrefix } from './ip-network.ts';

/** An address as a NIC has it: with the length of the prefix that tells which others are on the same segment. */
export class InterfaceAddress {
  readonly address: IpAddress;
  /** 0–32, for IPv6 0–128. */
  readonly length: number;

  private constructor(address: IpAddress, length: number) {
    this.address = address;
    this.length = length;
  }

  /** @throws RangeError where the address has not as many bits as the prefix. */
  static of(address: IpAddress, length: number): InterfaceAddress {
    checkLength(address, length);
    return new InterfaceAddress(address, length);
  }

  /** Reads '192.168.2.128/24'; undefined for anything else. */
  static parse(text: string): InterfaceAddress | undefined {
    const { address, length } = splitPrefix(text) ?? {};
    return address === undefined || length === undefined
      ? undefined
      : new InterfaceAddress(address, length);
  }

  /**
   * Reads an address out of a file that says apart from it how long its prefix is.
   * @param lengthOrMask '24' or '255.255.255.0'.
   * @returns undefined where the two make no address of a NIC.
   */
  static parseParts(address: string, lengthOrMask: string): InterfaceAddress | undefined {
    const length = lengthOfMask(lengthOrMask) ?? lengthOrMask;
    return InterfaceAddress.parse(`${address}/${length}`);
  }

  get network(): IpNetwork {
    return IpNetwork.around(this.address, this.length);
  }

  /** '192.168.2.128/24'. */
  get text(): string {
    return `${this.address.text}/${this.length}`;
  }

  toString(): string {
    return this.text;
  }
}

/** How many bits a mask such as '255.255.255.0' leaves to the network; undefined where it is no mask. */
export function lengthOfMask(mask: string): number | undefined {
  const { family, bytes } = IpAddress.parse(mask) ?? {};
  if (family !== 'ipv4' || bytes === undefined) return undefined;
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}
