import { type Connection } from '../../engine/model/connection.ts';
import { type Observed, unknown } from '../../engine/model/resource.ts';
import { type Script, sh } from '../../engine/model/shell/script.ts';
import { type RealServer } from '../../lab/lab.ts';
import { filledLines } from '../../platforms/sections.ts';
import { observeParts, parsed, type VerifyContext } from './observe-parts.ts';
import { parseVipState, type VipQuestion, vipScripts, type VipState } from './vip-on-server.ts';

/** What a real server tells about a run. */
export interface RealServerState {
  /** The client address of every request of the run in its access log. */
  readonly logged: Observed<readonly string[]>;
  /** The addresses that those requests were made to, where the log tells: '192.168.2.128:80'. */
  readonly asked: Observed<readonly string[]>;
  /** The next hop towards the client; absent when the client is on-link. */
  readonly nextHop: Observed<string>;
  /** Not set where the mode gives it no VIP, or there is no connection to it. */
  readonly vip?: VipState;
}

/** What is asked of a real server. */
export interface RealServerQuestion extends VerifyContext {
  readonly server: RealServer;
  readonly marker: string;
  /** Bytes that the log of datagrams had before: all that came since is of the run. Not set, the marker tells. */
  readonly logSize?: number;
  /** What is asked about the VIP; not set, nothing. */
  readonly vip?: VipQuestion | undefined;
  /** Absent when it is in no inventory and no request got as far as a connection. */
  readonly clientAddress: string | undefined;
}

/** Reads what the real server has to say about the requests that carry the marker. */
export async function readRealServer(
  connection: Connection | undefined,
  { server, marker, clientAddress, vip, logSize, ...context }: RealServerQuestion,
): Promise<RealServerState> {
  if (connection === undefined) {
    const nothing = unknown('there is no connection to it');
    return { logged: nothing, asked: nothing, nextHop: nothing };
  }
  const scripts = [
    logSize === undefined ? readLog(server, marker) : readDatagramLog(server, logSize),
    clientAddress === undefined ? sh`:` : sh`ip route get ${clientAddress}`,
    ...(vip === undefined ? [] : vipScripts(server.nic.device, vip)),
  ];
  const [log, route, ...aboutVip] = await observeParts(connection, scripts, context);
  return {
    ...(vip !== undefined && { vip: parseVipState(aboutVip, vip) }),
    asked: parsed(log, parseAsked),
    logged: parsed(log, parseLog),
    nextHop:
      clientAddress === undefined
        ? unknown("the client's address is not known")
        : parseRoute(route),
  };
}

/** The query that marks the requests of one run, so that its log lines can be told from all others. */
export function markerQuery(marker: string): string {
  return `?lvslab=${marker}`;
}

/** The space ends the marker in the request line: 'GET /?lvslab=… HTTP/1.1'. grep's 1 only means that there is none. */
function readLog({ nginx }: RealServer, marker: string): Script {
  return sh`grep -F ${`${markerQuery(marker)} `} ${`${nginx.prefix}/logs/access.log`} || [ "$?" -eq 1 ]`;
}

function datagramLog({ nginx }: RealServer): string {
  return `${nginx.prefix}/logs/udp.log`;
}

function readDatagramLog(server: RealServer, size: number): Script {
  return sh`tail -c ${`+${size + 1}`} -- ${datagramLog(server)}`;
}

/** How many bytes the log of datagrams has; 0 where it can't be told. */
export async function readDatagramLogSize(
  connection: Connection,
  server: RealServer,
  context: VerifyContext,
): Promise<number> {
  const [size] = await observeParts(connection, [sh`wc -c <${datagramLog(server)}`], context);
  return size?.kind === 'value' ? Number(/^\d{1,15}$/.exec(size.value.trim())?.[0] ?? 0) : 0;
}

/** lvslab's log format ends with the address that was asked; older ones don't tell it. */
function parseAsked(text: string): readonly string[] {
  return filledLines(text).flatMap((line) => / ([\d.]+:\d+)$/.exec(line)?.[1] ?? []);
}

/** nginx's log formats 'combined' and 'main' both begin with the client's address. */
function parseLog(text: string): readonly string[] {
  return (
    text
      .split('\n')
      .filter((line) => line !== '')
      // Of datagrams, the port stands behind it.
      .map((line) => (line.split(' ')[0] ?? '').replace(/:\d+$/, ''))
  );
}

function parseRoute(read: Observed<string> | undefined): Observed<string> {
  const route = parsed(read, (text) => / via (\S+)/.exec(text)?.[1]);
  if (route.kind !== 'value') return route;
  return route.value === undefined ? { kind: 'absent' } : { kind: 'value', value: route.value };
}
