import { describe, expect, test } from '@jest/globals';
import { absent, type Observed, unknown, value } from '../../../src/engine/model/resource.ts';
import { type ServiceCounters } from '../../../src/ipvs/table/counters.ts';
import { type VirtualService } from '../../../src/ipvs/virtual-service.ts';
import { type RealServer } from '../../../src/lab/lab.ts';
import { dr } from '../../../src/lab/modes/dr.ts';
import { nat } from '../../../src/lab/modes/nat.ts';
import { type Answer, readAnswers } from '../../../src/verify/readings/answers.ts';
import { judgeOwners, judgeVipOnServer } from '../../../src/verify/judging/judge-hosts.ts';
import { judgePhase } from '../../../src/verify/judging/judge-phase.ts';
import {
  endpointOf,
  judgeTraffic,
  type Evidence,
} from '../../../src/verify/judging/judge-traffic.ts';
import { type Check, overallVerdict } from '../../../src/verify/report.ts';
import { sampleLab } from '../../support/samples/sample-lab.ts';
import { kernelRoundRobin } from '../ipvs/kernel-round-robin.ts';

const CIP = '192.168.4.132';

function realServers(...weights: readonly number[]): readonly RealServer[] {
  return weights.map((weight, i) => ({
    name: `rs${i + 1}`,
    nic: { device: 'ens33', address: `192.168.2.${128 + i}`, prefix: 24, dns: [] },
    port: 80,
    weight,
    listeners: [{ protocol: 'tcp', port: 80 }],
    page: `I am ${i + 1}`,
    nginx: { version: '', sha256: '', url: '', prefix: '/', user: 'nginx', configureArguments: [] },
  }));
}

function serviceOf(servers: readonly RealServer[], scheduler: string): VirtualService {
  const destinations = servers.map(({ nic: { address }, port, weight }) => {
    return { address, port, weight, method: 'masquerading' as const };
  });
  return { protocol: 'tcp', address: '192.168.4.133', port: 80, scheduler, destinations };
}

/** Whom the kernel's wrr chooses, connection by connection. */
function chosenByWrr(servers: readonly RealServer[], connections: number): readonly RealServer[] {
  const { destinations } = serviceOf(servers, 'wrr');
  return kernelRoundRobin('wrr', destinations, connections).flatMap(({ address }) =>
    servers.filter(({ nic }) => nic.address === address),
  );
}

function counters(
  service: VirtualService,
  given: readonly RealServer[],
): Observed<ServiceCounters> {
  const packets = 5 * given.length;
  const rest = { packetsIn: packets, packetsOut: packets, bytesIn: 0, bytesOut: 0 };
  return value({
    ...service,
    ...rest,
    connections: given.length,
    destinations: service.destinations.map(({ address, port }) => {
      const connections = given.filter(({ nic }) => nic.address === address).length;
      return { address, port, connections, ...rest };
    }),
  });
}

function withoutReplies(read: Observed<ServiceCounters>): Observed<ServiceCounters> {
  return read.kind === 'value' ? value({ ...read.value, packetsOut: 0 }) : read;
}

const answer = (server: RealServer): Answer => ({ kind: 'answered', server });

function verdictOf(checks: readonly Check[], name: string): string | undefined {
  return checks.find((check) => check.name === name)?.verdict;
}

/** The documented lab: 300 requests, all sources agree. */
function documented(scheduler = 'wrr'): Evidence {
  const servers = realServers(1, 2);
  const service = serviceOf(servers, scheduler);
  const given = chosenByWrr(servers, 300);
  return {
    mode: nat,
    service,
    servers,
    asked: 300,
    answers: given.map(answer),
    clientAddress: CIP,
    countersBefore: counters(service, []),
    countersAfter: counters(service, given),
    states: new Map(
      servers.map((server) => [
        server.name,
        {
          logged: value(given.filter((one) => one === server).map(() => CIP)),
          asked: value([endpointOf(server)]),
          nextHop: value('192.168.2.130'),
        },
      ]),
    ),
  };
}

