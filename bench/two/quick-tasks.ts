import { type Contestant, interleaved } from '../measure/interleaved.ts';
import { type Measurement } from '../measure/result.ts';
import { ansibles, type Course, realServers } from './contestants.ts';
import { type MissingTools, sessionsOf } from './prepare.ts';

/** What is added to a round trip: nothing, what a far network adds, and enough to count round trips by. */
const DELAYS = [0, 50, 400] as const;

export interface TaskOptions {
  readonly repeats: number;
  readonly missing: MissingTools;
}

/** Nothing to do on two real servers: a plan, and an apply. */
export async function measureGreen(
  course: Course,
  { repeats, missing }: TaskOptions,
): Promise<readonly Measurement[]> {
  const measured: Measurement[] = [];
  for (const delayMs of DELAYS) {
    const contestants = await greenAt(course, delayMs, missing);
    // What a delay adds is no noise: fewer runs tell as much.
    const rounds = delayMs === 0 ? repeats : Math.ceil(repeats / 2);
    const how = { repeats: rounds, warmUp: delayMs === 0, tell: course.tell };
    measured.push(...(await interleaved(contestants, how)));
  }
  return await withProfile(course, await withSessions(course, measured));
}

/** A plan of lvslab's is made once more, under a profiler. */
async function withProfile(
  course: Course,
  measured: readonly Measurement[],
): Promise<readonly Measurement[]> {
  const uses = await course.lvslabProfile(['plan'], await course.lab.inventory(0));
  return measured.map((one) =>
    one.by === 'lvslab' && one.task === 'green plan' && one.delayMs === 0 ? { ...one, uses } : one,
  );
}

async function greenAt(
  course: Course,
  delayMs: number,
  missing: MissingTools,
): Promise<readonly Contestant[]> {
  const inventory = await course.lab.inventory(delayMs);
  const plan = { task: 'green plan', hosts: realServers.length, delayMs };
  const apply = { ...plan, task: 'green apply' };
  const quick: readonly Contestant[] = [
    { ...plan, by: 'lvslab', once: () => course.lvslab(['plan'], inventory) },
    {
      ...{ ...plan, by: 'OpenSSH, lean script' },
      once: () => course.openssh(realServers, { script: course.question, delayMs }),
    },
    { ...plan, by: 'OpenSSH, true', once: () => course.openssh(realServers, { delayMs }) },
  ];
  if (delayMs > 50) return quick;
  const withAnsible = ansibles(missing, (mitogen) => ({
    ...apply,
    once: () => course.ansible('real-servers.yml', inventory, { mitogen }),
  }));
  return [
    ...quick,
    { ...apply, by: 'lvslab', once: () => course.lvslab(['apply', '--yes'], inventory) },
    ...withAnsible,
  ];
}

/** Each who has been measured without a delay does it once more, and the host's own server counts. */
async function withSessions(
  course: Course,
  measured: readonly Measurement[],
): Promise<readonly Measurement[]> {
  const again = await greenAt(course, 0, { ansible: undefined, mitogen: undefined });
  const counted: Measurement[] = [];
  for (const one of measured) {
    const contestant = again.find(({ by, task }) => by === one.by && task === one.task);
    if (one.delayMs !== 0 || one.runs.length === 0 || contestant?.once === undefined) {
      counted.push(one);
      continue;
    }
    const before = await sessionsOf(course.lab, 'rs1');
    await contestant.once();
    // The session that counts is counted as well.
    counted.push({ ...one, sessions: (await sessionsOf(course.lab, 'rs1')) - before - 1 });
  }
  return counted;
}

/** One weight is another than before, in the table of the director and in its file. */
export async function measureWeight(
  course: Course,
  { repeats, missing }: TaskOptions,
): Promise<readonly Measurement[]> {
  const weight = { task: 'changed weight', hosts: 1, delayMs: 0 };
  const contestants: readonly Contestant[] = [
    {
      ...{ ...weight, by: 'lvslab' },
      once: async () =>
        course.lvslabDirector(
          ['apply', '--yes', '--json'],
          await course.changedInventory('weight'),
        ),
    },
    ...ansibles(missing, (mitogen) => ({
      ...weight,
      once: async () =>
        course.ansible('weight.yml', await course.changedInventory('weight'), { mitogen }),
    })),
  ];
  const measured = await interleaved(contestants, {
    ...{ repeats, warmUp: false, tell: course.tell },
  });
  await course.lvslabDirector(['apply', '--yes'], await course.lab.inventory(0));
  return measured;
}

/** The page of each real server is another than before. */
export async function measurePage(
  course: Course,
  { repeats, missing }: TaskOptions,
): Promise<readonly Measurement[]> {
  const page = { task: 'changed page', hosts: realServers.length, delayMs: 0 };
  const contestants: readonly Contestant[] = [
    {
      ...{ ...page, by: 'lvslab' },
      once: async () => course.lvslab(['apply', '--yes'], await course.changedInventory('page')),
    },
    ...ansibles(missing, (mitogen) => ({
      ...page,
      once: async () =>
        course.ansible('real-servers.yml', await course.changedInventory('page'), { mitogen }),
    })),
  ];
  const measured = await interleaved(contestants, { repeats, tell: course.tell });
  await course.lvslab(['apply', '--yes'], await course.lab.inventory(0));
  return measured;
}

const REQUESTS = 300;

/** Proofs by traffic, on the whole lab, beside requests that nobody judges. */
export async function measureProofs(
  course: Course,
  { repeats }: Pick<TaskOptions, 'repeats'>,
): Promise<readonly Measurement[]> {
  const inventory = await course.lab.inventory(0);
  const verify = { task: 'verify', hosts: 4, delayMs: 0 };
  const script = `i=0
while [ "$i" -lt ${REQUESTS} ]; do curl -s -o /dev/null http://192.168.4.133/ || exit 1; i=$((i + 1)); done
`;
  return await interleaved(
    [
      { ...verify, by: 'lvslab', once: () => course.wholeLab(['verify', '--json'], inventory) },
      {
        ...{ ...verify, by: `OpenSSH, ${REQUESTS} times curl`, hosts: 1 },
        once: () => course.openssh(['client'], { script }),
      },
      {
        ...{ ...verify, task: 'drill', by: 'lvslab' },
        once: () => course.wholeLab(['drill', '--json'], inventory),
      },
    ],
    { repeats, warmUp: false, tell: course.tell },
  );
}
