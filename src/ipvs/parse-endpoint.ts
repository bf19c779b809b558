import ipaddr from 'ipaddr.js';

/** An IPv4 address and, where one was written, a port. */
export interface Endpoint {
  readonly address: string;
  readonly port?: number;
}

/** Reads '192.168.4.133:80' or '192.168.4.133'; undefined for anything else: names, IPv6, ports above 65535. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^([\d.]+)(?::(\d{1,5}))?$/.exec(text);
  const address = match?.[1];
  if (address === undefined || !ipaddr.IPv4.isValidFourPartDecimal(address)) return undefined;
  if (match?.[2] === undefined) return { address };
  const port = Number(match[2]);
  return port <= 65535 ? { address, port } : undefined;
}

/** What a kernel may hold; lvslab itself sets 65535 at most, as ipvsadm allows. */
export const MAX_WEIGHT = 2 ** 31 - 1;

/** Reads a number of the kernel's range; undefined for anything else. */
export function parseCount(text: string | undefined, max: number): number | undefined {
  if (text === undefined || !/^\d{1,20}$/.test(text)) return undefined;
  const count = Number(text);
  return count <= max ? count : undefined;
}
