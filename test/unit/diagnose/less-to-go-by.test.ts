import { describe, expect, test } from '@jest/globals';
import { diagnose, type Diagnosis } from '../../../src/diagnose/diagnosis.ts';
import { type Readings } from '../../../src/diagnose/readings/readings.ts';
import { reportOn } from '../../../src/diagnose/report.ts';
import { hostIn, type RuleCase } from '../../support/rules/rule-case.ts';
import { ruleCases } from '../../support/rules/rule-cases.ts';
import { failRequests, sampleReadings } from '../../support/samples/sample-readings.ts';

function made(one: RuleCase): Readings {
  const readings = sampleReadings();
  one.make(readings);
  return readings;
}

describe('less to go by', () => {
  const names = ['client', 'director', 'rs1', 'rs2'];

  test.each(names)('without a reading of %s nothing is called wrong, nor all right', (name) => {
    const readings = sampleReadings();
    readings.hosts = Object.fromEntries(
      Object.entries(readings.hosts).filter(([host]) => host !== name),
    );
    readings.unreachable = { [name]: 'connection refused' };
    const { causes, verdict } = diagnose(readings);
    expect({ causes, verdict }).toEqual({ causes: [], verdict: 'not told' });
  });

  test.each(ruleCases.map((one) => [`${one.id}, ${one.name}`, one] as const))(
    '%s: readings with holes in them name nothing else',
    (_, one) => {
      for (const host of names) {
        for (const field of Object.keys(sampleReadings().hosts[host] ?? {})) {
          const readings = made(one);
          const reading = readings.hosts[host] ?? {};
          readings.hosts[host] = Object.fromEntries(
            Object.entries(reading).filter(([name]) => name !== field),
          );
          const ids = diagnose(readings).causes.map(({ id }) => id);
          expect({ host, field, others: ids.filter((id) => id !== one.id) }).toEqual({
            host,
            field,
            others: [],
          });
        }
      }
    },
  );

  test.each(ruleCases.map((one) => [`${one.id}, ${one.name}`, one] as const))(
    '%s: a lab is not healthy where a hole in the readings hides it',
    (_, one) => {
      for (const host of names) {
        for (const field of Object.keys(sampleReadings().hosts[host] ?? {})) {
          const readings = made(one);
          readings.hosts[host] = Object.fromEntries(
            Object.entries(readings.hosts[host] ?? {}).filter(([name]) => name !== field),
          );
          const { verdict } = diagnose(readings);
          expect({ host, field, isHealthy: verdict === 'healthy' }).toEqual({
            host,
            field,
            isHealthy: false,
          });
        }
      }
    },
  );

  test.each<[string, string, Diagnosis['verdict']]>([
    ['director', 'ipvs table', 'not told'],
    ['director', 'settings', 'not told'],
    ['director', 'filters', 'not told'],
    ['rs2', 'units', 'not told'],
    ['rs1', 'way to 192.168.4.132', 'not told'],
    ['client', 'units', 'healthy'],
  ])('%s: %s could not be read', (host, part, expected) => {
    const readings = sampleReadings();
    readings.unread = { [host]: { [part]: 'Permission denied' } };
    const { verdict, unread, next } = reportOn(readings);
    expect({ verdict, host: unread[0]?.host, why: unread[0]?.why }).toEqual({
      verdict: expected,
      host,
      why: 'Permission denied',
    });
    expect(unread[0]?.commands).toHaveLength(1);
    expect(next === '').toBe(expected === 'healthy');
  });

  test('what was hidden is told with its ids, and parts with one reason are one', () => {
    const readings = sampleReadings();
    delete hostIn(readings, 'director').settings;
    delete hostIn(readings, 'director').bootSettings;
    const why = 'cut off';
    readings.unread = { director: { settings: why, 'boot settings': why, kernel: 'other' } };
    const { unread, next } = reportOn(readings);
    expect(unread.map(({ parts }) => parts.length)).toEqual([2, 1]);
    expect(next).toContain('L03, L17, L26');
  });

  /** What hosts lack now and then, and no cause is hidden by where requests are answered. */
  test.each<[string, (readings: Readings) => void]>([
    ['a director without curl', (readings) => delete hostIn(readings, 'director').reached],
    [
      'a client that has none of the programs',
      (readings) => {
        readings.hosts['client'] = {};
        readings.unread = { client: { addresses: 'ip: not found', neighbours: 'ip: not found' } };
      },
    ],
    [
      'pages that tell nothing of their servers, and no client in the inventory',
      (readings) => {
        delete readings.lab.client.address;
        for (const result of readings.requests?.results ?? []) delete result.server;
      },
    ],
  ])('healthy all the same: %s', (_, make) => {
    const readings = sampleReadings();
    make(readings);
    const { verdict, notTold } = diagnose(readings);
    expect({ verdict, notTold }).toEqual({ verdict: 'healthy', notTold: [] });
  });

  test('requests that fail for no reason that is known are unnamed', () => {
    const readings = sampleReadings();
    failRequests(readings, 'timed-out');
    expect(diagnose(readings).verdict).toBe('unnamed');
  });

  test('what only a boot brings does not explain requests that fail now', () => {
    const [boot] = ruleCases.filter(({ id }) => id === 'L12');
    const readings = boot === undefined ? sampleReadings() : made(boot);
    failRequests(readings, 'timed-out');
    expect(diagnose(readings).verdict).toBe('unnamed');
  });

  test('without requests nothing is healthy', () => {
    const readings = sampleReadings();
    delete readings.requests;
    expect(diagnose(readings).verdict).toBe('not told');
  });
});

describe('an inventory that is too short for a change', () => {
  const short = (id: string, more: (readings: Readings) => void = () => undefined) => {
    const readings = sampleReadings();
    ruleCases.find((one) => one.id === id)?.make(readings);
    more(readings);
    const long = reportOn(readings);
    readings.lab.isShort = true;
    return { long, short: reportOn(readings) };
  };

  test('is given to no command that changes hosts', () => {
    const both = short('L03');
    expect(both.long.causes.map(({ byLvslab }) => byLvslab)).toEqual([
      '`lvslab apply --limit director`',
    ]);
    expect(both.short.causes.map(({ id, byLvslab }) => ({ id, byLvslab }))).toEqual([
      { id: 'L03' },
    ]);
    expect(both.short.next).not.toContain('apply');
  });

  test('nor to one that judges what it does not say', () => {
    const both = short('none', (readings) => {
      failRequests(readings, 'timed-out');
    });
    expect(both.long.next).toContain('lvslab verify');
    expect(both.short.verdict).toBe('unnamed');
    expect(both.short.next).not.toContain('verify');
  });
});
