import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { type Observed, unknown, value } from '../../../src/engine/model/resource.ts';
import { readingOf } from '../../../src/diagnose/readings/parse/parse-host.ts';
import { readings as schema } from '../../../src/diagnose/readings/readings.ts';
import { reportOn } from '../../../src/diagnose/report.ts';
import { hostileText } from '../../support/hostile-input.ts';
import { sampleReadings } from '../../support/samples/sample-readings.ts';

const { service } = sampleReadings().lab;

describe('what could not be read', () => {
  const given = (parts: Readonly<Record<string, Observed<string>>>): ReturnType<typeof readingOf> =>
    readingOf({ before: new Map(), after: new Map(Object.entries(parts)) }, service);

  test.each<[string, Observed<string>, string]>([
    ['settings', unknown('Permission denied'), 'Permission denied'],
    ['settings', value('grep: not found\n'), 'no such thing'],
    ['units', value(''), 'no such thing'],
    ['addresses', value('ip: command not found\n'), 'no such thing'],
    ['way to 192.168.4.132', unknown('ip: not found'), 'ip: not found'],
    ['kernel', value('x'.repeat(5000)), 'no such thing'],
    ['ipvs support', value('perhaps\n'), 'no such thing'],
    ['counters', unknown('e'.repeat(9000)), 'eee'],
  ])('%s is told with its reason', (part, printed, reason) => {
    const { unread } = given({ [part]: printed });
    expect(unread).toEqual({ [part]: expect.stringContaining(reason) });
    expect(unread[part]?.length).toBeLessThan(300);
  });

  test.each<[string, string]>([
    ['neighbours', ''],
    ['keepalived', ''],
    ['requests', ''],
    ['filters', 'none\n'],
    ['boot settings', ''],
    ['way to 192.168.4.132', 'RTNETLINK answers: Network is unreachable\n'],
  ])('%s may be empty', (part, printed) => {
    expect(given({ [part]: value(printed) }).unread).toEqual({});
  });
});

test('whatever hosts say, they are judged, and nothing is thrown', () => {
  const names = [
    ...['counters', 'filters', 'ipvs counters', 'addresses', 'links', 'default routes'],
    ...['neighbours', 'way to 192.168.4.132', 'settings', 'boot settings', 'sockets', 'units'],
    ...['kernel', 'journal', 'ipvs support', 'ipvs table', 'ipvs connections', 'ipvs at boot'],
    ...['keepalived', 'requests', 'udp sockets'],
  ];
  const printed = fc
    .array(hostileText, { minLength: names.length, maxLength: names.length })
    .map(
      (texts) => new Map(names.map((name, i) => [name, value(texts[i] ?? '') as Observed<string>])),
    );
  fc.assert(
    fc.property(
      printed,
      printed,
      fc.constantFrom('loaded', 'loadable', ''),
      (before, after, support) => {
        after.set('ipvs support', value(support));
        const hosts = readingOf({ before, after }, { ...service }).reading;
        const readings = sampleReadings();
        readings.hosts = { client: hosts, director: hosts, rs1: hosts, rs2: hosts };
        expect(schema.safeParse(readings).error).toBeUndefined();
        expect(reportOn(readings).service).toBe('192.168.4.133:80 wrr');
      },
    ),
  );
});
