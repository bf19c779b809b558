import { type Observed, unknown } from '../engine/model/resource.ts';
import { type ServiceCounters } from '../ipvs/table/counters.ts';
import { serviceKey, serviceTitle } from '../ipvs/virtual-service.ts';
import { type Lab } from '../lab/lab.ts';
import { readAnswers, countRequests, describeStrange } from './readings/answers.ts';
import { CountersAtRest } from './readings/counters-at-rest.ts';
import { directorQuestion, restartRules } from './readings/director-state.ts';
import {
  judgeDirector,
  judgeOwners,
  judgeRestart,
  withoutRestart,
  judgeRoute,
  judgeVipOnServer,
} from './judging/judge-hosts.ts';
import {
  judgeTraffic,
  countServers,
  type Evidence,
  passedTraffic,
} from './judging/judge-traffic.ts';
import { type LabUnderTest, requestVip } from './lab-under-test.ts';
import { proveLargeRequest } from './large-request.ts';
import {
  readDatagramLogSize,
  readRealServer,
  type RealServerQuestion,
  type RealServerState,
} from './readings/real-server-state.ts';
import { type Check, describeRequests, overallVerdict, type VerifyReport } from './report.ts';
import { type RequestBatch } from './readings/request-batch.ts';
import { runTask } from './run-task.ts';

/** What to verify, beside the lab. */
export interface VerifyOptions {
  /** How many new connections to make. */
  readonly requests: number;
  /** Also restart the service that loads the rules, and prove that they come back. */
  readonly restart: boolean;
}

/** Enough to see that the VIP works again; the exact distribution was judged before. */
const REQUESTS_AFTER_RESTART = 12;

/**
 * Proves by traffic that the lab does what its inventory says: new connections to the VIP, judged by the answers, by
 * IPVS's counters and by the access logs, which must all agree. Changes nothing, but for the restart if that is asked for.
 * @throws CancelledError, and what makes the requests themselves impossible; everything else is in the report.
 */
export async function verifyLab(
  test: LabUnderTest,
  { requests, restart }: VerifyOptions,
): Promise<VerifyReport> {
  const { lab } = test;
  const { mode } = lab;
  const counters = new CountersAtRest(test.directorHost, test);
  const question = directorQuestion(mode.directorSettings, { keys: keysOf(lab) });
  const atFirst = await runTask('read the director', test, () =>
    counters.readWith(question.scripts),
  );
  const state = question.read(atFirst.outputs);
  const countersBefore = atFirst.counters;
  const { evidence, states } = await gatherEvidence(test, { requests, counters, countersBefore });
  const checks = [
    ...judgeTraffic(evidence),
    ...judgeDirector(test, state),
    ...lab.realServers.flatMap((server) => {
      const own = states.get(server.name);
      return own === undefined
        ? []
        : [judgeRoute(test, server, own), ...judgeVipOnServer(test, server, own)];
    }),
    ...judgeOwners(
      test,
      new Map(
        [...states].map(([name, { vip }]) => [name, vip?.heard ?? unknown('not asked')] as const),
      ),
      state.macs,
    ),
    ...(await proveLargeRequest(test)),
    ...(restart ? await proveRestart(test) : [skippedRestart]),
  ];
  const { service } = test;
  const passed = passedTraffic(evidence);
  return {
    service: `${serviceTitle(service)} ${service.scheduler}`,
    client: test.client.host,
    ...(evidence.clientAddress === undefined ? {} : { clientAddress: evidence.clientAddress }),
    requests: countRequests(evidence.asked, evidence.answers),
    ...(passed !== undefined && { passed }),
    asked: askedAddresses(states),
    waysBack: waysBack(states),
    servers: countServers(evidence),
    checks,
    verdict: overallVerdict(checks),
  };
}

/** The lab's own services: what others have on the director may be beyond what lvslab can read. */
function keysOf({ services }: Lab): ReadonlySet<string> {
  return new Set(services.map(serviceKey));
}

/** Each address once that was asked by what the access logs say. */
function askedAddresses(states: ReadonlyMap<string, RealServerState>): readonly string[] {
  const all = [...states.values()].flatMap(({ asked }) =>
    asked.kind === 'value' ? asked.value : [],
  );
  return [...new Set(all)];
}

function waysBack(states: ReadonlyMap<string, RealServerState>): readonly string[] {
  const all = [...states.values()].map(({ nextHop }) => {
    if (nextHop.kind === 'unknown') return 'not read';
    return nextHop.kind === 'absent' ? 'directly' : `via ${nextHop.value}`;
  });
  return [...new Set(all)];
}

