import { type Observed, unknown } from '../../engine/model/resource.ts';
import { compareTables, deltaCommand } from '../../ipvs/table/table-deltas.ts';
import {
  endpoint,
  type IpvsTable,
  serviceKey,
  type VirtualService,
} from '../../ipvs/virtual-service.ts';
import { type Director, type RealServer } from '../../lab/lab.ts';
import { type KernelSetting } from '../../lab/modes/mode.ts';
import { TUNNEL_DEVICE } from '../../platforms/network/tunnel-unit.ts';
import { type LabUnderTest } from '../lab-under-test.ts';
import { type DirectorState, type RestartReadings } from '../readings/director-state.ts';
import { type RealServerState } from '../readings/real-server-state.ts';
import { type VipState } from '../readings/vip-on-server.ts';
import { type Check } from '../report.ts';

/** What of a test the judges of its hosts go by. */
type Judged = Pick<LabUnderTest, 'lab' | 'director' | 'service'>;

/** What must be so on the director for the mode to work. */
export function judgeDirector(
  { lab, director, service }: Judged,
  { settings, table }: DirectorState,
): readonly Check[] {
  return [
    ...lab.mode.directorSettings.map((wanted) =>
      judgeSetting(director, wanted, settings.get(wanted.key) ?? unknown('not read')),
    ),
    judgeService(director, service, table),
  ];
}

function judgeSetting(
  { name }: { readonly name: string },
  { key, value, claim, otherwise }: KernelSetting,
  read: Observed<string>,
): Check {
  const verdict = holds(read, (now) => now === value);
  return {
    name: `${name} ${claim}`,
    verdict,
    expected: `${key} = ${value}`,
    actual: describe(read, (now) => `${key} = ${now}`),
    explanation: explainUnless(verdict === 'ok', otherwise),
  };
}

/** What must be so on a real server that has the VIP for itself; nothing where the mode gives it none. */
export function judgeVipOnServer(
  { lab, service }: Judged,
  server: RealServer,
  { vip: state }: RealServerState,
): readonly Check[] {
  const { vipDevice, realServerSettings, title } = lab.mode;
  if (vipDevice === undefined) return [];
  const settings: VipState['settings'] = state?.settings ?? new Map();
  const hasVip = state?.hasVip ?? unknown('not read');
  const isThere = hasVip.kind === 'value';
  return [
    ...realServerSettings.map((wanted) =>
      judgeSetting(server, wanted, settings.get(wanted.key) ?? unknown('not read')),
    ),
    {
      name: `${server.name} takes packets for the VIP`,
      verdict: isThere ? 'ok' : 'failed',
      expected: `${service.address} on ${vipDevice}`,
      actual: describe(hasVip, (text) => text),
      explanation: explainUnless(
        isThere,
        `In ${title} a packet reaches a real server with the VIP as its destination: without the address it is dropped there.`,
      ),
    },
    ...(vipDevice === 'lo' ? [] : [judgeTunnel(server, state?.link ?? unknown('not read'))]),
  ];
}

/** Whether the real server unpacks what the director packs for it. */
function judgeTunnel({ name }: RealServer, link: Observed<string>): Check {
  const verdict = holds(link, (now) => now === 'up');
  return {
    name: `${name} has its end of the tunnel`,
    verdict,
    expected: `${TUNNEL_DEVICE} up`,
    actual: describe(link, (now) => `${TUNNEL_DEVICE} ${now}`),
    explanation: explainUnless(
      verdict === 'ok',
      `What the director sends is a packet in a packet: without ${TUNNEL_DEVICE} its kernel answers that it does not know this protocol, and clients are refused.`,
    ),
  };
}

/**
 * Whether nobody beside the director answers ARP requests for the VIP, by what the other hosts heard.
 * @param macs the director's hardware addresses.
 */
export function judgeOwners(
  { lab, director, service }: Judged,
  heard: ReadonlyMap<string, Observed<readonly string[]>>,
  macs: Observed<readonly string[]>,
): readonly Check[] {
  if (lab.mode.askedAt === 'rip') return [];
  const own = new Set(macs.kind === 'value' ? macs.value : []);
  const unread = [...heard].flatMap(([name, answers]) =>
    answers.kind === 'value' ? [] : [`${name}: ${reason(answers)}`],
  );
  const isRead = macs.kind === 'value' && unread.length === 0;
  const others = [...heard].flatMap(([name, answers]) =>
    answers.kind === 'value'
      ? answers.value.filter((mac) => !own.has(mac)).map((mac) => `${mac} (heard by ${name})`)
      : [],
  );
  const ok = isRead && others.length === 0;
  return [
    {
      name: `only ${director.name} answers ARP for the VIP`,
      verdict: ok ? 'ok' : 'failed',
      expected: `nobody else for ${service.address}`,
      actual: isRead
        ? others.join(', ') || 'nobody else'
        : `could not be read: ${[...unread, ...(macs.kind === 'value' ? [] : [`${director.name}: ${reason(macs)}`])].join('; ')}`,
      explanation: explainUnless(
        ok || !isRead,
        'Whoever hears the other answer first sends everything there, past IPVS. Run apply: it silences real servers, and announces whose the VIP is; a machine that is none of the lab has to give the address up.',
      ),
    },
  ];
}

/** Whether a real server's replies to the client go the way that the mode needs. */
export function judgeRoute(
  { lab, director }: Pick<Judged, 'lab' | 'director'>,
  server: RealServer,
  { nextHop }: RealServerState,
): Check {
  const { claim, expected, isRight, otherwise } = lab.mode.replyRoute;
  const dip = director.inside.address;
  const hop = nextHop.kind === 'value' ? nextHop.value : undefined;
  const ok = nextHop.kind !== 'unknown' && isRight(hop, dip);
  return {
    name: `${server.name} ${claim}`,
    verdict: ok ? 'ok' : 'failed',
    expected: expected(dip),
    actual: nextHop.kind === 'absent' ? 'directly' : describe(nextHop, (via) => `via ${via}`),
    explanation: explainUnless(ok, otherwise),
  };
}

const SURVIVAL = 'rules survive a restart of their service';

/** Where a restart would take away what others have, none was tried. */
export function withoutRestart({ before, unsaved }: RestartReadings): Check {
  const [first = '', ...more] = unsaved;
  const rules = more.length === 0 ? first : `${first}, and ${more.length} more`;
  return {
    name: SURVIVAL,
    verdict: 'skipped',
    expected: describe(before, describeTable),
    actual: 'not tried',
    explanation: `Others have rules in the live table that its file does not hold (${rules}): a restart would take them away. Have them saved there first.`,
  };
}

/** Whether the rules came back as they were when the service that loads them was restarted. */
export function judgeRestart({ before, restarted, after }: RestartReadings): Check {
  const check = {
    name: SURVIVAL,
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
