import { IpvsSyntaxError } from '../ipvs-syntax-error.ts';
import { listingRows } from './listing-rows.ts';
import { isBracketed } from '../../net/endpoint.ts';
import { parseEndpoint } from '../parse-endpoint.ts';
import { isAskedMark, parseMark, type TableQuestion } from '../rules/rule-parts.ts';
import { MARKED_PLACE } from '../virtual-service.ts';

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
  /** Of one that IPVS knows by a mark; it has `MARKED_PLACE` then. */
  readonly mark?: number;
  readonly destinations: readonly DestinationCounters[];
}

/** One whose servers are still to come. */
type OpenService = ServiceCounters & { readonly destinations: DestinationCounters[] };

const units: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/**
 * Reads `ipvsadm -Ln --stats`, with or without --exact (without it, ipvsadm rounds great numbers). Services of other
 * kinds than TCP and UDP over IPv4 are left out, and marks that are not asked for. The kernel refreshes the counters every
 * two seconds only.
 * @throws IpvsSyntaxError
 */
export function parseCounters(
  text: string,
  question: Pick<TableQuestion, 'marks'> = {},
): readonly ServiceCounters[] {
  const services: OpenService[] = [];
  let current: DestinationCounters[] | undefined;
  for (const { line, words } of listingRows(text)) {
    const [head = '', address = '', ...numbers] = words;
    // A server over IPv6 behind a tunnel is none that a service over IPv4 of lvslab's has.
    if (head === '->' && isBracketed(address)) continue;
    if (head === '->') current?.push(readRow(line, address, numbers));
    else {
      const read = serviceRow(line, words, question);
      services.push(...read);
      current = read[0]?.destinations;
    }
  }
  return services;
}

/** None for a service of another kind. */
function serviceRow(
  line: number,
  [head = '', place = '', ...numbers]: readonly string[],
  question: Pick<TableQuestion, 'marks'>,
): readonly OpenService[] {
  if (head === 'FWM') {
    const mark = parseMark(place);
    if (mark === undefined || numbers[0] === 'IPv6' || !isAskedMark(mark, question)) {
      return [];
    }
    return [{ ...MARKED_PLACE, mark, ...readCounters(line, numbers), destinations: [] }];
  }
  if (!/^(TCP|UDP)$/.test(head) || isBracketed(place)) return [];
  const protocol = head === 'TCP' ? 'tcp' : 'udp';
  return [{ protocol, ...readRow(line, place, numbers), destinations: [] }];
}

function readRow(line: number, text: string, numbers: readonly string[]): DestinationCounters {
  const at = parseEndpoint(text);
  if (at?.port === undefined) throw new IpvsSyntaxError(line, `'${text}' is no ADDRESS:PORT`);
  return { address: at.address, port: at.port, ...readCounters(line, numbers) };
}

function readCounters(line: number, numbers: readonly string[]): Counters {
  const [connections, packetsIn, packetsOut, bytesIn, bytesOut] = numbers.map((number) =>
    readNumber(line, number),
  );
  if (
    connections === undefined ||
    packetsIn === undefined ||
    packetsOut === undefined ||
    bytesIn === undefined ||
    bytesOut === undefined
  ) {
    throw new IpvsSyntaxError(line, `5 counters expected, ${numbers.length} found`);
  }
  return { connections, packetsIn, packetsOut, bytesIn, bytesOut };
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
