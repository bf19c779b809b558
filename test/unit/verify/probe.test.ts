import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeProbe } from '../../../src/verify/probe/judge-probe.ts';
import { ProbeLog } from '../../../src/verify/probe/probe-log.ts';
import { type ProbeReport } from '../../../src/verify/probe/probe-report.ts';
import { probeTables } from '../../../src/verify/probe/probe-tables.ts';

const BEGAN = 1_700_000_000_000_000_000n;

function at(milliseconds: number): string {
  return String(BEGAN + BigInt(Math.round(milliseconds * 1e6)));
}

/** What a probe prints of one request that takes 2 ms. */
function request(index: number, { exit = 0, status = 200, took = 2 } = {}): readonly string[] {
  return [`begun ${index}`, `request ${index} ${at(index * 100 + took)} ${exit} ${status}`];
}

function judge(
  lines: readonly string[],
  marks: Parameters<typeof judgeProbe>[1]['marks'] = [],
): ProbeReport {
  const log = new ProbeLog();
  log.read(`began ${BEGAN}\n${lines.join('\n')}\n`);
  return judgeProbe(log.events, { intervalMs: 100, marks });
}

const ten = Array.from({ length: 10 }, (_, i) => i);

describe('requests', () => {
  test('all answered: the longest gap is the time between two of them', () => {
    const report = judge([...ten.flatMap((i) => request(i)), `ended ${at(905)}`]);
    expect(report).toMatchObject({
      requests: 10,
      answered: 10,
      lost: { refused: 0, timedOut: 0, otherwise: 0 },
      longestGapMs: 100,
      latencyMs: { median: 2, slowest: 2 },
    });
  });

  test('a request counts from its planned start, however late its turn came', () => {
    const lines = ten.flatMap((i) => request(i, i === 4 ? { took: 700 } : {}));
    expect(judge(lines).latencyMs).toEqual({ median: 2, slowest: 700 });
  });

  test('what is refused, times out, is answered with an error, or is never heard of again is lost', () => {
    const lines = [
      ...request(0),
      ...request(1, { exit: 7, status: 0 }),
      ...request(2, { exit: 28, status: 0, took: 5000 }),
      ...request(3, { exit: 0, status: 502 }),
      ...request(4, { exit: 56, status: 0 }),
      'begun 5',
      ...request(6),
    ];
    const report = judge(lines);
    expect(report).toMatchObject({
      requests: 7,
      answered: 2,
      lost: { refused: 1, timedOut: 1, otherwise: 3 },
    });
    expect(report.longestGapMs).toBe(600);
  });

  test('a gap goes on to the end of the last request, and a pause is none', () => {
    const lines = [
      ...request(0),
      `paused ${at(50)}`,
      `resumed ${at(60_000)}`,
      ...request(600),
      ...request(601, { exit: 7 }),
      `ended ${at(61_002)}`,
    ];
    expect(judge(lines).longestGapMs).toBe(198);
  });

  test('are told by what was done meanwhile, with a timeline', () => {
    const lines = ten.flatMap((i) => request(i, i === 5 || i === 6 ? { exit: 7 } : {}));
    const marks = [
      { at: 0, what: 'weights' },
      { at: 450, what: 'stop rs2' },
      { at: 700, what: 'start rs2' },
    ];
    const { periods } = judge([...lines, `ended ${at(1000)}`], marks);
    expect(periods.map(({ what, requests, lost }) => [what, requests, lost])).toEqual([
      ['weights', 5, 0],
      ['stop rs2', 2, 2],
      ['start rs2', 3, 0],
    ]);
    expect(periods[1]?.timeline).toMatch(/^[#_]+$/);
    expect(periods[1]?.longestGapMs).toBe(250);
    expect(periods.map(({ timeline }) => timeline).join('')).toHaveLength(60);
  });
});

describe('connections that are held open', () => {
  test('one that this end finishes is whole, and so is one that is slow for a while', () => {
    const lines = [
      ...[`asked 1 ${at(0)}`, `answered 1 ${at(2)}`, `asked 1 ${at(1000)}`],
      ...[`answered 1 ${at(4700)}`, `finished 1 ${at(5000)}`, `closed 1 ${at(5001)}`],
      `ended ${at(20_000)}`,
    ];
    expect(judge(lines)).toMatchObject({ held: 1, broken: [] });
  });

  test('one that is closed from there, or says nothing more, is broken, once', () => {
    const lines = [
      ...[`asked 1 ${at(0)}`, `answered 1 ${at(2)}`, `closed 1 ${at(900)}`],
      ...[`asked 2 ${at(0)}`, `answered 2 ${at(2)}`, `asked 2 ${at(1000)}`, `asked 2 ${at(2000)}`],
      ...[`asked 2 ${at(7000)}`, `closed 2 ${at(8000)}`],
      ...[`asked 3 ${at(0)}`, `answered 3 ${at(2)}`, `asked 3 ${at(3000)}`],
      `ended ${at(9000)}`,
    ];
    expect(judge(lines)).toMatchObject({
      held: 3,
      broken: [
        { held: 1, at: 900, how: 'closed' },
        { held: 2, at: 1000, how: 'silent' },
        { held: 3, at: 3000, how: 'silent' },
      ],
    });
  });

  test('one that was never answered was not open, and one made anew may break again', () => {
    const lines = [
      ...[`asked 1 ${at(0)}`, `closed 1 ${at(1)}`],
      ...[`asked 2 ${at(0)}`, `answered 2 ${at(2)}`, `closed 2 ${at(10)}`],
      ...[`asked 2 ${at(20)}`, `answered 2 ${at(22)}`, `closed 2 ${at(30)}`],
    ];
    const { held, broken } = judge(lines);
    expect({ held, broken: broken.map((one) => one.at) }).toEqual({ held: 1, broken: [10, 30] });
  });
});

describe('the log', () => {
  test('arrives in any pieces, and what is no line of it is passed over', () => {
    const text = `began ${BEGAN}\nbegun 0\nhello\nrequest 0 ${at(5)} 0 200\nrequest x\nbegun -1\n`;
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
        const log = new ProbeLog();
        const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        for (const [i, place] of places.entries()) log.read(text.slice(place, places[i + 1]));
        expect(log.events).toEqual([
          { type: 'begun', index: 0 },
          { type: 'request', index: 0, at: 5, exitCode: 0, status: 200 },
        ]);
      }),
    );
  });

  test('a host that says whatever it likes makes no trouble', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (pieces) => {
        const log = new ProbeLog();
        for (const piece of pieces) log.read(`${piece}\nasked ${piece} 5\nbegun 9\n`);
        judgeProbe(log.events, { intervalMs: 100, marks: [{ at: -5, what: 'x' }] });
      }),
    );
    expect(judge([])).toMatchObject({ requests: 0, answered: 0, longestGapMs: 0, periods: [] });
  });

  test('the table ends with the whole', () => {
    const report = judge([...request(0), ...request(1, { exit: 7 }), `ended ${at(300)}`]);
    const [table] = probeTables(report, { client: 'client', service: '192.168.4.133:80' });
    expect(table?.title).toBe(
      'Traffic meanwhile: 10 requests a second from client to 192.168.4.133:80',
    );
    expect(table?.rows.at(-1)).toEqual([
      '',
      'all of it',
      2,
      1,
      198,
      '1 refused, 0 of 0 held connections broken',
    ]);
  });
});
