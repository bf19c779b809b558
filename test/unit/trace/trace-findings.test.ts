import { expect, test } from '@jest/globals';
import { traceFindings } from '../../../src/trace/trace-findings.ts';
import { SampleWires } from '../../support/samples/sample-frames.ts';
import {
  answered,
  CLIENT,
  INSIDE,
  judge,
  OUTSIDE,
  points,
  ROUTER,
  RIP,
  RS2,
  sendNat,
  syn,
  synAck,
  VIP,
} from '../../support/samples/sample-trace.ts';

const SEEN = new SampleWires(points);

test.each<[string, (wires: SampleWires) => void, object | undefined, readonly string[]]>([
  ['nothing was seen', () => undefined, undefined, []],
  [
    'the request ends on the director',
    (wires) => {
      wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
    },
    { packet: 'SYN', way: 'request', host: 'director', hasLeft: false },
    ['director'],
  ],
  [
    'the server sends nothing back',
    (wires) => {
      wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
      wires.send(INSIDE, RS2, { content: syn(RIP, 63), time: 110 });
    },
    { packet: 'SYN', way: 'request', host: 'rs2', hasLeft: false },
    ['director', 'rs2'],
  ],
  [
    'the reply ends on the director',
    (wires) => {
      wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
      wires.send(INSIDE, RS2, { content: syn(RIP, 63), time: 110 });
      wires.send(RS2, INSIDE, { content: synAck(RIP, 64), time: 200 });
    },
    { packet: 'SYN-ACK', way: 'reply', host: 'director', hasLeft: false },
    ['director', 'rs2'],
  ],
  [
    'the reply goes somewhere else',
    (wires) => {
      wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
      wires.send(INSIDE, RS2, { content: syn(RIP, 63), time: 110 });
      wires.send(RS2, ROUTER, { content: synAck(RIP, 64), time: 200 });
    },
    { packet: 'SYN-ACK', way: 'reply', host: 'rs2', hasLeft: true },
    ['director', 'rs2'],
  ],
])('%s', (_, send, last, reached) => {
  const wires = new SampleWires(points);
  send(wires);
  const found = traceFindings(judge(wires));
  expect({ last: found.last, reached: found.reached, isAnswered: found.isAnswered }).toEqual({
    last,
    reached,
    isAnswered: false,
  });
});

test('what is answered ended nowhere', () => {
  sendNat(SEEN);
  const unheard = [{ host: 'rs1', reason: 'tcpdump is not installed' }];
  expect(traceFindings(judge(SEEN, { answer: answered, unheard }))).toEqual({
    conclusion: 'answered by rs2, 2 hops away',
    isAnswered: true,
    reached: ['director', 'rs2'],
    unheard: ['rs1'],
  });
});