/** Makes the requests and reads all three sources. */
async function gatherEvidence(
  test: LabUnderTest,
  {
    requests,
    counters,
    countersBefore,
  }: {
    readonly requests: number;
    readonly counters: CountersAtRest;
    readonly countersBefore: Observed<ServiceCounters>;
  },
): Promise<{ evidence: Evidence; states: ReadonlyMap<string, RealServerState> }> {
  const { lab, service, nonce } = test;
  const marker = nonce();
  const logSizes = service.protocol === 'tcp' ? undefined : await readLogSizes(test);
  const batch = await requestVip(test, {
    count: requests,
    marker,
    task: `request ${requests} times`,
  });
  const clientAddress = addressOfClient(batch, test);
  const counted =
    countersBefore.kind === 'value'
      ? countersBefore.value.connections + batch.results.length
      : undefined;
  const [countersAfter, states] = await runTask('read counters and logs', test, () =>
    Promise.all([
      counters.read(counted),
      readRealServers(test, { marker, logSizes, clientAddress }),
    ]),
  );
  const answers = readAnswers(batch, lab.realServers, service.protocol);
  return {
    states,
    evidence: {
      mode: lab.mode,
      service,
      servers: lab.realServers,
      asked: requests,
      answers,
      clientAddress,
      countersBefore,
      countersAfter,
      states,
    },
  };
}

async function readRealServers(
  { lab, service, realServers, nonce, signal }: LabUnderTest,
  run: Pick<RealServerQuestion, 'marker' | 'clientAddress'> & {
    /** By server, where the requests carry no marker. */
    readonly logSizes: ReadonlyMap<string, number> | undefined;
  },
): Promise<ReadonlyMap<string, RealServerState>> {
  const { marker, logSizes, clientAddress } = run;
  const states = lab.realServers.map(async (server) => {
    const logSize = logSizes?.get(server.name);
    const question = {
      ...{ server, marker, clientAddress, nonce, signal },
      ...(logSize !== undefined && { logSize }),
      vip:
        lab.mode.vipDevice === undefined
          ? undefined
          : {
              address: service.address,
              device: lab.mode.vipDevice,
              settings: lab.mode.realServerSettings.map(({ key }) => key),
            },
    };
    return [server.name, await readRealServer(realServers.get(server.name), question)] as const;
  });
  return new Map(await Promise.all(states));
}

/** How long the logs of datagrams are before any was sent; what could not be read is taken for empty. */
async function readLogSizes({
  lab,
  realServers,
  nonce,
  signal,
}: LabUnderTest): Promise<ReadonlyMap<string, number>> {
  const sizes = lab.realServers.map(async (server) => {
    const connection = realServers.get(server.name);
    const size =
      connection === undefined
        ? 0
        : await readDatagramLogSize(connection, server, { nonce, signal });
    return [server.name, size] as const;
  });
  return new Map(await Promise.all(sizes));
}

/** The client's own word where its connections came from; the inventory's if none came about. */
function addressOfClient(
  { results }: RequestBatch,
  { lab, client }: LabUnderTest,
): string | undefined {
  const ended = results.find(({ clientAddress }) => clientAddress !== '');
  return ended?.clientAddress ?? lab.clients.find(({ name }) => name === client.host)?.address;
}

async function proveRestart(test: LabUnderTest): Promise<readonly Check[]> {
  const readings = await runTask('restart the service that loads the rules', test, () =>
    restartRules(test.directorHost, { ...test, keys: keysOf(test.lab) }),
  );
  if (readings.unsaved.length > 0) return [withoutRestart(readings)];
  const order = { count: REQUESTS_AFTER_RESTART, marker: test.nonce(), task: 'request again' };
  const answers = readAnswers(
    await requestVip(test, order),
    test.lab.realServers,
    test.service.protocol,
  );
  const counts = countRequests(order.count, answers);
  return [
    judgeRestart(readings),
    {
      name: 'requests are answered after the restart',
      verdict: counts.answered === order.count ? 'ok' : 'failed',
      expected: `${order.count} answered`,
      actual: describeRequests(counts),
      explanation: describeStrange(answers),
    },
  ];
}

const skippedRestart: Check = {
  name: 'rules survive a restart of their service',
  verdict: 'skipped',
  expected: 'the same table',
  actual: 'not tried',
  explanation: 'A restart was not asked for.',
};
