import { type Connection } from '../../engine/model/connection.ts';
import { CancelledError, LvslabError } from '../../engine/model/failures/errors.ts';
import { type VirtualService } from '../../ipvs/virtual-service.ts';
import { type Lab, type RealServer } from '../../lab/lab.ts';
import { urlsOf } from '../../verify/lab-under-test.ts';
import { type VerifyContext } from '../../verify/readings/observe-parts.ts';
import { answeringBy } from '../../verify/readings/answers.ts';
import { sendDatagrams } from '../../verify/readings/datagrams.ts';
import {
  makeRequests,
  type RequestBatch,
  type RequestResult,
} from '../../verify/readings/request-batch.ts';
import { MOST_OVERLAPPING_BYTES } from '../../verify/readings/request-script.ts';
import { runTask, type TaskReporting } from '../../verify/run-task.ts';
import { type RequestReading } from './readings.ts';

/** A page that is a little longer than the lab's own is still shown for what it is. */
const BEYOND_BYTES = 1024;
/** A lab's own segments answer in milliseconds, a machine that is emulated in some hundred; so is a datagram. */
const CONNECT_SECONDS = 3;
/** The order stays clear, and requests that hang don't add up. */
const EVERY_SECONDS = 0.1;

const REFUSED = 7;
const TIMED_OUT = 28;

/** Requests that were made, or why none could be. */
export type AskedService =
  { readonly batch: RequestBatch } | { readonly batch?: undefined; readonly why: string };

/**
 * Makes requests to the service, each over a new connection, or from a new port.
 * @throws CancelledError
 */
export async function askService(
  client: Connection,
  count: number,
  {
    lab,
    service,
    nonce,
    signal,
    isLarge,
    ...reporting
  }: VerifyContext &
    TaskReporting & {
      readonly lab: Lab;
      readonly service: VirtualService;
      /** Each request fills many packets. */
      readonly isLarge?: true;
    },
): Promise<AskedService> {
  const pages = lab.realServers.map(({ page }) => Buffer.byteLength(page));
  const maxPageBytes = BEYOND_BYTES + Math.max(0, ...pages);
  const order = { count, nonce: nonce(), maxPageBytes };
  const [url, ...moreUrls] = urlsOf(service, nonce());
  const overTcp = {
    ...order,
    ...{ url, moreUrls },
    connectSeconds: CONNECT_SECONDS,
    ...(isLarge !== undefined && { isLarge }),
    ...(maxPageBytes <= MOST_OVERLAPPING_BYTES && { everySeconds: EVERY_SECONDS }),
  };
  return await runTask(
    isLarge === true
      ? `make a large request from ${client.host}`
      : `make ${count} requests from ${client.host}`,
    reporting,
    async (progress) => {
      try {
        const onProgress = (done: number): void => {
          progress(`${done} of ${count}`);
        };
        const options = { onProgress, signal };
        const batch = await (service.protocol === 'udp'
          ? sendDatagrams(client, { ...order, ...service, answerSeconds: CONNECT_SECONDS }, options)
          : makeRequests(client, overTcp, options));
        return { batch };
      } catch (error) {
        if (!(error instanceof LvslabError) || error instanceof CancelledError) throw error;
        progress(error.message);
        return { why: error.message };
      }
    },
  );
}

/** How each request ended, and whose page it was where exactly one server has such a page. */
export function outcomesOf(
  { results }: RequestBatch,
  servers: readonly RealServer[],
  protocol: VirtualService['protocol'],
): RequestReading[] {
  const answering = answeringBy(servers, protocol);
  return results.map((result) => ({
    ...outcomeOf(result, answering),
    ...(result.connectSeconds !== undefined && { seconds: result.connectSeconds }),
  }));
}

function outcomeOf(result: RequestResult, servers: readonly RealServer[]): RequestReading {
  const { exitCode, status, body } = result;
  if (exitCode === REFUSED) return { outcome: 'refused' };
  if (exitCode === TIMED_OUT) return { outcome: 'timed-out' };
  // A page that is too long was cut off by us, and is an answer all the same.
  if (exitCode !== 0 && result.isTooLong !== true) return { outcome: 'other', exitCode };
  if (status >= 400) return { outcome: 'other', status };
  const [server, ...others] = servers.filter(({ page }) => body.trim() === page.trim());
  const isClear = server !== undefined && others.length === 0;
  return { outcome: 'answered', status, ...(isClear && { server: server.name }) };
}
