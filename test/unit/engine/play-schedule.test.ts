import { setImmediate as later } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type PlayEnd, PlaySchedule } from '../../../src/engine/apply/play-schedule.ts';
import { type Survey, type SurveyedHost } from '../../../src/engine/apply/survey.ts';
import { ConnectError } from '../../../src/engine/model/failures/errors.ts';

/** A host with its plays, each with how many steps it has. */
function surveyed(
  name: string,
  plays: Readonly<Record<string, number>>,
  more: Partial<SurveyedHost> = {},
): SurveyedHost {
  const planned = Object.entries(plays).map(([play, count]) => ({
    ...{ play, unchanged: 0 },
    steps: Array.from({ length: count }),
  }));
  const known = {
    plays: planned.map(({ play }) => ({ play, resources: [] })),
    plan: { host: name, plays: planned, notices: [] },
  };
  return { name, readOnly: false, ...known, ...more } as unknown as SurveyedHost;
}

/** Runs plays until all have ended, and tells what came when: '+' a beginning, '-' an end, '?' one that was left out. */
async function scheduled(
  hosts: readonly SurveyedHost[],
  {
    after = {},
    failing = {},
    failed = [],
    failures = [],
  }: {
    /** By play. */
    readonly after?: Readonly<Record<string, readonly string[]>>;
    /** By 'host play': why it fails. */
    readonly failing?: Readonly<Record<string, string | Error>>;
    /** Hosts that have failed before. */
    readonly failed?: readonly string[];
    readonly failures?: Survey['failures'];
  } = {},
): Promise<readonly string[]> {
  const told: string[] = [];
  const names = [
    ...new Set(hosts.flatMap(({ plan }) => plan.plays.map(({ play }) => play))),
    ...Object.values(after).flat(),
  ];
  const schedule = new PlaySchedule({
    survey: { hosts, failures },
    playbook: {
      name: 'site',
      plays: names.map((name) => ({
        ...{ name, hosts: 'all', resources: () => [] },
        ...(after[name] && { after: after[name] }),
      })),
    },
    hasFailed: (host) => failed.includes(host),
    run: async ({ name }, { play }): Promise<PlayEnd> => {
      const what = `${name} ${play}`;
      told.push(`+${what}`);
      await later();
      told.push(`-${what}`);
      const reason = failing[what];
      if (reason instanceof Error) throw reason;
      return reason === undefined ? { ok: true } : { ok: false, reason };
    },
    onSkip: ({ name }, { play }, reason) => {
      told.push(`?${name} ${play}: ${reason}`);
    },
  });
  await schedule.runAll(hosts).catch((error: unknown) => {
    told.push(`!${(error as Error).message}`);
  });
  return told;
}

