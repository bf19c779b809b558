import { type Connection } from '../../engine/model/connection.ts';
import { type Observed, unknown } from '../../engine/model/resource.ts';
import { type Script, sh } from '../../engine/model/script.ts';
import { type RealServer } from '../../lab/lab.ts';
import { observeParts, parsed, type VerifyContext } from './observe-parts.ts';

/** What a real server tells about a run. */
export interface RealServerState {
  /** The client address of every request of the run in its access log. */
  readonly logged: Observed<readonly string[]>;
  /** The next hop towards the client; absent when the client is on-link. */
  readonly nextHop: Observed<string>;
}

/** What is asked of a real server. */
export interface RealServerQuestion extends VerifyContext {
  readonly server: RealServer;
  readonly marker: string;
  /** Absent when it is in no inventory and no request got as far as a connection. */
  readonly clientAddress: string | undefined;
}

/** Reads what the real server has to say about the requests that carry the marker. */
export async function readRealServer(
  connection: Connection | undefined,
  { server, marker, clientAddress, ...context }: RealServerQuestion,
): Promise<RealServerState> {
  if (connection === undefined) {
    const nothing = unknown('there is no connection to it');
    return { logged: nothing, nextHop: nothing };
  }
  const scripts = [
    readLog(server, marker),
    ...(clientAddress === undefined ? [] : [sh`ip route get ${clientAddress}`]),
  ];
  const [log, route] = await observeParts(connection, scripts, context);
  return {
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

/** nginx's log formats 'combined' and 'main' both begin with the client's address. */
function parseLog(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ')[0] ?? '');
}

function parseRoute(read: Observed<string> | undefined): Observed<string> {
  const route = parsed(read, (text) => / via (\S+)/.exec(text)?.[1]);
  if (route.kind !== 'value') return route;
  return route.value === undefined ? { kind: 'absent' } : { kind: 'value', value: route.value };
}
