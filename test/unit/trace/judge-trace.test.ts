import { describe, expect, test } from '@jest/globals';
import { traceTables } from '../../../src/trace/trace-tables.ts';
import {
  icmpDatagram,
  SampleWires,
  tcpDatagram,
  tunnelled,
} from '../../support/samples/sample-frames.ts';
import {
  answered,
  CIP,
  CLIENT,
  INSIDE,
  judge,
  OUTSIDE,
  pathOf,
  points,
  RIP,
  ROUTER,
  RS2,
  sendNat,
  syn,
  synAck,
  VIP,
} from '../../support/samples/sample-trace.ts';

describe('LVS-NAT', () => {
  test('has the four lines that the tutorial draws', () => {
    const wires = new SampleWires(points);
    sendNat(wires);
    const report = judge(wires, { answer: answered });
    expect(report.packets.map(pathOf)).toEqual([
      ['client>director CIP>VIP 64', 'director>rs2 CIP>RIP 63'],
      ['rs2>director RIP>CIP 64', 'director>client VIP>CIP 63'],
    ]);
    expect(report).toMatchObject({
      verdict: 'ok',
      clientPort: 10_001,
      conclusion: 'answered by rs2, 2 hops away',
    });
    expect(report.packets[0]?.hops[1]).toMatchObject({
      destination: { address: '192.168.2.129', port: 80, role: 'RIP', was: { role: 'VIP' } },
      microseconds: 110,
      copies: 1,
    });
    expect(report.packets[0]?.hops[1]?.source).not.toHaveProperty('was');
    const [overview] = traceTables(report, { brief: true, all: false });
    expect(overview?.rows).toEqual([
      ['SYN', 'client ens33 -> director ens37', `CIP ${CIP}`, `VIP ${VIP}`, 'client asks the VIP'],
      [
        'SYN',
        'director ens33 -> rs2 ens33',
        `CIP ${CIP}`,
        `RIP ${RIP}`,
        'destination rewritten: VIP -> RIP',
      ],
      ['SYN-ACK', 'rs2 ens33 -> director ens33', `RIP ${RIP}`, `CIP ${CIP}`, 'rs2 answers the CIP'],
      [
        'SYN-ACK',
        'director ens37 -> client ens33',
        `VIP ${VIP}`,
        `CIP ${CIP}`,
        'source rewritten: RIP -> VIP',
      ],
    ]);
  });

  test('is told whatever the clocks of the hosts say', () => {
    const wires = new SampleWires(points, { director: -5_000_000, rs2: 86_400_000_000 });
    sendNat(wires);
    const report = judge(wires, { answer: answered, sharesClock: false });
    expect(report.packets.map(pathOf)).toEqual([
      ['client>director CIP>VIP 64', 'director>rs2 CIP>RIP 63'],
      ['rs2>director RIP>CIP 64', 'director>client VIP>CIP 63'],
    ]);
    const times = report.packets.flatMap(({ hops }) =>
      hops.map(({ microseconds }) => microseconds),
    );
    expect(times.every((time) => time >= 0 && time < 1000)).toBe(true);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('packets of other connections, and what a switch floods, are left out', () => {
    const wires = new SampleWires(points);
    sendNat(wires);
    const other = {
      source: '192.168.4.132:50000',
      destination: VIP,
      ttl: 64,
      flags: 'S',
      sequence: 1,
    };
    wires.send(CLIENT, OUTSIDE, { content: tcpDatagram(other), time: 5 });
    wires.send(ROUTER, INSIDE, { content: tcpDatagram({ ...other, destination: CIP }), time: 6 });
    const flooded = points.map((point) => ({ point, frames: wires.captures[0]?.frames ?? [] }));
    const plain = judge(wires, { answer: answered });
    expect(
      judge(wires, {
        answer: answered,
        captures: [...wires.captures, ...flooded.slice(3)],
      }).packets.map(pathOf),
    ).toEqual(plain.packets.map(pathOf));
    expect(plain.packets).toHaveLength(2);
  });

  test('a real server on another port is followed, and the port is marked as rewritten', () => {
    const wires = new SampleWires(points);
    wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
    wires.send(INSIDE, RS2, { content: syn('192.168.2.129:8080', 63), time: 100 });
    const report = judge(wires, { servers: new Map([['rs2', 8080]]) });
    expect(report.packets[0]?.hops[1]?.destination).toMatchObject({
      port: 8080,
      was: { port: 80 },
    });
  });
});

describe('a lost packet ends the path with the last place where it was seen', () => {
  test('the director does not forward the reply', () => {
    const wires = new SampleWires(points);
    wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
    wires.send(INSIDE, RS2, { content: syn(RIP, 63), time: 100 });
    for (const time of [200, 1_000_200, 3_000_200])
      wires.send(RS2, INSIDE, { content: synAck(RIP, 64), time });
    const report = judge(wires);
    expect(report.verdict).toBe('failed');
    expect(report.conclusion).toBe(
      'the SYN-ACK reached director ens33, and did not leave director again',
    );
    expect(report.packets[1]?.hops[0]?.copies).toBe(3);
    expect(report.packets[1]?.end).toMatchObject({ kind: 'lost', host: 'director' });
  });

  test('the reply comes past the director, from the RIP', () => {
    const wires = new SampleWires(points);
    wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
    wires.send(INSIDE, RS2, { content: syn(RIP, 63), time: 100 });
    wires.send(RS2, ROUTER, { content: synAck(RIP, 64), time: 200 });
    wires.send(ROUTER, CLIENT, { content: synAck(RIP, 63), time: 220 });
    const rst = { source: CIP, destination: RIP, ttl: 64, flags: 'R', sequence: 0 };
    wires.send(CLIENT, ROUTER, { content: tcpDatagram(rst), time: 230 });
    const report = judge(wires);
    expect(pathOf(report.packets[1])).toEqual(['rs2>other RIP>CIP 64', 'other>client RIP>CIP 63']);
    expect(report.conclusion).toMatch(
      /^the SYN-ACK reached client ens33 with the source RIP 192\.168\.2\.129:80: the client asked the VIP/,
    );
  });

  test('the cable between two hosts swallows it', () => {
    const wires = new SampleWires(points);
    wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
    wires.send(INSIDE, RS2, { content: syn(RIP, 63), time: 100, isLost: true });
    expect(judge(wires).conclusion).toBe(
      'the SYN left director ens33, and never reached rs2 ens33',
    );
  });

  test('it goes to a MAC that is no NIC of the lab', () => {
    const wires = new SampleWires(points);
    wires.send(CLIENT, ROUTER, { content: syn(VIP, 64), time: 0 });
    expect(judge(wires).conclusion).toMatch(
      /^the SYN left client ens33 towards VIP 192\.168\.4\.133 through 02:00:00:00:00:01, which is no NIC of the lab/,
    );
  });

  test('where nobody listened, nothing is called lost', () => {
    const wires = new SampleWires(points.filter(({ host }) => host !== 'director'));
    sendNat(wires);
    const unheard = [{ host: 'director', reason: 'tcpdump is not installed' }];
    const report = judge(wires, { answer: answered, unheard });
    expect(report.verdict).toBe('ok');
    expect(report.packets.every(({ end }) => end.kind === 'arrived')).toBe(true);
    const half = new SampleWires(points.filter(({ host }) => host === 'client'));
    half.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
    expect(judge(half, { unheard }).conclusion).toMatch(/nobody listened on director$/);
  });

  test('the real server says nothing', () => {
    const wires = new SampleWires(points);
    wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
    wires.send(INSIDE, RS2, { content: syn(RIP, 63), time: 100 });
    expect(judge(wires).conclusion).toBe('the SYN reached rs2, which sent nothing back');
  });

  test('nothing leaves the client at all', () => {
    expect(judge(new SampleWires(points))).toMatchObject({ packets: [], verdict: 'failed' });
    expect(judge(new SampleWires(points)).conclusion).toMatch(
      /^no SYN to the VIP was seen: client/,
    );
  });

  test('the answer is lost after the connection was opened', () => {
    const wires = new SampleWires(points);
    sendNat(wires);
    const get = { source: CIP, ttl: 64, flags: 'PA', sequence: 1001, payload: 'GET /' };
    wires.send(CLIENT, OUTSIDE, { content: tcpDatagram({ ...get, destination: VIP }), time: 300 });
    wires.send(INSIDE, RS2, {
      content: tcpDatagram({ ...get, destination: RIP, ttl: 63 }),
      time: 310,
    });
    const page = {
      source: RIP,
      destination: CIP,
      ttl: 64,
      flags: 'PA',
      sequence: 9001,
      payload: 'HTTP/1.1',
    };
    wires.send(RS2, INSIDE, { content: tcpDatagram(page), time: 400 });
    const report = judge(wires);
    expect(report.packets.map(({ name }) => name)).toEqual(['SYN', 'SYN-ACK', 'request', 'answer']);
    expect(report.conclusion).toBe(
      'the answer reached director ens33, and did not leave director again',
    );
  });
});

describe('a refusal', () => {
  test('of the real server comes back as a RST', () => {
    const wires = new SampleWires(points);
    wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
    wires.send(INSIDE, RS2, { content: syn(RIP, 63), time: 100 });
    const rst = { destination: CIP, ttl: 64, flags: 'RA', sequence: 0 };
    wires.send(RS2, INSIDE, { content: tcpDatagram({ ...rst, source: RIP }), time: 200 });
    wires.send(OUTSIDE, CLIENT, {
      content: tcpDatagram({ ...rst, source: VIP, ttl: 63 }),
      time: 250,
    });
    const report = judge(wires, { answer: { kind: 'refused' } });
    expect(report.conclusion).toBe('rs2 answers with a RST');
    expect(report.packets.map(({ end }) => end.kind)).toEqual(['arrived', 'arrived']);
  });

  test('of the director, whose service has no server, is an ICMP error about the SYN', () => {
    const wires = new SampleWires(points);
    wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
    const error = {
      type: 3,
      code: 3,
      ttl: 64,
      source: '192.168.4.133',
      destination: '192.168.4.132',
    };
    wires.send(OUTSIDE, CLIENT, { content: icmpDatagram(syn(VIP, 64), error), time: 60 });
    const report = judge(wires, { answer: { kind: 'refused' } });
    expect(report.conclusion).toBe('director answers with ICMP port unreachable');
    expect(report.packets.map(({ end }) => end.kind)).toEqual(['arrived', 'arrived']);
  });
});

describe('the other modes', () => {
  test('in LVS-DR only the MACs change, and the reply comes straight back', () => {
    const wires = new SampleWires(points);
    wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
    wires.send(INSIDE, RS2, { content: syn(VIP, 64), time: 100 });
    wires.send(RS2, CLIENT, { content: synAck(VIP, 64), time: 200 });
    const report = judge(wires, { answer: answered, mode: 'LVS-DR' });
    expect(report.packets.map(pathOf)).toEqual([
      ['client>director CIP>VIP 64', 'director>rs2 CIP>VIP 64'],
      ['rs2>client VIP>CIP 64'],
    ]);
    expect(report.verdict).toBe('ok');
    const [overview] = traceTables(report, { brief: true, all: false });
    expect(overview?.rows[1]?.[4]).toBe('only the MACs change: still CIP -> VIP');
  });

  test('in LVS-TUN the packet is wrapped, and both headers are shown', () => {
    const wires = new SampleWires(points);
    const around = { source: '192.168.2.130', destination: '192.168.2.129', ttl: 64 };
    wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
    wires.send(INSIDE, RS2, { content: tunnelled(syn(VIP, 63), around), time: 100 });
    wires.send(RS2, CLIENT, { content: synAck(VIP, 64), time: 200 });
    const report = judge(wires, { answer: answered, mode: 'LVS-TUN' });
    expect(pathOf(report.packets[0])).toEqual([
      'client>director CIP>VIP 64',
      'director>rs2 CIP>VIP 63 in DIP>RIP',
    ]);
    const [overview, details] = traceTables(report, { brief: false, all: false });
    expect(overview?.rows[1]?.[4]).toBe('director wraps it: DIP -> RIP around it');
    expect(details?.rows.slice(1).map((row) => row.slice(3, 6))).toEqual([
      ['DIP 192.168.2.130', 'RIP 192.168.2.129', 64],
      [`CIP ${CIP}`, `VIP ${VIP}`, 63],
    ]);
  });
});
