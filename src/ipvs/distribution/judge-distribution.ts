import { type Expectation, type Share } from './expected-distribution.ts';
import { leavesRotation, type Rotation } from './rotation.ts';

/** Who answered, connection by connection: 'ADDRESS:PORT', or null where no server did. */
export interface Observation {
  readonly servers: readonly (string | null)[];
  /** The list is in the order in which the connections were made; without it only the numbers are judged. */
  readonly inOrder?: true;
}

interface ShareVerdict extends Share {
  readonly observed: number;
  readonly ok: boolean;
}

/** Whether an observation is what was expected, with everything that isn't. */
export interface DistributionVerdict {
  readonly ok: boolean;
  readonly shares: readonly ShareVerdict[];
  /** One sentence each; [] when all is as expected. */
  readonly problems: readonly string[];
  /** The verdict in two or three sentences. */
  readonly explanation: string;
}

/** Holds what was seen against what was expected. */
export function judgeDistribution(
  expectation: Expectation,
  { servers, inOrder }: Observation,
): DistributionVerdict {
  const counts = countEach(servers);
  const shares = expectation.shares.map((share) => {
    const observed = counts.get(share.server) ?? 0;
    return { ...share, observed, ok: observed >= share.min && observed <= share.max };
  });
  const problems = [
    ...countProblems(expectation, servers, counts),
    ...shares.filter(({ ok }) => !ok).map(shareProblem),
    ...oneServerProblems(expectation, shares),
    ...(inOrder === true && expectation.rotation !== undefined
      ? orderProblems(expectation.rotation, servers)
      : []),
  ];
  return {
    ok: problems.length === 0,
    shares,
    problems,
    explanation: [
      expectation.reason,
      ...(problems.length > 0
        ? problems
        : [`Seen: ${shares.map(describe).join(', ')}, as expected.`]),
    ].join(' '),
  };
}

function countEach(servers: readonly (string | null)[]): ReadonlyMap<string | null, number> {
  const counts = new Map<string | null, number>();
  for (const server of servers) counts.set(server, (counts.get(server) ?? 0) + 1);
  return counts;
}

function countProblems(
  { connections, shares }: Expectation,
  servers: readonly (string | null)[],
  counts: ReadonlyMap<string | null, number>,
): readonly string[] {
  const known = new Set<string | null>([null, ...shares.map(({ server }) => server)]);
  const unanswered = counts.get(null) ?? 0;
  const strangers = [...counts].filter(([server]) => !known.has(server));
  return [
    ...(servers.length === connections
      ? []
      : [`${servers.length} connections were made instead of ${connections}.`]),
    ...(unanswered === 0
      ? []
      : [`${unanswered} of ${servers.length} connections reached no server.`]),
    ...strangers.map(
      ([server, count]) =>
        `${count} went to ${String(server)}, which is no server of this service.`,
    ),
  ];
}

function shareProblem({ server, weight, observed, min, max }: ShareVerdict): string {
  if (weight === 0) return `${server} got ${observed} although its weight is 0.`;
  return `${server} got ${observed} instead of ${min === max ? min : `${min} to ${max}`}.`;
}

function oneServerProblems(
  { allOnOne }: Expectation,
  shares: readonly ShareVerdict[],
): readonly string[] {
  const used = shares.filter(({ observed }) => observed > 0);
  if (allOnOne !== true || used.length <= 1) return [];
  return [`All should be on one server, but ${used.map(describe).join(', ')}.`];
}

function orderProblems(rotation: Rotation, servers: readonly (string | null)[]): readonly string[] {
  const index = leavesRotation(rotation, servers);
  if (index === undefined) return [];
  const first = Math.max(0, index - rotation.length + 1);
  const seen = servers.slice(first, index + 1).map((server) => server ?? 'none');
  return [
    `The order is broken at connection ${index + 1}: connections ${first + 1} to ${index + 1} went to ${seen.join(', ')}.`,
  ];
}

function describe({ server, observed }: ShareVerdict): string {
  return `${server} ${observed}`;
}
