import { IpvsSyntaxError } from '../../../ipvs/ipvs-syntax-error.ts';
import { parseCounters } from '../../../ipvs/table/counters.ts';
import { parseProcTable } from '../../../ipvs/table/proc-table.ts';
import { parseSavedTable } from '../../../ipvs/table/saved-table.ts';
import { parsePrintedTable } from '../../../ipvs/thresholds.ts';
import {
  endpoint,
  type IpvsTable,
  serviceKey,
  type VirtualService,
} from '../../../ipvs/virtual-service.ts';
import { IpAddress } from '../../../net/ip-address.ts';
import { linesOf } from './parse-network.ts';
import { type IpvsReading } from '../readings.ts';

type Table = NonNullable<IpvsReading['table']>;

/**
 * Reads the table of the kernel, in either of its forms; undefined where the host has none.
 * @throws IpvsSyntaxError
 */
export function parseTable(text: string): Table | undefined {
  const end = text.indexOf('\n');
  const kind = text.slice(0, end < 0 ? undefined : end).trim();
  const rest = end < 0 ? '' : text.slice(end + 1);
  if (kind === 'saved') return plain(parsePrintedTable(rest));
  return kind === 'proc' ? plain(parseProcTable(rest)) : undefined;
}

/** What a listing of counters lacks of the kernel's totals, which is printed before it: '0 0 0'. */
export function lackingIn(text: string): string | undefined {
  return /^-?\d+ -?\d+ -?\d+(?=\n)/.exec(text)?.[0];
}

/**
 * Reads the counters of one service, below a line with what they lack: by server, and of the service itself under ''.
 * @throws IpvsSyntaxError
 */
export function parseServiceCounters(
  text: string,
  service: Pick<VirtualService, 'protocol' | 'address' | 'port'>,
): IpvsReading['before'] {
  if (text.trim() === '') return {};
  const listing = text.slice(text.indexOf('\n') + 1);
  const found = parseCounters(listing).find((one) => serviceKey(one) === serviceKey(service));
  if (found === undefined) return {};
  return Object.fromEntries(
    [{ key: '', of: found }, ...found.destinations.map((of) => ({ key: endpoint(of), of }))].map(
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

/** Reads what the unit will restore at boot: a line with the file's path and its switch, and the file. */
export function parseBoot(text: string): IpvsReading['boot'] {
  const end = text.indexOf('\n');
  const [path = '', auto = ''] = text
    .slice(0, end < 0 ? undefined : end)
    .trim()
    .split(' ');
  if (!path.startsWith('/')) return undefined;
  const rest = end < 0 ? '' : text.slice(end + 1);
  const isSwitched = path === '/etc/ipvsadm.rules';
  return { path, ...(isSwitched && { auto: auto === 'true' }), ...readRules(rest) };
}

function readRules(text: string): Pick<NonNullable<IpvsReading['boot']>, 'table' | 'problem'> {
  try {
    return { table: plain(parseSavedTable(text)) };
  } catch (error) {
    if (!(error instanceof IpvsSyntaxError)) throw error;
    return { problem: `line ${error.line}: ${error.reason}` };
  }
}

function plain({ services, foreign }: IpvsTable): Table {
  return {
    services: services.map((service) => ({ ...service, destinations: [...service.destinations] })),
    foreign: [...foreign],
  };
}

function dotted(hex: string): string | undefined {
  if (!/^[0-9A-F]{8}$/i.test(hex)) return undefined;
  return IpAddress.ofBytes([...Buffer.from(hex, 'hex')]).text;
}