describe('judgeTraffic', () => {
  test('100 and 200 of 300, in order, by all three sources', () => {
    const checks = judgeTraffic(documented());
    expect(checks.map(({ verdict }) => verdict)).toEqual(Array(7).fill('ok'));
    expect(checks[1]?.actual).toBe('192.168.2.128:80 100, 192.168.2.129:80 200');
  });

  test('the right numbers in the wrong order are not round robin', () => {
    const whole = documented();
    const answers = whole.answers.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
    const checks = judgeTraffic({ ...whole, answers });
    expect(failed(checks)).toEqual(['order of the answers']);
  });

  test('a scheduler without an order is not judged by one', () => {
    expect(verdictOf(judgeTraffic(documented('wlc')), 'order of the answers')).toBe('skipped');
  });

  test('an address other than the client tells of a second translation', () => {
    const whole = documented();
    const masked = {
      logged: value(Array<string>(100).fill('192.168.2.130')),
      asked: value(['192.168.2.128:80']),
      nextHop: unknown(''),
    };
    const checks = judgeTraffic({ ...whole, states: new Map([...whole.states, ['rs1', masked]]) });
    expect(failed(checks)).toEqual(["access logs show the client's address"]);
  });

  test('answers whose packets IPVS does not count came past the director', () => {
    const whole = documented();
    const checks = judgeTraffic({ ...whole, countersAfter: withoutReplies(whole.countersAfter) });
    expect(failed(checks)).toEqual(["IPVS's counters agree with the answers"]);
    const check = checks.find(({ name }) => name === "IPVS's counters agree with the answers");
    expect(check?.actual).toBe('rs1 100, rs2 200; OutPkts 0');
    expect(check?.explanation).toContain('past the director');
  });

  test('in a mode whose replies pass the director by, it is the other way round', () => {
    const traffic = { ...nat.traffic, replies: 'unseen' as const };
    const whole = { ...documented(), mode: { ...nat, traffic } };
    expect(failed(judgeTraffic(whole))).toEqual(["IPVS's counters agree with the answers"]);
    const countersAfter = withoutReplies(whole.countersAfter);
    expect(failed(judgeTraffic({ ...whole, countersAfter }))).toEqual([]);
  });

  test.each<[string, Partial<Evidence>]>([
    ['the counters before', { countersBefore: unknown('gone') }],
    ['the counters after', { countersAfter: unknown('gone') }],
    ['a log', { states: new Map([...documented().states, ['rs2', unread()]]) }],
    ['any log', { states: new Map() }],
    ['an answer, for none was asked for', { asked: 0, answers: [] }],
    ['the rest of the answers', { answers: documented().answers.slice(0, 297) }],
  ])('is never ok without %s', (_, missing) => {
    expect(overallVerdict(judgeTraffic({ ...documented(), ...missing }))).toBe('failed');
  });

  function unread() {
    const denied = unknown('Permission denied');
    return { logged: denied, asked: denied, nextHop: value('192.168.2.130') };
  }
});

describe('where real servers are asked at the VIP', () => {
  const asked = (address: string): Evidence => {
    const whole = documented();
    const states = [...whole.states].map(
      ([name, state]) => [name, { ...state, asked: value([address]) }] as const,
    );
    const countersAfter = withoutReplies(whole.countersAfter);
    return { ...whole, mode: dr, countersAfter, states: new Map(states) };
  };

  test('their logs say so', () => {
    expect(failed(judgeTraffic(asked('192.168.4.133:80')))).toEqual([]);
    expect(failed(judgeTraffic(asked('192.168.2.128:80')))).toEqual([
      'access logs show the address that was asked',
    ]);
  });

  test('a log of an earlier version says nothing, which is no failure', () => {
    const whole = documented();
    const states = [...whole.states].map(
      ([name, state]) => [name, { ...state, asked: value([]) }] as const,
    );
    const checks = judgeTraffic({ ...whole, states: new Map(states) });
    expect(verdictOf(checks, 'access logs show the address that was asked')).toBe('skipped');
    expect(failed(checks)).toEqual([]);
  });

  const judged = {
    lab: { ...sampleLab, mode: dr },
    director: sampleLab.directors[0],
    service: sampleLab.services[0],
  };

  test('one that tells others of it, or does not have it, is seen', () => {
    const [server] = sampleLab.realServers;
    const { director, service } = judged;
    if (server === undefined || director === undefined || service === undefined) throw new Error();
    const vip = {
      settings: new Map([
        ['net.ipv4.conf.all.arp_ignore', value('1')],
        ['net.ipv4.conf.all.arp_announce', value('0')],
      ]),
      hasVip: absent,
      link: value('up'),
      heard: value([]),
    };
    const state = { logged: absent, asked: absent, nextHop: absent, vip };
    const checks = judgeVipOnServer({ ...judged, director, service }, server, state);
    expect(checks.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['rs1 does not answer ARP for the VIP', 'ok'],
      ['rs1 asks by ARP as its RIP', 'failed'],
      ['rs1 takes packets for the VIP', 'failed'],
    ]);
    expect(judgeVipOnServer({ lab: sampleLab, director, service }, server, state)).toEqual([]);
  });

  test.each<[string, Observed<readonly string[]>, string]>([
    ['the director alone', value(['00:0c:29:53:71:a2']), 'ok'],
    ['nobody', value([]), 'ok'],
    ['somebody else', value(['00:0c:29:53:71:a2', '00:0c:29:53:71:80']), 'failed'],
    ['what could not be heard', unknown('no packet socket'), 'failed'],
  ])('who answers ARP for it: %s', (_, heard, verdict) => {
    const { director, service } = judged;
    if (director === undefined || service === undefined) throw new Error();
    const [check] = judgeOwners(
      { ...judged, director, service },
      new Map([['rs2', heard]]),
      value(['00:0c:29:53:71:a2', '00:0c:29:53:71:ac']),
    );
    expect(check?.verdict).toBe(verdict);
  });
});

