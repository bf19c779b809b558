import { type Observed } from '../../engine/model/resource.ts';
import { type ServiceCounters } from '../../ipvs/table/counters.ts';
import {
  type Expectation,
  expectedDistribution,
} from '../../ipvs/distribution/expected-distribution.ts';
import { judgeDistribution } from '../../ipvs/distribution/judge-distribution.ts';
import { type VirtualService, withAskedPorts } from '../../ipvs/virtual-service.ts';
import { type RealServer } from '../../lab/lab.ts';
import { type Answer, countBodies, countRequests, describeStrange } from '../readings/answers.ts';
import { connectionsTo, endpointOf } from './judge-traffic.ts';
import { type Check, describeRequests, type DrillServer } from '../report.ts';

/** What was seen while certain real servers were stopped. */
export interface PhaseEvidence {
  readonly service: VirtualService;
  readonly servers: readonly RealServer[];
  /** Inventory names. */
  readonly stopped: readonly string[];
  readonly asked: number;
  readonly answers: readonly Answer[];
  readonly countersBefore: Observed<ServiceCounters>;
  readonly countersAfter: Observed<ServiceCounters>;
}

/** How the stopped servers are called where their refusals are judged together: a refusal doesn't tell whose it is. */
const STOPPED = 'the stopped servers';

/** What became of each real server's connections. */
export function describeServers(evidence: PhaseEvidence): readonly DrillServer[] {
  return evidence.servers.map((server) => {
    const connections = connectionsTo(server, evidence);
    return {
      name: server.name,
      running: !evidence.stopped.includes(server.name),
      bodies: countBodies(evidence.answers, server.name),
      ...(connections === undefined ? {} : { connections }),
    };
  });
}

/** IPVS goes on as before: the stopped servers' connections are refused, all others are answered. */
export function judgePhase(evidence: PhaseEvidence): readonly Check[] {
  const allStopped = evidence.servers.every(
    ({ name, weight }) => weight === 0 || evidence.stopped.includes(name),
  );
  return [
    judgeShares(evidence),
    judgeConnections(evidence, describeServers(evidence)),
    ...(allStopped ? [judgeNoTakeover(evidence)] : []),
  ];
}

function judgeShares(evidence: PhaseEvidence): Check {
  const { service, stopped, asked, answers } = evidence;
  const expectation = withStopped(
    expectedDistribution(withAskedPorts(service), { connections: asked }),
    evidence,
  );
  const servers = answers.map((answer) => {
    if (answer.kind === 'answered') return endpointOf(answer.server);
    return answer.kind === 'refused' && stopped.length > 0 ? STOPPED : null;
  });
  const { ok, shares, explanation } = judgeDistribution(expectation, { servers, inOrder: true });
  const otherwise = ok
    ? ''
    : ` ${describeRequests(countRequests(asked, answers))}. ${describeStrange(answers)}`.trimEnd();
  return {
    name:
      stopped.length === 0 ? 'every server gets its share' : 'the share of the stopped is refused',
    verdict: ok ? 'ok' : 'failed',
    expected: shares
      .map(({ server, min, max }) => `${server} ${min === max ? min : `${min} to ${max}`}`)
      .join(', '),
    actual: shares.map(({ server, observed }) => `${server} ${observed}`).join(', '),
    explanation: `${explanation}${otherwise}`,
  };
}

/** The expectation with the stopped servers taken together as one. */
function withStopped(
  expectation: Expectation,
  { servers, stopped, asked }: PhaseEvidence,
): Expectation {
  const names = new Set(servers.filter(({ name }) => stopped.includes(name)).map(endpointOf));
  if (names.size === 0) return expectation;
  const { rotation, allOnOne } = expectation;
  // A refused connection is forgotten sooner than an answered one, so a scheduler that counts connections favours the
  // dead server, by how much can't be told.
  const countsOnly = rotation === undefined && allOnOne !== true;
  const shares = expectation.shares.map((share) =>
    countsOnly ? { ...share, min: 0, max: asked } : share,
  );
  const down = shares.filter(({ server }) => names.has(server));
  const sum = (part: 'weight' | 'min' | 'max') =>
    down.reduce((total, share) => total + share[part], 0);
  return {
    ...expectation,
    shares: [
      ...shares.filter(({ server }) => !names.has(server)),
      { server: STOPPED, weight: sum('weight'), min: sum('min'), max: Math.min(sum('max'), asked) },
    ],
    ...(rotation === undefined
      ? {}
      : {
          rotation: {
            length: rotation.length,
            shares: new Map([
              ...[...rotation.shares].filter(([server]) => !names.has(server)),
              [
                STOPPED,
                [...names].reduce((total, name) => total + (rotation.shares.get(name) ?? 0), 0),
              ],
            ]),
          },
        }),
  };
}

/** The exact statement for any scheduler: what IPVS gave to a stopped server was refused, all else was answered. */
function judgeConnections({ answers }: PhaseEvidence, servers: readonly DrillServer[]): Check {
  const refused = answers.filter(({ kind }) => kind === 'refused').length;
  const down = servers.filter(({ running }) => !running);
  const up = servers.filter(({ running }) => running);
  const isCounted = servers.every(({ connections }) => connections !== undefined);
  const given = down.reduce((sum, { connections = 0 }) => sum + connections, 0);
  const agrees = given === refused && up.every(({ connections, bodies }) => connections === bodies);
  return {
    name: 'IPVS gives out connections regardless',
    verdict: isCounted && agrees ? 'ok' : 'failed',
    expected: [
      ...up.map(({ name, bodies }) => `${name} ${bodies}`),
      ...(down.length > 0 ? [`${down.map(({ name }) => name).join(' and ')} ${refused}`] : []),
    ].join(', '),
    actual: servers
      .map(({ name, connections }) => `${name} ${connections ?? 'not read'}`)
      .join(', '),
    explanation: isCounted
      ? "By IPVS's counters: it doesn't look whether a server lives, only at its weight."
      : "IPVS's counters could not be read, so it is not known where the connections went.",
  };
}

function judgeNoTakeover({ asked, answers }: PhaseEvidence): Check {
  const counts = countRequests(asked, answers);
  return {
    name: 'the director does not take over',
    verdict: counts.refused === asked ? 'ok' : 'failed',
    expected: `${asked} refused`,
    actual: describeRequests(counts),
    explanation: 'IPVS catches the packets before any web server of the director could see them.',
  };
}
