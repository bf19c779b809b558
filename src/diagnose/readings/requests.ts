import { type Connection } from '../../engine/model/connection.ts';
import { CancelledError, LvslabError } from '../../engine/model/errors.ts';
import { endpoint, type VirtualService } from '../../ipvs/virtual-service.ts';
import { type RealServer } from '../../lab/lab.ts';
import { type VerifyContext } from '../../verify/readings/observe-parts.ts';
import {
  makeRequests,
  type RequestBatch,
  type RequestResult,
} from '../../verify/readings/request-batch.ts';
import { markerQuery } from '../../verify/readings/real-server-state.ts';
import { runTask, type TaskReporting } from '../../verify/run-task.ts';
import { type RequestReading } from './readings.ts';

/** Enough for any page of a lab, and no more of anything else. */
const PAGE_BYTES = 64 * 1024;
/** A lab's own segments answer in milliseconds, a machine that is emulated in some hundred. */
const CONNECT_SECONDS = 3;

const REFUSED = 7;
const TIMED_OUT = 28;

/**
 * Makes requests to the service, each over a new connection; undefined where they could not be made at all.
 * @throws CancelledError
 */
export async function askService(
  client: Connection,
  count: number,
  {
    service,
    nonce,
    signal,
    ...reporting
  }: VerifyContext & TaskReporting & { readonly service: VirtualService },
): Promise<RequestBatch | undefined> {
  const order = {
    url: `http://${endpoint(service)}/${markerQuery(nonce())}`,
    count,
    nonce: nonce(),
    maxPageBytes: PAGE_BYTES,
    connectSeconds: CONNECT_SECONDS,
  };
  return await runTask(
    `make ${count} requests from ${client.host}`,
    reporting,
    async (progress) => {
      try {
        const onProgress = (done: number): void => {
          progress(`${done} of ${count}`);
        };
        return await makeRequests(client, order, { onProgress, signal });
      } catch (error) {
        if (!(error instanceof LvslabError) || error instanceof CancelledError) throw error;
        progress(error.message);
        return undefined;
      }
    },
  );
}

/** How each request ended, and whose page it was where exactly one server has such a page. */
export function outcomesOf(
  { results }: RequestBatch,
  servers: readonly RealServer[],
): RequestReading[] {
  return results.map((result) => ({
    ...outcomeOf(result, servers),
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
