import { type CapturePoint } from '../../../src/trace/capture/capture.ts';
import { judgeTrace, type TraceEvidence } from '../../../src/trace/judge-trace.ts';
import { addressRoles } from '../../../src/trace/path/address-roles.ts';
import { type TracedPacket, type TraceReport } from '../../../src/trace/report.ts';
import { type SampleWires, tcpDatagram } from './sample-frames.ts';
import { sampleLab } from './sample-lab.ts';

export const CLIENT = '00:0c:29:53:71:84';
export const OUTSIDE = '00:0c:29:53:71:ac';
export const INSIDE = '00:0c:29:53:71:a2';
export const RS2 = '00:0c:29:53:71:81';
export const ROUTER = '02:00:00:00:00:01';

/** The NICs of the tutorial's lab, without rs1. */
export const points: readonly CapturePoint[] = [
  { host: 'client', device: 'ens33', mac: CLIENT },
  { host: 'director', device: 'ens33', mac: INSIDE },
  { host: 'director', device: 'ens37', mac: OUTSIDE },
  { host: 'rs2', device: 'ens33', mac: RS2 },
];

export const CIP = '192.168.4.132:10001';
export const VIP = '192.168.4.133:80';
export const RIP = '192.168.2.129:80';

export function syn(destination: string, ttl: number): Buffer {
  return tcpDatagram({ source: CIP, destination, ttl, flags: 'S', sequence: 1000 });
}

export function synAck(source: string, ttl: number): Buffer {
  return tcpDatagram({ source, destination: CIP, ttl, flags: 'SA', sequence: 9000 });
}

const service = { address: '192.168.4.133', port: 80, scheduler: 'wrr' };

export function judge(wires: SampleWires, given: Partial<TraceEvidence> = {}): TraceReport {
  return judgeTrace({
    captures: wires.captures,
    sharesClock: true,
    unheard: [],
    ports: { first: 10_000, last: 10_004 },
    client: 'client',
    service,
    servers: new Map([
      ['rs1', 80],
      ['rs2', 80],
    ]),
    rolesOf: (address) => addressRoles(sampleLab, service, address),
    answer: { kind: 'timed-out' },
    mode: 'LVS-NAT',
    ...given,
  });
}

/** The way there and back of LVS-NAT. */
export function sendNat(wires: SampleWires): void {
  wires.send(CLIENT, OUTSIDE, { content: syn(VIP, 64), time: 0 });
  wires.send(INSIDE, RS2, { content: syn(RIP, 63), time: 110 });
  wires.send(RS2, INSIDE, { content: synAck(RIP, 64), time: 200 });
  wires.send(OUTSIDE, CLIENT, { content: synAck(VIP, 63), time: 250 });
}

/** Each hop in short: 'client>director CIP>VIP 64'. */
export function pathOf(found: TracedPacket | undefined): readonly string[] {
  return (found?.hops ?? []).map(({ from, to, source, destination, ttl, outer }) => {
    const around =
      outer === undefined ? '' : ` in ${outer.source.role ?? ''}>${outer.destination.role ?? ''}`;
    return `${from.host ?? 'other'}>${to.host ?? 'other'} ${source.role ?? ''}>${destination.role ?? ''} ${ttl}${around}`;
  });
}

export const answered = { kind: 'answered', server: 'rs2' } as const;
