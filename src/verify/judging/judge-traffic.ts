import { type Observed } from '../../engine/model/resource.ts';
import { type ServiceCounters } from '../../ipvs/table/counters.ts';
import {
  type Expectation,
  expectedDistribution,
  type Share,
} from '../../ipvs/distribution/expected-distribution.ts';
import { judgeDistribution } from '../../ipvs/distribution/judge-distribution.ts';
import { leavesRotation } from '../../ipvs/distribution/rotation.ts';
import {
  endpoint,
  portsOf,
  type VirtualService,
  withAskedPorts,
} from '../../ipvs/virtual-service.ts';
import { type RealServer } from '../../lab/lab.ts';
import { type Mode } from '../../lab/modes/mode.ts';
import { type Answer, countBodies, countRequests, describeStrange } from '../readings/answers.ts';
import { type RealServerState } from '../readings/real-server-state.ts';
import { type Check, describeRequests, type PassedTraffic, type ServerCounts } from '../report.ts';

/** Everything that the three sources say of one series of requests. */
export interface Evidence {
  readonly mode: Mode;
  readonly service: VirtualService;
  readonly servers: readonly RealServer[];
  readonly asked: number;
  readonly answers: readonly Answer[];
  /** Absent when it is in no inventory and no request got as far as a connection. */
  readonly clientAddress: string | undefined;
  readonly countersBefore: Observed<ServiceCounters>;
  readonly countersAfter: Observed<ServiceCounters>;
  /** By the real server's name. */
  readonly states: ReadonlyMap<string, RealServerState>;
}

/** IPVS's name for a real server: its RIP and port. */
export function endpointOf({ nic, port }: RealServer): string {
  return endpoint({ address: nic.address, port });
}

/** What the sources count, server by server. */
export function countServers(evidence: Evidence): readonly ServerCounts[] {
  const { shares } = expectationOf(evidence);
  return evidence.servers.map((server) => {
    const share = shares.find((candidate) => candidate.server === endpointOf(server));
    const connections = connectionsTo(server, evidence);
    const logged = evidence.states.get(server.name)?.logged;
    return {
      name: server.name,
      address: endpointOf(server),
      weight: server.weight,
      ...(share !== undefined && share.min === share.max ? { expected: share.min } : {}),
      bodies: countBodies(evidence.answers, server.name),
      ...(connections === undefined ? {} : { connections }),
      ...(logged?.kind === 'value' ? { logged: logged.value.length } : {}),
      clientAddresses: logged?.kind === 'value' ? [...new Set(logged.value)] : [],
    };
  });
}

/** Holds the requests against the scheduler's promise, and the sources against each other. */
export function judgeTraffic(evidence: Evidence): readonly Check[] {
  const counts = countServers(evidence);
  return [
    judgeRequests(evidence),
    judgeShares(evidence),
    judgeOrder(evidence),
    judgeCounters(evidence, counts),
    judgeLogs(evidence, counts),
    judgeClientAddress(evidence, counts),
    judgeAskedAddress(evidence),
  ];
}

/** How many connections IPVS gave to a server between two readings; absent when a reading is missing. */
export function connectionsTo(
  server: RealServer,
  evidence: Pick<Evidence, 'service' | 'countersBefore' | 'countersAfter'>,
): number | undefined {
  const { service, countersBefore, countersAfter } = evidence;
  const name = endpoint({ ...server.nic, port: service.mark === undefined ? server.port : 0 });
  if (countersBefore.kind !== 'value' || countersAfter.kind !== 'value') return undefined;
  const [before, after] = [countersBefore.value, countersAfter.value].map(({ destinations }) =>
    destinations.find((destination) => endpoint(destination) === name),
  );
  return before === undefined || after === undefined
    ? undefined
    : after.connections - before.connections;
}

function expectationOf({ service, asked }: Evidence): Expectation {
  return expectedDistribution(withAskedPorts(service), { connections: asked });
}

/** The endpoints that answered, in order; null where none did. */
function answerers({ answers }: Evidence): readonly (string | null)[] {
  return answers.map((answer) => (answer.kind === 'answered' ? endpointOf(answer.server) : null));
}

