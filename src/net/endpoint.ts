import { IpAddress } from './ip-address.ts';

const GREATEST_PORT = 65535;

/** An address and, where one was given, a port. */
export class Endpoint {
  readonly address: IpAddress;
  /** 0–65535. */
  readonly port?: number;

  private constructor(address: IpAddress, port: number | undefined) {
    this.address = address;
    if (port !== undefined) this.port = port;
  }

  /**
   * Reads '192.168.4.133:80', '192.168.4.133', '[2001:db8::1]:80' or '[2001:db8::1]'; undefined for anything else: names,
   * ports above 65535, IPv6 without brackets, which could have its port as its last part.
   */
  static parse(text: string): Endpoint | undefined {
    const { host, port } = splitEndpoint(text) ?? {};
    const address = host === undefined ? undefined : IpAddress.parse(host);
    if (address === undefined || isBracketed(text) !== (address.family === 'ipv6'))
      return undefined;
    if (port === undefined) return new Endpoint(address, undefined);
    const number = parsePort(port);
    return number === undefined ? undefined : new Endpoint(address, number);
  }

  /** As `parse` reads it. */
  get text(): string {
    const { address, port } = this;
    return endpointText({ address: address.text, ...(port !== undefined && { port }) });
  }

  toString(): string {
    return this.text;
  }
}

/** Writes an address, or a name, and a port: '192.168.4.133:80', '[2001:db8::1]:80'. */
export function endpointText({
  address,
  port,
}: {
  readonly address: string;
  readonly port?: number;
}): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return port === undefined ? host : `${host}:${port}`;
}

/** The two parts of HOST:PORT and [HOST]:PORT, or of a host alone, unjudged; undefined where there are others. */
export function splitEndpoint(
  text: string,
): { readonly host: string; readonly port?: string } | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^[\]]+)\]|([^:[\]]+))(?::([^:]+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) return undefined;
  return { host, ...(port !== undefined && { port }) };
}

/** Whether what is written there, well or badly, is about IPv6: such addresses stand in brackets. */
export function isBracketed(text: string): boolean {
  return text.startsWith('[');
}

/** Reads a port in digits; undefined for anything else. */
export function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= GREATEST_PORT ? Number(text) : undefined;
}
