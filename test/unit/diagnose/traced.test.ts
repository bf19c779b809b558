import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../../src/diagnose/diagnosis.ts';
import {
  readings as schema,
  type Readings,
  type TraceReading,
} from '../../../src/diagnose/readings/readings.ts';
import { reportOn } from '../../../src/diagnose/report.ts';
import { renderDiagnosis } from '../../../src/reporters/render/render-diagnosis.ts';
import { hostIn } from '../../support/rules/rule-case.ts';
import { ruleCases } from '../../support/rules/rule-cases.ts';
import { failRequests, sampleReadings } from '../../support/samples/sample-readings.ts';

const look = { width: 100, color: false, verbose: false };

function traced(last: TraceReading['last'], reached: readonly string[]): Readings {
  const readings = sampleReadings();
  failRequests(readings, 'timed-out');
  readings.trace = {
    conclusion: `the ${last?.packet ?? 'SYN'} ended somewhere`,
    isAnswered: false,
    reached: [...reached],
    unheard: [],
    ...(last !== undefined && { last }),
  };
  return readings;
}

const idsOf = (readings: Readings): readonly string[] =>
  diagnose(readings).causes.map(({ id, host }) => `${id} ${host}`);

test('where it was seen last is told, with the readings and without a cause', () => {
  const readings = traced({ packet: 'SYN-ACK', way: 'reply', host: 'director', hasLeft: false }, [
    'director',
    'rs2',
  ]);
  expect(schema.safeParse(readings).error).toBeUndefined();
  const report = reportOn(readings);
  expect(report).toMatchObject({ verdict: 'unnamed', trace: { last: { host: 'director' } } });
  expect(renderDiagnosis(report, look)).toContain('trace  the SYN-ACK ended somewhere');
  expect(report.next).toContain('seen last');
});

test('without a trace, how to take one is told', () => {
  const readings = sampleReadings();
  failRequests(readings, 'timed-out');
  expect(reportOn(readings).next).toContain('`lvslab diagnose --trace`');
});

test('a cause on the host where the packet was lost says so, and no other', () => {
  const readings = traced({ packet: 'SYN-ACK', way: 'reply', host: 'director', hasLeft: false }, [
    'director',
    'rs2',
  ]);
  for (const { make, id } of ruleCases) if (id === 'L03' || id === 'L27') make(readings);
  const { causes } = reportOn(readings);
  expect(causes.map(({ id, lostHere }) => [id, lostHere])).toEqual(
    causes.map(({ id, host }) => [id, id === 'L03' && host === 'director' ? 'SYN-ACK' : undefined]),
  );
  expect(causes.some(({ id }) => id === 'L03')).toBe(true);
});

describe('a rule of the packet filter that does not count', () => {
  const withRule = (rule: string, hook: string, last: TraceReading['last']): Readings => {
    const readings = traced(last, ['director']);
    const filter = [{ chain: `inet filter ${hook}`, hook, rule, verdict: 'drop' as const }];
    Object.assign(hostIn(readings, 'director'), { filtersBefore: filter, filtersAfter: filter });
    return readings;
  };
  const at = { packet: 'SYN', way: 'request', host: 'director', hasLeft: false } as const;
  const back = { packet: 'SYN-ACK', way: 'reply', host: 'director', hasLeft: false } as const;

  test.each<[string, string, string, TraceReading['last'], readonly string[]]>([
    ['stops the request', 'tcp dport 80 drop', 'input', at, ['L04 director']],
    [
      'stops all but a few',
      'type filter hook input priority filter; policy drop;',
      'input',
      at,
      ['L04 director'],
    ],
    ['stops the reply', 'ct state invalid drop', 'forward', back, ['L04 director']],
    ['is about replies, where a request was lost', 'ct state invalid drop', 'forward', at, []],
    ['is about datagrams', 'udp dport 53 drop', 'input', at, []],
    ['is about another address', 'ip daddr 10.0.0.1 drop', 'input', at, []],
    [
      'was passed',
      'tcp dport 80 drop',
      'input',
      { packet: 'SYN', way: 'request', host: 'rs1', hasLeft: false },
      [],
    ],
    ['was passed on', 'tcp dport 80 drop', 'input', { ...at, hasLeft: true }, []],
    ['is not blamed without a trace', 'tcp dport 80 drop', 'input', undefined, []],
  ])('%s', (_, rule, hook, last, ids) => {
    expect(idsOf(withRule(rule, hook, last)).filter((id) => id.startsWith('L04'))).toEqual(ids);
  });

  test.each<[string, (readings: Readings) => void]>([
    [
      'does not forward',
      (readings) => {
        const director = hostIn(readings, 'director');
        director.settings = { ...director.settings, 'net.ipv4.ip_forward': '0' };
      },
    ],
    [
      'drops by rp_filter',
      (readings) => {
        const director = hostIn(readings, 'director');
        director.countersAfter = { ...director.countersAfter, TcpExtIPReversePathFilter: 9 };
      },
    ],
  ])('is not blamed where the director %s', (_, make) => {
    const readings = withRule('tcp dport 80 drop', 'input', at);
    make(readings);
    expect(idsOf(readings)).not.toContain('L04 director');
  });
});

test('a server that hears, got the request and sent nothing back, where the director has no curl', () => {
  const readings = traced({ packet: 'SYN', way: 'request', host: 'rs1', hasLeft: false }, [
    'director',
    'rs1',
  ]);
  delete hostIn(readings, 'director').reached;
  expect(idsOf(readings)).toEqual(['L28 rs1']);
});

test.each([
  ['director', ['director'], ['L10', 'L23']],
  ['rs1', ['director', 'rs1'], ['L10', 'L11', 'L20', 'L22', 'L23']],
  ['nobody', [], []],
])('a request that reached %s rules out what would have kept it from there', (_, reached, ids) => {
  const readings = traced(undefined, reached);
  readings.hosts['director'] = {};
  readings.hosts['client'] = {};
  const ruledOut = diagnose(readings).ruledOut.map(({ id }) => id);
  const before = new Set(['L10', 'L11', 'L20', 'L22', 'L23']);
  expect(ruledOut.filter((id) => before.has(id)).toSorted()).toEqual(ids);
});