function judgeRequests({ service, asked, answers }: Evidence): Check {
  const counts = countRequests(asked, answers);
  return {
    name: 'every request is answered',
    verdict: counts.answered === asked ? 'ok' : 'failed',
    expected: `${asked} answered`,
    actual: describeRequests(counts),
    explanation: [describeStrange(answers), ...unansweredPorts(service, answers)].join(' ').trim(),
  };
}

/** Of a service of several ports, those where requests were not answered; they are asked in turn. */
function unansweredPorts(service: VirtualService, answers: readonly Answer[]): readonly string[] {
  const ports = portsOf(service);
  if (ports.length === 1) return [];
  return ports.flatMap((port, place) => {
    const own = answers.filter((_, i) => i % ports.length === place);
    const lost = own.filter(({ kind }) => kind !== 'answered').length;
    return lost === 0 ? [] : [`Port ${port}: ${lost} of ${own.length} not answered.`];
  });
}

function judgeShares(evidence: Evidence): Check {
  const expectation = expectationOf(evidence);
  const verdict = judgeDistribution(expectation, { servers: answerers(evidence) });
  return {
    name: `distribution by ${evidence.service.scheduler}`,
    verdict: verdict.ok ? 'ok' : 'failed',
    expected: expectation.shares.map(describeShare).join(', '),
    actual: verdict.shares.map(({ server, observed }) => `${server} ${observed}`).join(', '),
    explanation: verdict.explanation,
  };
}

function judgeOrder(evidence: Evidence): Check {
  const name = 'order of the answers';
  const { rotation, reason } = expectationOf(evidence);
  if (rotation === undefined) {
    const explanation = `${evidence.service.scheduler} promises no order.`;
    return { name, verdict: 'skipped', expected: 'any', actual: 'not judged', explanation };
  }
  const left = leavesRotation(rotation, answerers(evidence));
  return {
    name,
    verdict: left === undefined && evidence.answers.length > 0 ? 'ok' : 'failed',
    expected: `any ${rotation.length} in a row in proportion`,
    actual: left === undefined ? 'every window is' : `broken at request ${left + 1}`,
    explanation:
      left === undefined
        ? reason
        : `${reason} A request that got no answer, or somebody else's connection to the VIP, breaks the order.`,
  };
}

function judgeCounters(evidence: Evidence, counts: readonly ServerCounts[]): Check {
  const check = judgeSource({
    name: "IPVS's counters agree with the answers",
    counts,
    numberOf: ({ connections }) => connections,
    unread: [evidence.countersBefore, evidence.countersAfter].flatMap(reasonOf),
    otherwise:
      'IPVS gave out more or fewer connections than were answered: requests that a real server did not answer, or somebody else uses the VIP at the same time.',
  });
  const { replies, repliesOtherwise } = evidence.mode.traffic;
  const packets = passedTraffic(evidence)?.packetsOut;
  const isAnswered = evidence.answers.some(({ kind }) => kind === 'answered');
  const asExpected = (packets ?? 0) > 0 === (replies === 'counted');
  if (check.verdict === 'failed' || !isAnswered || asExpected) return check;
  return {
    ...check,
    verdict: 'failed',
    actual: `${check.actual}; OutPkts ${packets ?? 'not read'}`,
    explanation: repliesOtherwise,
  };
}

/** What passed the director between two readings; undefined when a reading is missing. */
export function passedTraffic({
  countersBefore,
  countersAfter,
}: Pick<Evidence, 'countersBefore' | 'countersAfter'>): PassedTraffic | undefined {
  if (countersBefore.kind !== 'value' || countersAfter.kind !== 'value') return undefined;
  const [before, after] = [countersBefore.value, countersAfter.value];
  return {
    packetsIn: after.packetsIn - before.packetsIn,
    packetsOut: after.packetsOut - before.packetsOut,
    bytesIn: after.bytesIn - before.bytesIn,
    bytesOut: after.bytesOut - before.bytesOut,
  };
}