describe('plays', () => {
  test('go side by side on several hosts, and one after the other on one', async () => {
    const hosts = ['rs1', 'rs2'].map((name) => surveyed(name, { nginx: 1, page: 1 }));
    const told = await scheduled(hosts);
    expect(told.slice(0, 2)).toEqual(['+rs1 nginx', '+rs2 nginx']);
    for (const host of ['rs1', 'rs2']) {
      expect(told.filter((line) => line.includes(host))).toEqual(
        ['+_ nginx', '-_ nginx', '+_ page', '-_ page'].map((line) => line.replace('_', host)),
      );
    }
  });

  test('without steps are not begun, and wait for what they come after all the same', async () => {
    const hosts = [
      surveyed('director', { forward: 1, idle: 0 }),
      surveyed('rs1', { idle: 0, gateway: 1 }),
    ];
    expect(await scheduled(hosts, { after: { idle: ['forward'] } })).toEqual([
      ...['+director forward', '-director forward', '+rs1 gateway', '-rs1 gateway'],
    ]);
  });

  test('wait for those that they come after, on all of their hosts', async () => {
    const hosts = [
      surveyed('rs1', { gateway: 1 }),
      surveyed('director', { forward: 1 }),
      surveyed('standby', { forward: 1 }),
    ];
    const told = await scheduled(hosts, { after: { gateway: ['forward'] } });
    expect(told.slice(-2)).toEqual(['+rs1 gateway', '-rs1 gateway']);
    expect(told).toHaveLength(6);
  });

  test('are left out with the reason where one of those has failed, and say so only where they had something to do', async () => {
    const hosts = [
      surveyed('director', { forward: 1, rules: 1 }),
      surveyed('rs1', { gateway: 2, page: 0, probe: 1 }),
    ];
    const told = await scheduled(hosts, {
      after: { gateway: ['forward'], page: ['gateway'] },
      failing: { 'director forward': 'no second NIC' },
    });
    expect(told.slice(0, 2)).toEqual(['+director forward', '-director forward']);
    expect(told.slice(2).sort()).toEqual([
      ...['?director rules: no second NIC', '?rs1 gateway: no second NIC'],
      '?rs1 probe: no second NIC',
    ]);
  });

  test('of a host that has failed before are not begun, and what comes after them is left out', async () => {
    const hosts = [surveyed('director', { forward: 1 }), surveyed('rs1', { gateway: 1 })];
    const after = { gateway: ['forward'] };
    expect(await scheduled(hosts, { after, failed: ['director'] })).toEqual([
      '?rs1 gateway: director failed',
    ]);
  });

  test('of a host that was not even reached count as failed', async () => {
    const error = new ConnectError('no answer');
    const failures = [{ host: 'director', error, plays: ['forward'] }];
    const hosts = [surveyed('rs1', { gateway: 1, page: 1 }), surveyed('rs2', { other: 1 })];
    const told = await scheduled(hosts, { after: { gateway: ['forward'] }, failures });
    expect(told.filter((line) => line.includes('rs1'))).toEqual([
      ...['?rs1 gateway: director failed', '?rs1 page: director failed'],
    ]);
    expect(told.filter((line) => line.includes('rs2'))).toEqual(['+rs2 other', '-rs2 other']);
  });

  test('of a host that may not be changed are never begun: done is what was done already', async () => {
    const director = (steps: number) =>
      surveyed('director', { forward: steps }, { readOnly: true });
    const after = { gateway: ['forward'] };
    const rs1 = surveyed('rs1', { gateway: 1 });
    // That it has failed before is of no matter: what was observed of it counts.
    expect(await scheduled([director(0), rs1], { after, failed: ['director'] })).toEqual([
      ...['+rs1 gateway', '-rs1 gateway'],
    ]);
    expect(await scheduled([director(1), rs1], { after })).toEqual([
      "?rs1 gateway: 'forward' is not done on director, which this run may not change",
    ]);
  });

  test('that break lvslab itself are told when all others have ended', async () => {
    const hosts = ['rs1', 'rs2'].map((name) => surveyed(name, { nginx: 1 }));
    const told = await scheduled(hosts, { failing: { 'rs1 nginx': new Error('a bug') } });
    expect(told).toHaveLength(5);
    expect(told.at(-1)).toBe('!a bug');
  });

  test('each begin once, and never before those that they come after have ended well, whatever fails', async () => {
    const plays = ['p0', 'p1', 'p2', 'p3'];
    const anything = fc.record({
      hosts: fc.array(
        fc.record({ own: fc.subarray(plays), steps: fc.nat(1), readOnly: fc.boolean() }),
        { maxLength: 4 },
      ),
      after: fc.tuple(...plays.map((_, i) => fc.subarray(plays.slice(0, i)))),
      failing: fc.array(fc.tuple(fc.nat(3), fc.constantFrom(...plays))),
      failed: fc.array(fc.nat(3)),
    });
    await fc.assert(
      fc.asyncProperty(anything, async ({ hosts, after, failing, failed }) => {
        const order = Object.fromEntries(plays.map((play, i) => [play, after[i] ?? []]));
        const given = hosts.map(({ own, steps, readOnly }, i) =>
          surveyed(`h${i}`, Object.fromEntries(own.map((play) => [play, steps])), { readOnly }),
        );
        const told = await scheduled(given, {
          after: order,
          failing: Object.fromEntries(failing.map(([host, play]) => [`h${host} ${play}`, 'why'])),
          failed: failed.map((host) => `h${host}`),
        });
        const begun = told.filter((line) => line.startsWith('+'));
        expect(new Set(begun).size).toBe(begun.length);
        const broken = new Set(failing.map(([host, play]) => `h${host} ${play}`));
        for (const line of begun) {
          const [host = '', play = ''] = line.slice(1).split(' ');
          const own = given.find(({ name }) => name === host);
          expect([own?.readOnly, failed.includes(Number(host.slice(1)))]).toEqual([false, false]);
          const needed = given.flatMap(({ name, plan, readOnly }) =>
            plan.plays.flatMap((one) =>
              order[play]?.includes(one.play) === true && one.steps.length > 0 && !readOnly
                ? [`${name} ${one.play}`]
                : [],
            ),
          );
          const before = told.slice(0, told.indexOf(line));
          expect(needed.filter((one) => !before.includes(`-${one}`))).toEqual([]);
          expect(needed.filter((one) => broken.has(one))).toEqual([]);
        }
      }),
    );
  });
});
