import { type Observed } from '../../engine/model/resource.ts';
import { type ServiceCounters } from '../../ipvs/table/counters.ts';
import {
  type Expectation,
  expectedDistribution,
  type Share,
} from '../../ipvs/distribution/expected-distribution.ts';
import { judgeDistribution } from '../../ipvs/distribution/judge-distribution.ts';
import { leavesRotation } from '../../ipvs/distribution/rotation.ts';
import { endpoint, type VirtualService } from '../../ipvs/virtual-service.ts';
import { type RealServer } from '../../lab/lab.ts';
import { type Mode } from '../../lab/modes/mode.ts';
import { type Answer, countBodies, tallyRequests } from '../readings/answers.ts';
import { describeRequests, explainRequests } from './explain-requests.ts';
import { type RealServerState } from '../readings/real-server-state.ts';
import { type Check, type ServerTally } from '../report.ts';

/** Everything that the three witnesses said about one run of requests. */
export interface Testimony {
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

/** What the witnesses say, server by server. */
export function tallyServers(testimony: Testimony): readonly ServerTally[] {
  const { shares } = expectationOf(testimony);
  return testimony.servers.map((server) => {
    const share = shares.find((candidate) => candidate.server === endpointOf(server));
    const connections = connectionsTo(server, testimony);
    const logged = testimony.states.get(server.name)?.logged;
    return {
      name: server.name,
      address: endpointOf(server),
      weight: server.weight,
      ...(share !== undefined && share.min === share.max ? { expected: share.min } : {}),
      bodies: countBodies(testimony.answers, server.name),
      ...(connections === undefined ? {} : { connections }),
      ...(logged?.kind === 'value' ? { logged: logged.value.length } : {}),
      clientAddresses: logged?.kind === 'value' ? [...new Set(logged.value)] : [],
    };
  });
}

/** Holds the requests against the scheduler's promise, and the witnesses against each other. */
export function judgeTraffic(testimony: Testimony): readonly Check[] {
  const tallies = tallyServers(testimony);
  return [
    judgeRequests(testimony),
    judgeShares(testimony),
    judgeOrder(testimony),
    judgeCounters(testimony, tallies),
    judgeLogs(testimony, tallies),
    judgeClientAddress(testimony, tallies),
  ];
}

/** How many connections IPVS gave to a server between two readings; absent when a reading is missing. */
export function connectionsTo(
  server: RealServer,
  { countersBefore, countersAfter }: Pick<Testimony, 'countersBefore' | 'countersAfter'>,
): number | undefined {
  if (countersBefore.kind !== 'value' || countersAfter.kind !== 'value') return undefined;
  const [before, after] = [countersBefore.value, countersAfter.value].map(({ destinations }) =>
    destinations.find((destination) => endpoint(destination) === endpointOf(server)),
  );
  return before === undefined || after === undefined
    ? undefined
    : after.connections - before.connections;
}

function expectationOf({ service, asked }: Testimony): Expectation {
  return expectedDistribution(service, { connections: asked });
}

/** The endpoints that answered, in order; null where none did. */
function answerers({ answers }: Testimony): readonly (string | null)[] {
  return answers.map((answer) => (answer.kind === 'answered' ? endpointOf(answer.server) : null));
}

function judgeRequests({ asked, answers, mode }: Testimony): Check {
  const tally = tallyRequests(asked, answers);
  return {
    name: 'every request is answered',
    verdict: tally.answered === asked ? 'ok' : 'failed',
    expected: `${asked} answered`,
    actual: describeRequests(tally),
    explanation: explainRequests(tally, answers, mode),
  };
}

function judgeShares(testimony: Testimony): Check {
  const expectation = expectationOf(testimony);
  const verdict = judgeDistribution(expectation, { servers: answerers(testimony) });
  return {
    name: `distribution by ${testimony.service.scheduler}`,
    verdict: verdict.ok ? 'ok' : 'failed',
    expected: expectation.shares.map(describeShare).join(', '),
    actual: verdict.shares.map(({ server, observed }) => `${server} ${observed}`).join(', '),
    explanation: verdict.explanation,
  };
}

function judgeOrder(testimony: Testimony): Check {
  const name = 'order of the answers';
  const { rotation, reason } = expectationOf(testimony);
  if (rotation === undefined) {
    const explanation = `${testimony.service.scheduler} promises no order.`;
    return { name, verdict: 'skipped', expected: 'any', actual: 'not judged', explanation };
  }
  const left = leavesRotation(rotation, answerers(testimony));
  return {
    name,
    verdict: left === undefined && testimony.answers.length > 0 ? 'ok' : 'failed',
    expected: `any ${rotation.length} in a row in proportion`,
    actual: left === undefined ? 'every window is' : `broken at request ${left + 1}`,
    explanation:
      left === undefined
        ? reason
        : `${reason} A request that got no answer, or somebody else's connection to the VIP, breaks the order.`,
  };
}

function judgeCounters(testimony: Testimony, tallies: readonly ServerTally[]): Check {
  const check = judgeWitness({
    name: "IPVS's counters agree with the answers",
    tallies,
    numberOf: ({ connections }) => connections,
    unread: [testimony.countersBefore, testimony.countersAfter].flatMap(reasonOf),
    otherwise:
      'IPVS gave out more or fewer connections than were answered: requests that a real server did not answer, or somebody else uses the VIP at the same time.',
  });
  const { replies, repliesOtherwise } = testimony.mode.traffic;
  const packets = repliesCounted(testimony);
  const isAnswered = testimony.answers.some(({ kind }) => kind === 'answered');
  const asExpected = (packets ?? 0) > 0 === (replies === 'counted');
  if (check.verdict === 'failed' || !isAnswered || asExpected) return check;
  return {
    ...check,
    verdict: 'failed',
    actual: `${check.actual}; OutPkts ${packets ?? 'not read'}`,
    explanation: repliesOtherwise,
  };
}

/** How many packets of replies IPVS counted between two readings; undefined when a reading is missing. */
function repliesCounted({ countersBefore, countersAfter }: Testimony): number | undefined {
  return countersBefore.kind === 'value' && countersAfter.kind === 'value'
    ? countersAfter.value.packetsOut - countersBefore.value.packetsOut
    : undefined;
}

function judgeLogs({ servers, states }: Testimony, tallies: readonly ServerTally[]): Check {
  return judgeWitness({
    name: 'access logs agree with the answers',
    tallies,
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

interface WitnessQuestion {
  readonly name: string;
  readonly tallies: readonly ServerTally[];
  readonly numberOf: (tally: ServerTally) => number | undefined;
  /** Why numbers are missing. */
  readonly unread: readonly string[];
  readonly otherwise: string;
}

function judgeWitness({ name, tallies, numberOf, unread, otherwise }: WitnessQuestion): Check {
  const missing = tallies.some((tally) => numberOf(tally) === undefined);
  const agrees = tallies.every((tally) => numberOf(tally) === tally.bodies);
  const why = unread.length > 0 ? unread.join('; ') : 'a server is missing from it';
  return {
    name,
    verdict: agrees && unread.length === 0 ? 'ok' : 'failed',
    expected: tallies.map((tally) => `${tally.name} ${tally.bodies}`).join(', '),
    actual: tallies.map((tally) => `${tally.name} ${numberOf(tally) ?? 'not read'}`).join(', '),
    explanation: missing ? `This witness could not be heard: ${why}.` : agrees ? '' : otherwise,
  };
}

function judgeClientAddress(
  { clientAddress, mode }: Testimony,
  tallies: readonly ServerTally[],
): Check {
  const seen = [...new Set(tallies.flatMap(({ clientAddresses }) => clientAddresses))];
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

function reasonOf(read: Observed<unknown>): readonly string[] {
  if (read.kind === 'unknown') return [read.reason];
  return read.kind === 'absent' ? ['not there'] : [];
}

function describeShare({ server, min, max }: Share): string {
  return `${server} ${min === max ? min : `${min} to ${max}`}`;
}
