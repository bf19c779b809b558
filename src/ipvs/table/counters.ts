import { IpvsSyntaxError } from '../ipvs-syntax-error.ts';
import { listingRows } from './listing-rows.ts';
import { isBracketed } from '../../net/endpoint.ts';
import { parseEndpoint } from '../parse-endpoint.ts';

/** What IPVS counted, for a service or a destination. */
interface Counters {
  readonly connections: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

interface DestinationCounters extends Counters {
  readonly address: string;
  readonly port: number;
}

export interface ServiceCounters extends DestinationCounters {
  readonly protocol: 'tcp' | 'udp';
  readonly destinations: readonly DestinationCounters[];
}

const units: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/**
 * Reads `ipvsadm -Ln --stats`, with or without --exact (without it, ipvsadm rounds great numbers). Services of other
 * kinds than TCP and UDP over IPv4 are left out. The kernel refreshes the counters every two seconds only.
 * @throws IpvsSyntaxError
 */
export function parseCounters(text: string): readonly ServiceCounters[] {
  const services: (ServiceCounters & { readonly destinations: DestinationCounters[] })[] = [];
  let current: DestinationCounters[] | undefined;
  for (const { line, words } of listingRows(text)) {
    const [head = '', address = '', ...numbers] = words;
    // A server over IPv6 behind a tunnel is none that a service over IPv4 of lvslab's has.
    if (head === '->' && isBracketed(address)) continue;
    if (head === '->') current?.push(readRow(line, address, numbers));
    else if (isOurs(head, address)) {
      current = [];
      const protocol = head === 'TCP' ? 'tcp' : 'udp';
      services.push({ protocol, ...readRow(line, address, numbers), destinations: current });
    } else current = undefined;
  }
  return services;
}

function isOurs(protocol: string, address: string): boolean {
  return /^(TCP|UDP)$/.test(protocol) && !isBracketed(address);
}

function readRow(line: number, text: string, numbers: readonly string[]): DestinationCounters {
  const at = parseEndpoint(text);
  const [connections, packetsIn, packetsOut, bytesIn, bytesOut] = numbers.map((number) =>
    readNumber(line, number),
  );
  if (at?.port === undefined) throw new IpvsSyntaxError(line, `'${text}' is no ADDRESS:PORT`);
  if (
    connections === undefined ||
    packetsIn === undefined ||
    packetsOut === undefined ||
    bytesIn === undefined ||
    bytesOut === undefined
  ) {
    throw new IpvsSyntaxError(line, `5 counters expected, ${numbers.length} found`);
  }
  return {
    address: at.address,
    port: at.port,
    connections,
    packetsIn,
    packetsOut,
    bytesIn,
    bytesOut,
  };
}

function readNumber(line: number, text: string): number {
  const match = /^(\d+)([KMGT]?)$/.exec(text);
  const unit = units[match?.[2] ?? '-'];
  if (match?.[1] === undefined || unit === undefined)
    throw new IpvsSyntaxError(line, `'${text}' is no counter`);
  const count = Number(match[1]) * unit;
  if (!Number.isSafeInteger(count)) throw new IpvsSyntaxError(line, `'${text}' is too great`);
  return count;
}
