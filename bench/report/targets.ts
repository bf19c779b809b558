import { EMBEDDED, embeddedRuns } from '../embedded/embedded-runs.ts';
import { type Measurement } from '../measure/result.ts';
import {
  find,
  middle,
  number,
  ratio,
  roundTrips,
  type Row,
  seconds,
  table,
  wall,
} from './figures.ts';

/** One thing that lvslab is to reach. */
interface Target {
  readonly text: string;
  /** The figure that was measured; NaN where nobody has. */
  readonly value: number;
  readonly most?: number;
  readonly least?: number;
  readonly shown: (value: number) => string;
}

/** The sizes of a fleet that the targets speak of. */
const FLEET = 200;
const LEAN = 'OpenSSH, lean script';

/** All targets, with what was measured. */
function targetsOf(all: readonly Measurement[]): readonly Target[] {
  return [
    ...greenTargets(all),
    ...slowTargets(all),
    ...fleetTargets(all),
    ...embeddedTargets(all),
    ...startTargets(all),
  ];
}

const times = (value: number): string => `${number(value, 2)} ×`;

function greenTargets(all: readonly Measurement[]): readonly Target[] {
  const at = (task: string, by: string): Measurement | undefined =>
    find(all, { task, by, delayMs: 0 });
  const plan = at('green plan', 'lvslab');
  const trips = (by: string): number => roundTrips(all, { task: 'green plan', by }, 400);
  return [
    {
      text: 'a plan with nothing to do on two real servers, beside OpenSSH with the lean script',
      ...{ value: ratio(plan, at('green plan', LEAN)), most: 1.3, shown: times },
    },
    {
      text: 'how much faster than Ansible it is',
      ...{ value: ratio(at('green apply', 'Ansible'), plan), least: 20, shown: times },
    },
    {
      text: 'how much faster than Ansible with Mitogen it is',
      ...{ value: ratio(at('green apply', 'Ansible + Mitogen'), plan), least: 10, shown: times },
    },
    {
      text: 'processor time of each real server for it',
      value: middle(plan, (run) => run.hostCpuMs?.['real server'] ?? NaN),
      ...{ most: 500, shown: seconds },
    },
    {
      text: 'its sessions on each host',
      ...{ value: plan?.sessions ?? NaN, most: 1, shown: (value: number) => number(value) },
    },
    {
      text: "its round trips more than those of OpenSSH's `true`",
      value: Math.round((trips('lvslab') - trips('OpenSSH, true')) * 10) / 10,
      ...{ most: 1, shown: (value: number) => number(value, 1) },
    },
  ];
}

function slowTargets(all: readonly Measurement[]): readonly Target[] {
  const first = (by: string): Measurement | undefined => find(all, { task: 'first apply', by });
  const verify = find(all, { task: 'verify', by: 'lvslab' });
  const requests = all.find(({ task, by }) => task === 'verify' && by !== 'lvslab');
  return [
    {
      text: 'first apply on two real servers, beside the build typed on one',
      value: ratio(first('lvslab'), first('OpenSSH, configure && make -j && make install')),
      ...{ most: 1.1, shown: times },
    },
    {
      text: 'reprovision of the whole lab, director included',
      value: middle(find(all, { task: 'reprovision', by: 'lvslab' }), wall),
      ...{ most: 15_000, shown: seconds },
    },
    {
      text: 'verify, beside as many requests that nobody judges',
      ...{ value: ratio(verify, requests), most: 1.5, shown: times },
    },
  ];
}

function fleetTargets(all: readonly Measurement[]): readonly Target[] {
  const fleet = all.filter(({ task, runs }) => task === 'fleet' && runs.length > 0);
  const plan = find(fleet, { by: 'lvslab', hosts: FLEET });
  const own = fleet.filter(({ by }) => by === 'lvslab').sort((a, b) => a.hosts - b.hosts);
  const [fewest, most] = [own[0], own.at(-1)];
  const each = (one: Measurement | undefined): number => middle(one, wall) / (one?.hosts ?? NaN);
  const troubles = plan?.runs.reduce((sum, run) => sum + run.failures + run.warnings, 0);
  return [
    {
      text: `a plan for ${FLEET} hosts, beside as many OpenSSH with the lean script by \`xargs -P\``,
      value: ratio(plan, find(fleet, { by: LEAN, hosts: FLEET })),
      ...{ most: 1.3, shown: times },
    },
    {
      text: `memory for ${FLEET} hosts`,
      value: middle(plan, (run) => run.peakKiB / 1024),
      ...{ most: 250, shown: (value: number) => `${number(value)} MiB` },
    },
    {
      text: `failures and warnings with ${FLEET} hosts, in all runs`,
      ...{ value: troubles ?? NaN, most: 0, shown: (value: number) => number(value) },
    },
    {
      text: `time for each of ${most?.hosts ?? 'many'} hosts, beside each of ${fewest?.hosts ?? 'few'}`,
      ...{ value: fewest === most ? NaN : each(most) / each(fewest), most: 1, shown: times },
    },
  ];
}

function embeddedTargets(all: readonly Measurement[]): readonly Target[] {
  const target = (text: string, run: keyof typeof embeddedRuns, most: number): Target => ({
    ...{ text, most, shown: seconds },
    value: middle(find(all, { task: EMBEDDED, by: embeddedRuns[run] }), wall),
  });
  return [
    target('the image of the embedded lab', 'image', 40_000),
    target('its boot, with the director that this machine can have', 'boot', 20_000),
    target('its boot, the director in a container', 'containers', 12_000),
    target('the demo, the first time', 'firstDemo', 180_000),
    target('the demo, once more', 'nextDemo', 90_000),
  ];
}

function startTargets(all: readonly Measurement[]): readonly Target[] {
  const by = (name: string): Measurement | undefined => find(all, { task: 'start', by: name });
  return [
    {
      text: '`lvslab --help`, beside a Node that does nothing',
      ...{ value: ratio(by('lvslab --help'), by('node -e 0')), most: 1.4, shown: times },
    },
  ];
}

/** The targets as a table: what was measured, and whether that is good enough. */
export function renderTargets(all: readonly Measurement[]): string {
  const rows = targetsOf(all).map((target): Row => [
    target.text,
    boundOf(target),
    shownOf(target),
    verdictOf(target),
  ]);
  return table([['target', 'wanted', 'measured', 'verdict'], ...rows]);
}

function boundOf({ most, least, shown }: Target): string {
  return most === undefined ? `${shown(least ?? NaN)} at least` : `${shown(most)} at most`;
}

function shownOf({ value, shown }: Target): string {
  return Number.isFinite(value) ? shown(value) : 'not measured';
}

/** How far a target was missed is said as how many times the bound it is, where the bound is no zero. */
export function verdictOf({ value, most, least }: Target): string {
  if (!Number.isFinite(value)) return '–';
  if (most !== undefined ? value <= most : value >= (least ?? NaN)) return 'met';
  const times = most === undefined ? (least ?? NaN) / value : value / most;
  return Number.isFinite(times) ? `**missed**, ${times.toFixed(2)} times` : '**missed**';
}
