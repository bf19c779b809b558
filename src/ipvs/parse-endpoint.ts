import { Endpoint } from '../net/endpoint.ts';

/** An IPv4 address and, where one was written, a port: services over IPv6 are foreign to lvslab's tables. */
export interface ServiceEndpoint {
  readonly address: string;
  readonly port?: number;
}

/** Reads '192.168.4.133:80' or '192.168.4.133'; undefined for anything else: names, IPv6, ports above 65535. */
export function parseEndpoint(text: string): ServiceEndpoint | undefined {
  const { address, port } = Endpoint.parse(text) ?? {};
  if (address?.family !== 'ipv4') return undefined;
  return { address: address.text, ...(port !== undefined && { port }) };
}

/** What a kernel may hold; lvslab itself sets 65535 at most, as ipvsadm allows. */
export const MAX_WEIGHT = 2 ** 31 - 1;

/** Reads a number of the kernel's range; undefined for anything else. */
export function parseCount(text: string | undefined, max: number): number | undefined {
  if (text === undefined || !/^\d{1,20}$/.test(text)) return undefined;
  const count = Number(text);
  return count <= max ? count : undefined;
}