function judgeLogs({ servers, states }: Evidence, counts: readonly ServerCounts[]): Check {
  return judgeSource({
    name: 'access logs agree with the answers',
    counts,
    numberOf: ({ logged }) => logged,
    unread: servers.flatMap(({ name }) => {
      const logged = states.get(name)?.logged;
      return logged === undefined
        ? [`${name}: not read`]
        : reasonOf(logged).map((reason) => `${name}: ${reason}`);
    }),
    otherwise:
      'The requests of this run are counted by a marker in their query; a log that lacks some means that another program answered, or that the nginx there logs elsewhere.',
  });
}

interface SourceCheck {
  readonly name: string;
  readonly counts: readonly ServerCounts[];
  readonly numberOf: (server: ServerCounts) => number | undefined;
  /** Why numbers are missing. */
  readonly unread: readonly string[];
  readonly otherwise: string;
}

function judgeSource({ name, counts, numberOf, unread, otherwise }: SourceCheck): Check {
  const missing = counts.some((server) => numberOf(server) === undefined);
  const agrees = counts.every((server) => numberOf(server) === server.bodies);
  const why = unread.length > 0 ? unread.join('; ') : 'a server is missing from it';
  return {
    name,
    verdict: agrees && unread.length === 0 ? 'ok' : 'failed',
    expected: counts.map(({ name: server, bodies }) => `${server} ${bodies}`).join(', '),
    actual: counts.map((server) => `${server.name} ${numberOf(server) ?? 'not read'}`).join(', '),
    explanation: missing ? `This source could not be read: ${why}.` : agrees ? '' : otherwise,
  };
}

function judgeClientAddress(
  { clientAddress, mode }: Evidence,
  counts: readonly ServerCounts[],
): Check {
  const seen = [...new Set(counts.flatMap(({ clientAddresses }) => clientAddresses))];
  const onlyTheClient = seen.length === 1 && seen[0] === clientAddress;
  return {
    name: "access logs show the client's address",
    verdict: onlyTheClient ? 'ok' : 'failed',
    expected: clientAddress ?? 'not known: no connection came about',
    actual: seen.join(', ') || 'none',
    explanation:
      onlyTheClient || seen.length === 0
        ? ''
        : `${mode.title} leaves the source address alone. Another one means a second translation on the way: masquerading or a proxy between the client and the VIP, or on the director.`,
  };
}

/** Whether the real servers were asked at the address that the mode leads to: it tells the modes apart on them. */
function judgeAskedAddress({ mode, service, servers, states, answers }: Evidence): Check {
  const name = 'access logs show the address that was asked';
  const wanted = servers.map((server) => {
    const { address } = mode.askedAt === 'vip' ? service : server.nic;
    const ports = service.mark === undefined ? [server.port] : portsOf(service);
    return ports.map((port) => endpoint({ address, port }));
  });
  const expected = [...new Set(wanted.flat())].join(', ');
  const logs = servers.map(({ name: server }) => states.get(server)?.asked);
  const seen = logs.flatMap((log) => (log?.kind === 'value' ? [...new Set(log.value)] : []));
  const isAnswered = answers.some(({ kind }) => kind === 'answered');
  if (isAnswered && seen.length === 0) {
    return {
      ...{ name, verdict: 'skipped', expected, actual: 'not told' },
      explanation:
        "nginx's log does not tell it: its configuration was written by an earlier version. Run apply.",
    };
  }
  const isRight = logs.every(
    (log, i) =>
      log?.kind === 'value' && log.value.every((asked) => wanted[i]?.includes(asked) === true),
  );
  return {
    name,
    verdict: isRight && seen.length > 0 ? 'ok' : 'failed',
    expected,
    actual: [...new Set(seen)].join(', ') || 'none',
    explanation: isRight
      ? ''
      : `In ${mode.title} a real server is asked at ${mode.askedAt === 'vip' ? 'the VIP' : 'its RIP'}: the director's table has another forwarding method, or somebody asked past it.`,
  };
}

function reasonOf(read: Observed<unknown>): readonly string[] {
  if (read.kind === 'unknown') return [read.reason];
  return read.kind === 'absent' ? ['not there'] : [];
}

function describeShare({ server, min, max }: Share): string {
  return `${server} ${min === max ? min : `${min} to ${max}`}`;
}
