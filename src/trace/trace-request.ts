import { type Connection } from '../engine/model/connection.ts';
import { CancelledError, LvslabError } from '../engine/model/failures/errors.ts';
import { type LabUnderTest, requestVip } from '../verify/lab-under-test.ts';
import { type Answer, readAnswers } from '../verify/readings/answers.ts';
import { runTask } from '../verify/run-task.ts';
import { type CaptureOrder, type Capturing, type NicCapture } from './capture/capture.ts';
import { captureOnHost } from './capture/start-capture.ts';
import { judgeTrace } from './judge-trace.ts';
import { addressRoles } from './path/address-roles.ts';
import { type TraceAnswer, type TraceReport } from './report.ts';

/** Captures that have begun, and where none could begin. */
export interface BegunCaptures {
  readonly capturing: readonly Capturing[];
  /** Whether one machine captures all of it. */
  readonly sharesClock: boolean;
  readonly unheard: TraceReport['unheard'];
}

/** Begins to capture wherever the lab's packets pass. */
export type BeginCaptures = (order: CaptureOrder) => Promise<BegunCaptures>;

/** A report, and the captures that it was made from. */
export interface Trace {
  readonly report: TraceReport;
  readonly captures: readonly NicCapture[];
}

/** Below the ports that kernels choose by themselves, so that nothing else has them by chance. */
const PORTS = { first: 10_000, count: 20_000 };
/** Should one of them be in use, curl takes the next. */
const SPARE_PORTS = 4;

/**
 * Makes one request to the VIP, sees its packets on every NIC that is listened to, and joins them to their paths.
 * @throws CancelledError, and what makes captures or the request itself impossible; everything else is in the report.
 */
export async function traceRequest(test: LabUnderTest, begin: BeginCaptures): Promise<Trace> {
  const { lab, service, client, nonce, signal } = test;
  const first = PORTS.first + ((Number.parseInt(nonce().slice(0, 6), 16) || 0) % PORTS.count);
  const ports = { first, last: first + SPARE_PORTS };
  const begun = await runTask('listen on every NIC', test, () =>
    begin({ ports, nonce: nonce(), signal }),
  );
  const stop = () => runTask('read what was seen', test, () => stopAll(begun.capturing));
  const order = { count: 1, marker: nonce(), task: 'request once', ports };
  const batch = await requestVip(test, order).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const captures = await stop();
  const answers = readAnswers(batch, lab.realServers);
  const report = judgeTrace({
    ...{ captures, ports, service, client: client.host },
    ...{ sharesClock: begun.sharesClock, unheard: begun.unheard },
    servers: new Map(lab.realServers.map(({ name, port }) => [name, port])),
    rolesOf: (clientAddress) => addressRoles(lab, service, clientAddress),
    answer: traceAnswer(answers[0]),
    mode: lab.mode.title,
  });
  return { report, captures };
}

/**
 * Begins to capture on hosts, with their own tcpdump; where that can't be done, the trace does without the host.
 * @throws what went wrong on the first host when it can be done on none; CancelledError.
 */
export async function captureOnHosts(
  hosts: readonly Connection[],
  order: CaptureOrder,
): Promise<BegunCaptures> {
  const outcomes = await Promise.all(
    hosts.map(async (connection) => {
      try {
        return { connection, capturing: await captureOnHost(connection, order) };
      } catch (error) {
        if (error instanceof LvslabError) return { connection, error };
        throw error;
      }
    }),
  );
  const capturing = outcomes.flatMap((outcome) => outcome.capturing ?? []);
  const failures = outcomes.flatMap(({ connection, error }) =>
    error === undefined ? [] : [{ host: connection.host, error }],
  );
  const stop = failures.find(({ error }) => error instanceof CancelledError) ?? failures[0];
  if (stop !== undefined && (capturing.length === 0 || stop.error instanceof CancelledError)) {
    await Promise.allSettled(capturing.map((one) => one.stop()));
    throw stop.error;
  }
  return {
    capturing,
    sharesClock: false,
    unheard: failures.map(({ host, error }) => ({ host, reason: error.message })),
  };
}

/** All of them are ended, also where one fails. */
async function stopAll(capturing: readonly Capturing[]): Promise<readonly NicCapture[]> {
  const outcomes = await Promise.allSettled(capturing.map((one) => one.stop()));
  return outcomes.flatMap((outcome) => {
    if (outcome.status === 'fulfilled') return outcome.value;
    throw outcome.reason;
  });
}

function traceAnswer(answer: Answer | undefined): TraceAnswer {
  if (answer === undefined) return { kind: 'strange', what: 'none' };
  return answer.kind === 'answered' ? { kind: 'answered', server: answer.server.name } : answer;
}
