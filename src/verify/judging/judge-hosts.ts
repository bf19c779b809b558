import { type Observed } from '../../engine/model/resource.ts';
import { compareTables, deltaCommand } from '../../ipvs/table/table-deltas.ts';
import {
  endpoint,
  type IpvsTable,
  serviceKey,
  type VirtualService,
} from '../../ipvs/virtual-service.ts';
import { type Director, type RealServer } from '../../lab/lab.ts';
import { type DirectorState, type RestartReadings } from '../readings/director-state.ts';
import { type RealServerState } from '../readings/real-server-state.ts';
import { type Check } from '../report.ts';

/** What must be so on the director for LVS-NAT to work. */
export function judgeDirector(
  director: Director,
  service: VirtualService,
  { forwarding, table }: DirectorState,
): readonly Check[] {
  return [
    {
      name: `${director.name} forwards packets`,
      verdict: holds(forwarding, (now) => now === '1'),
      expected: 'net.ipv4.ip_forward = 1',
      actual: describe(forwarding, (now) => `net.ipv4.ip_forward = ${now}`),
      explanation: explainUnless(
        holds(forwarding, (now) => now === '1') === 'ok',
        'Without it the replies of the real servers end at the director and requests time out. On CentOS 7, `systemctl restart network` sets it to 0.',
      ),
    },
    judgeService(director, service, table),
  ];
}

/** Whether a real server's replies to the client go through the director. */
export function judgeRoute(director: Director, server: RealServer, state: RealServerState): Check {
  const dip = director.inside.address;
  const verdict = holds(state.nextHop, (hop) => hop === dip);
  return {
    name: `${server.name} replies through the director`,
    verdict,
    expected: `via ${dip}`,
    actual:
      state.nextHop.kind === 'absent' ? 'directly' : describe(state.nextHop, (hop) => `via ${hop}`),
    explanation: explainUnless(
      verdict === 'ok',
      'A reply that does not pass the director keeps the RIP as its source, and the client drops it: requests to this server time out.',
    ),
  };
}

/** Whether the rules came back as they were when the service that loads them was restarted. */
export function judgeRestart({ before, restarted, after }: RestartReadings): Check {
  const check = {
    name: 'rules survive a restart of their service',
    expected: describe(before, describeTable),
  };
  if (restarted.kind !== 'value') {
    const actual = `systemctl restart ipvsadm failed: ${reason(restarted)}`;
    return { ...check, verdict: 'failed', actual, explanation: 'See systemctl status ipvsadm.' };
  }
  const same =
    before.kind === 'value' &&
    before.value.services.length > 0 &&
    after.kind === 'value' &&
    compareTables(before.value, after.value).length === 0 &&
    sameLines(before.value.foreign, after.value.foreign);
  return {
    ...check,
    verdict: same ? 'ok' : 'failed',
    actual: same ? 'the same table' : describe(after, describeTable),
    explanation: explainUnless(
      same,
      'The file that the service loads does not hold the live rules; after a reboot the director would be as it is now. Run apply.',
    ),
  };
}

function judgeService(
  director: Director,
  service: VirtualService,
  table: Observed<IpvsTable>,
): Check {
  const deltas =
    table.kind === 'value'
      ? compareTables(onlyService(table.value, service), { services: [service], foreign: [] })
      : [];
  const ok = table.kind === 'value' && deltas.length === 0;
  const commands = deltas.map((delta) => deltaCommand(delta).join(' ')).join('; ');
  return {
    name: `${director.name} has the virtual service`,
    verdict: ok ? 'ok' : 'failed',
    expected: describeTable({ services: [service], foreign: [] }),
    actual: ok ? 'the same' : describe(table, (now) => describeTable(onlyService(now, service))),
    explanation: explainUnless(deltas.length === 0, `Run apply. What it lacks: ${commands}.`),
  };
}

function onlyService({ services }: IpvsTable, service: VirtualService): IpvsTable {
  return {
    services: services.filter((candidate) => serviceKey(candidate) === serviceKey(service)),
    foreign: [],
  };
}

function describeTable({ services, foreign }: IpvsTable): string {
  const described = services.map((service) => {
    const servers = service.destinations.map(
      (server) => `${endpoint(server)} weight ${server.weight}`,
    );
    return `${serviceKey(service)} ${service.scheduler} to ${servers.join(', ') || 'no server'}`;
  });
  return [...described, ...foreign].join('; ') || 'no service';
}

function holds<T>(read: Observed<T>, isSo: (value: T) => boolean): 'ok' | 'failed' {
  return read.kind === 'value' && isSo(read.value) ? 'ok' : 'failed';
}

function describe<T>(read: Observed<T>, inWords: (value: T) => string): string {
  return read.kind === 'value' ? inWords(read.value) : reason(read);
}

function reason(read: Exclude<Observed<unknown>, { kind: 'value' }>): string {
  return read.kind === 'absent' ? 'not there' : `could not be read: ${read.reason}`;
}

function explainUnless(ok: boolean, explanation: string): string {
  return ok ? '' : explanation;
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.toSorted().join('\n') === b.toSorted().join('\n');
}
