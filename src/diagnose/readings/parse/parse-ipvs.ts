import { IpvsSyntaxError } from '../../../ipvs/ipvs-syntax-error.ts';
import { askedMark } from '../../../ipvs/rules/rule-parts.ts';
import { parseCounters } from '../../../ipvs/table/counters.ts';
import { parseProcTable } from '../../../ipvs/table/proc-table.ts';
import { parseSavedTable } from '../../../ipvs/table/saved-table.ts';
import { parsePrintedTable } from '../../../ipvs/thresholds.ts';
import {
  endpoint,
  type IpvsTable,
  MARKED_PLACE,
  serviceKey,
  type ServiceName,
} from '../../../ipvs/virtual-service.ts';
import { IpAddress } from '../../../net/ip-address.ts';
import { parseSavedRules } from '../../../platforms/saved-rules.ts';
import { linesOf } from './parse-network.ts';
import { type IpvsReading } from '../readings.ts';

type Table = NonNullable<IpvsReading['table']>;

/**
 * Reads the table of the kernel, in either of its forms; undefined where the host has none.
 * @throws IpvsSyntaxError
 */
export function parseTable(text: string, service: ServiceName = ANY): Table | undefined {
  const end = text.indexOf('\n');
  const kind = text.slice(0, end < 0 ? undefined : end).trim();
  const rest = end < 0 ? '' : text.slice(end + 1);
  const question = askedMark(service);
  if (kind === 'saved') return plain(parsePrintedTable(rest, question), service);
  return kind === 'proc' ? plain(parseProcTable(rest, question), service) : undefined;
}

/** What a listing of counters lacks of the kernel's totals, which is printed before it: '0 0 0'. */
export function lackingIn(text: string): string | undefined {
  return /^-?\d+ -?\d+ -?\d+(?=\n)/.exec(text)?.[0];
}

/**
 * Reads the counters of one service, below a line with what they lack: by server, and of the service itself under ''.
 * @throws IpvsSyntaxError
 */
export function parseServiceCounters(text: string, service: ServiceName): IpvsReading['before'] {
  if (text.trim() === '') return {};
  const listing = text.slice(text.indexOf('\n') + 1);
  const found = parseCounters(listing, askedMark(service)).find(
    (one) => serviceKey(one) === serviceKey(service),
  );
  if (found === undefined) return {};
  const servers = found.destinations.map((of) => ({ key: endpoint(asAsked(of, service)), of }));
  return Object.fromEntries(
    [{ key: '', of: found }, ...servers].map(
      ({ key, of: { connections, packetsIn, packetsOut } }) => [
        key,
        { connections, packetsIn, packetsOut },
      ],
    ),
  );
}

/** Reads /proc/net/ip_vs_conn, connections over IPv4 alone; lines that are something else are passed over. */
export function parseConnections(text: string): NonNullable<IpvsReading['connections']> {
  return linesOf(text).flatMap((line) => {
    const [, from = '', , to = '', toPort = '', server = '', serverPort = '', state = ''] = line
      .trim()
      .split(/\s+/);
    const client = dotted(from);
    const virtual = dotted(to);
    const real = dotted(server);
    if (client === undefined || virtual === undefined || real === undefined) return [];
    return [
      {
        state,
        client,
        virtual: { address: virtual, port: Number.parseInt(toPort, 16) },
        server: { address: real, port: Number.parseInt(serverPort, 16) },
      },
    ];
  });
}

/** Reads what the unit will restore at boot. */
export function parseBoot(printed: string, service: ServiceName = ANY): IpvsReading['boot'] {
  const saved = parseSavedRules(printed);
  if (saved === undefined) return undefined;
  const { text, ...file } = saved;
  return { ...file, ...readRules(text, service) };
}

function readRules(
  text: string,
  service: ServiceName,
): Pick<NonNullable<IpvsReading['boot']>, 'table' | 'problem'> {
  try {
    return { table: plain(parseSavedTable(text, askedMark(service)), service) };
  } catch (error) {
    if (!(error instanceof IpvsSyntaxError)) throw error;
    return { problem: `line ${error.line}: ${error.reason}` };
  }
}

/** Where no mark is asked for, it does not matter which service is. */
const ANY: ServiceName = MARKED_PLACE;

/** The service of the mark is put where it is asked, which its table does not tell. */
function plain({ services, foreign }: IpvsTable, asked: ServiceName): Table {
  return {
    services: services.map(({ ports, ...service }) => ({
      ...service,
      ...(ports !== undefined && { ports: [...ports] }),
      ...(service.mark !== undefined && placeOf(asked)),
      destinations: service.destinations.map((one) =>
        service.mark === undefined ? { ...one } : asAsked(one, asked),
      ),
    })),
    foreign: [...foreign],
  };
}

function placeOf({ protocol, address, port }: ServiceName): Omit<ServiceName, 'mark'> {
  return { protocol, address, port };
}

/** With a mark a server has the port 0: packets keep theirs, of which the first stands for all. */
function asAsked<T extends { readonly port: number }>(server: T, { mark, port }: ServiceName): T {
  return mark !== undefined && server.port === 0 ? { ...server, port } : server;
}

function dotted(hex: string): string | undefined {
  if (!/^[0-9A-F]{8}$/i.test(hex)) return undefined;
  return IpAddress.ofBytes([...Buffer.from(hex, 'hex')]).text;
}
