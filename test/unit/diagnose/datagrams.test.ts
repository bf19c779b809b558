import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../../src/diagnose/diagnosis.ts';
import { type HostReading, type Readings } from '../../../src/diagnose/readings/readings.ts';
import { reportOn } from '../../../src/diagnose/report.ts';
import { rules } from '../../../src/diagnose/rules/rules.ts';
import { hostIn, liveIn, savedIn } from '../../support/rules/rule-case.ts';
import { ruleCases } from '../../support/rules/rule-cases.ts';
import { failRequests, sampleReadings } from '../../support/samples/sample-readings.ts';

/** Makes the service one of datagrams: what listened for connections waits for these. */
function overUdp(readings: Readings): Readings {
  const tables = Object.values(readings.hosts).flatMap(({ ipvs }) => [
    ipvs?.table,
    ipvs?.boot?.table,
  ]);
  for (const service of [readings.lab.service, ...tables.flatMap((one) => one?.services ?? [])])
    service.protocol = 'udp';
  for (const host of Object.values(readings.hosts)) {
    if (host.listeners !== undefined) host.udpListeners = host.listeners;
    host.listeners = [{ address: '0.0.0.0', port: 22 }];
    if (host.marks !== undefined)
      host.marks = host.marks.map((one) => one.replace(' tcp ', ' udp '));
    delete host.reached;
  }
  for (const result of readings.requests?.results ?? []) delete result.seconds;
  return readings;
}

const tcpOnly = new Set(rules.flatMap(({ id, protocol }) => (protocol === 'tcp' ? [id] : [])));

test('a service that answers is healthy, and what is of TCP is not looked for', () => {
  const { verdict, causes, notTold, ruledOut } = diagnose(overUdp(sampleReadings()));
  expect({ verdict, causes, notTold }).toEqual({ verdict: 'healthy', causes: [], notTold: [] });
  expect(ruledOut.filter(({ id }) => tcpOnly.has(id))).toEqual([]);
});

// A request of the director's own tells L28 over TCP.
const shared = ruleCases
  .filter(({ id }) => !tcpOnly.has(id) && id !== 'L28')
  .map((one) => [`${one.id}, ${one.name}`, one] as const);

test.each(shared)('%s: is named of datagrams as well', (_, one) => {
  const readings = sampleReadings();
  one.make(readings);
  const { causes } = diagnose(overUdp(readings));
  expect(causes.map(({ id, host }) => `${id} ${host}`)).toEqual(
    one.hosts.map((host) => `${one.id} ${host}`),
  );
});

test('the commands that are shown are those of datagrams', () => {
  const readings = overUdp(sampleReadings());
  for (const name of ['rs1', 'rs2']) hostIn(readings, name).udpListeners = [];
  failRequests(readings, 'refused');
  const typed = reportOn(readings).causes.flatMap(({ proof, mend }) =>
    [...proof, ...mend].map(({ command }) => command),
  );
  expect(typed.join('\n')).toContain("ss -lun 'sport = :80'");
  expect(typed.join('\n')).not.toMatch(/ss -ltn|ipvsadm -\w -t/);
});

test('a web server that runs, and has no such port', () => {
  const readings = overUdp(sampleReadings());
  hostIn(readings, 'rs2').udpListeners = [{ address: '0.0.0.0', port: 68 }];
  failRequests(readings, 'refused', 'rs2');
  const [cause, ...others] = diagnose(readings).causes;
  expect({ id: cause?.id, host: cause?.host, others }).toEqual({
    id: 'L14',
    host: 'rs2',
    others: [],
  });
  expect(cause?.cause).toContain('nginx.service is active');
});

describe('packet filters', () => {
  const filtered = (host: string, rule: string): Readings => {
    const readings = overUdp(sampleReadings());
    const one = { chain: 'ip filter INPUT', hook: 'input', rule, verdict: 'drop' as const };
    hostIn(readings, host).filtersBefore = [{ ...one, packets: 1 }];
    hostIn(readings, host).filtersAfter = [{ ...one, packets: 9 }];
    failRequests(readings, 'timed-out', host === 'director' ? undefined : host);
    return readings;
  };

  test.each([
    ['director', '-p udp -m udp --dport 80 -j DROP', ['L04']],
    ['director', '-j REJECT --reject-with tcp-reset', ['L04']],
    ['director', '-p tcp -m tcp --dport 80 -j DROP', []],
    ['rs1', '-p udp -m udp --dport 80 -j DROP', ['L28']],
    ['rs1', 'udp dport 80 drop', ['L28']],
    ['rs1', '-p tcp -m tcp --dport 22 -j DROP', []],
  ])('of %s: %s', (host, rule, ids) => {
    const { causes, verdict } = diagnose(filtered(host, rule));
    expect(causes.map(({ id }) => id)).toEqual(ids);
    expect(verdict).toBe(ids.length === 0 ? 'unnamed' : 'named');
  });

  test('a rule that stops strangers is no cause on a server that answers', () => {
    const readings = filtered('rs1', '-j DROP');
    failRequests(readings, 'timed-out', 'rs2');
    for (const result of readings.requests?.results.slice(0, 1) ?? [])
      Object.assign(result, { outcome: 'answered', server: 'rs1' });
    expect(diagnose(readings).causes).toEqual([]);
  });
});

describe('who waits for them', () => {
  const ofDatagrams = (udpListeners?: HostReading['udpListeners']): Readings => {
    const readings = sampleReadings();
    const port = 53;
    for (const service of [readings.lab.service, liveIn(readings), savedIn(readings)]) {
      Object.assign(service, { protocol: 'udp', port });
      for (const one of service.destinations) one.port = port;
    }
    for (const server of readings.lab.servers) server.port = port;
    for (const host of ['rs1', 'rs2'].map((name) => hostIn(readings, name))) {
      if (udpListeners !== undefined) host.udpListeners = udpListeners;
    }
    delete readings.requests;
    return readings;
  };

  test.each([
    ['is not looked for among the listeners of TCP', [{ address: '0.0.0.0', port: 53 }], []],
    ['is missed where nothing waits for them', [{ address: '0.0.0.0', port: 68 }], ['L14', 'L14']],
    ['is not missed where that was not read', undefined, []],
    ['is missed where it waits on loopback', [{ address: '127.0.0.1', port: 53 }], ['L24', 'L24']],
  ])('%s', (_, listeners, ids) => {
    const { causes } = diagnose(ofDatagrams(listeners));
    expect(causes.map(({ id }) => id)).toEqual(ids);
  });
});