describe('judgePhase', () => {
  const servers = realServers(1, 2, 3);
  const service = serviceOf(servers, 'wrr');
  const given = chosenByWrr(servers, 30);
  const seen = {
    service,
    servers,
    asked: 30,
    countersBefore: counters(service, []),
    countersAfter: counters(service, given),
  };
  const answersWithout = (stopped: readonly string[]) =>
    given.map((server) => (stopped.includes(server.name) ? refused : answer(server)));
  const refused: Answer = { kind: 'refused' };

  test.each([[[]], [['rs3']], [['rs3', 'rs2']], [['rs1', 'rs3']], [['rs3', 'rs2', 'rs1']]])(
    'wrr 1:2:3 goes on as before with %j stopped',
    (stopped) => {
      const checks = judgePhase({ ...seen, stopped, answers: answersWithout(stopped) });
      expect(failed(checks)).toEqual([]);
      expect(checks).toHaveLength(stopped.length === 3 ? 3 : 2);
    },
  );

  test('a server that takes over for the stopped one is found out', () => {
    const first = servers[0];
    const answers = answersWithout(['rs3']).map((end) =>
      end.kind === 'refused' && first !== undefined ? answer(first) : end,
    );
    expect(failed(judgePhase({ ...seen, stopped: ['rs3'], answers }))).toEqual([
      'the share of the stopped is refused',
      'IPVS gives out connections regardless',
    ]);
  });

  test('a time-out is no refusal', () => {
    const answers = answersWithout(['rs3']).map((end) =>
      end.kind === 'refused' ? ({ kind: 'timed-out' } as const) : end,
    );
    const [shares] = judgePhase({ ...seen, stopped: ['rs3'], answers });
    expect(shares?.verdict).toBe('failed');
    expect(shares?.explanation).toContain('15 of 30 connections reached no server');
  });

  test('schedulers that count connections may favour the dead server, but every connection is accounted for', () => {
    const wlc = { ...seen, service: serviceOf(servers, 'wlc'), stopped: ['rs1'] };
    const ends = answersWithout(['rs1']);
    expect(failed(judgePhase({ ...wlc, answers: ends }))).toEqual([]);
    const lost = [refused, ...ends.slice(1)];
    expect(failed(judgePhase({ ...wlc, answers: lost }))).toEqual([
      'IPVS gives out connections regardless',
    ]);
  });
});

test('a page that two servers have in common says nothing of who answered', () => {
  const servers = realServers(1, 1).map((server) => ({ ...server, page: 'same' }));
  const results = [{ exitCode: 0, status: 200, body: 'same\n', clientAddress: CIP }];
  expect(readAnswers({ asked: 1, results }, servers)).toEqual([
    { kind: 'strange', what: 'a page that rs1 and rs2 have in common' },
  ]);
});

function failed(checks: readonly Check[]): readonly string[] {
  return checks.filter(({ verdict }) => verdict === 'failed').map(({ name }) => name);
}

function nameOf(end: Answer): string {
  return end.kind === 'answered' ? endpointOf(end.server) : '';
}
