import { IpvsSyntaxError } from './ipvs-syntax-error.ts';
import { parseCount } from './parse-endpoint.ts';
import { listingRows } from './table/listing-rows.ts';
import { type TableQuestion } from './rules/rule-parts.ts';
import { parseSavedTable } from './table/saved-table.ts';
import {
  type Destination,
  type IpvsTable,
  type ServiceName,
  type VirtualService,
} from './virtual-service.ts';

/** Between which numbers of connections a server is given new ones; 0 for no bound. */
export interface Thresholds {
  /** From here on it gets none, 0–2147483647. */
  readonly upper: number;
  /** Until it has less than so many again, 0–upper; 0 stands for three quarters of the upper one. */
  readonly lower: number;
}

/** The kernel's own number has 32 bits. */
const GREATEST = 2 ** 32 - 1;
/** Behind the thresholds stand the connections, active and inactive. */
const COLUMNS = 4;
const OPTIONS = /(?:^| )-([xy]) (\d{1,10})(?= |$)/g;

/** As ipvsadm is told them, and as a `Destination` has them in front of its other options; '' where there are none. */
export function thresholdOptions({ upper, lower }: Thresholds): string {
  return [...(upper > 0 ? [`-x ${upper}`] : []), ...(lower > 0 ? [`-y ${lower}`] : [])].join(' ');
}

/** Whether a server of the service has a bound. */
export function hasThresholds({ destinations }: Pick<VirtualService, 'destinations'>): boolean {
  return destinations.some(({ options = '' }) => options.search(OPTIONS) !== -1);
}

/**
 * Reads a table as it was printed for lvslab: what `ipvsadm -S -n` says, and behind it, in comments, the thresholds, which that
 * leaves out and `ipvsadm -L -n --thresholds` tells. Without the comments nothing is known of thresholds.
 * @throws IpvsSyntaxError
 */
export function parsePrintedTable(text: string, question: TableQuestion = {}): IpvsTable {
  const table = parseSavedTable(text, question);
  const listing = text.split('\n').flatMap((line) => /^# ?(.*)$/.exec(line)?.[1] ?? []);
  if (listing.length === 0) return table;
  const told = readThresholds(listing.join('\n'));
  return {
    ...table,
    services: table.services.map((service) => ({
      ...service,
      destinations: service.destinations.map((destination) =>
        withOptions(destination, told.get(rowKey(service, destination)) ?? ''),
      ),
    })),
  };
}

type Place = Pick<Destination, 'address' | 'port'>;

function rowKey({ protocol, address, port, mark }: ServiceName, server: Place): string {
  const service =
    mark === undefined ? `${protocol.toUpperCase()} ${address}:${port}` : `FWM ${mark}`;
  return `${service} ${server.address}:${server.port}`;
}

function readThresholds(listing: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let service = '';
  for (const { line, words } of listingRows(listing)) {
    const [first = '', place = '', ...numbers] = words;
    // Behind the mark of a service over IPv6 stands its family.
    if (first !== '->')
      service = [first, place, ...numbers.filter((word) => word === 'IPv6')].join(' ');
    else {
      const [upper, lower] = numbers.map((word) => parseCount(word, GREATEST));
      if (numbers.length !== COLUMNS || upper === undefined || lower === undefined)
        throw new IpvsSyntaxError(line, `no thresholds: ${words.join(' ')}`);
      found.set(`${service} ${place}`, thresholdOptions({ upper, lower }));
    }
  }
  return found;
}

function withOptions(
  { options = '', ...destination }: Destination,
  thresholds: string,
): Destination {
  const others = options.replaceAll(OPTIONS, '').trim();
  const all = [thresholds, others].filter((part) => part !== '').join(' ');
  return { ...destination, ...(all !== '' && { options: all }) };
}
