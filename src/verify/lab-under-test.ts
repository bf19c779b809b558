import { type Connection } from '../engine/model/connection.ts';
import { endpoint, portsOf, type VirtualService } from '../ipvs/virtual-service.ts';
import { type Director, type Lab } from '../lab/lab.ts';
import { type VerifyContext } from './readings/observe-parts.ts';
import { sendDatagrams } from './readings/datagrams.ts';
import { makeRequests, type RequestBatch } from './readings/request-batch.ts';
import { type PortRange } from './readings/request-script.ts';
import { readTakenPorts } from './readings/taken-ports.ts';
import { markerQuery } from './readings/real-server-state.ts';
import { runTask, type TaskReporting } from './run-task.ts';

/** One service of a lab on one of its directors, with connections to the hosts, and what testing it needs beside them. */
export interface LabUnderTest extends VerifyContext, TaskReporting {
  /** Its real servers as the service has them. */
  readonly lab: Lab;
  readonly service: VirtualService;
  readonly director: Director;
  /** Where the requests are made: a client host, or the controller itself where the lab has none. */
  readonly client: Connection;
  /** To the director. */
  readonly directorHost: Connection;
  /** By inventory name; what a missing one would have counted is told as not read. */
  readonly realServers: ReadonlyMap<string, Connection>;
}

/** Makes requests to the VIP that carry the marker, and tells how far they are. */
export async function requestVip(
  { lab, service, client, directorHost, nonce, signal, ...reporting }: LabUnderTest,
  {
    count,
    marker,
    task,
    ports,
    isLarge,
  }: {
    readonly count: number;
    readonly marker: string;
    readonly task: string;
    readonly ports?: PortRange;
    /** Each request fills several packets; over TCP. */
    readonly isLarge?: true;
  },
): Promise<RequestBatch> {
  return await runTask(task, reporting, async (progress) => {
    const { address, port } = service;
    const [url, ...moreUrls] = urlsOf(service, marker);
    const onProgress = (done: number) => {
      progress(`${done} of ${count}`);
    };
    const order = {
      ...{ url, moreUrls, count, nonce: nonce(), maxPageBytes: maxPageBytes(lab) },
      ...(isLarge !== undefined && { isLarge }),
    };
    if (service.protocol === 'udp') {
      const taken = await readTakenPorts(directorHost, address, { nonce, signal });
      const datagrams = { ...order, address, port, ports: portsOf(service), taken };
      return await sendDatagrams(client, datagrams, { onProgress, signal });
    }
    const requests = { ...order, ...(ports !== undefined && { ports }) };
    return await makeRequests(client, requests, { onProgress, signal });
  });
}

/** Where the requests of one run go, each port of the service in its turn. */
export function urlsOf(
  service: Pick<VirtualService, 'address' | 'port' | 'ports'>,
  marker: string,
): readonly [string, ...(readonly string[])] {
  const { address } = service;
  const urlAt = (port: number): string =>
    `http://${endpoint({ address, port })}/${markerQuery(marker)}`;
  const [first = service.port, ...others] = portsOf(service);
  return [urlAt(first), ...others.map(urlAt)];
}

/** A page of the lab that is only a little longer than it should be is still shown for what it is. */
const BEYOND_BYTES = 1024;

/** What is longer than every page of the lab is none of them, so nobody needs the rest of it. */
function maxPageBytes({ realServers }: Lab): number {
  return BEYOND_BYTES + Math.max(0, ...realServers.map(({ page }) => Buffer.byteLength(page)));
}
