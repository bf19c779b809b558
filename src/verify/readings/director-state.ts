import { type Connection } from '../../engine/model/connection.ts';
import { type Observed, unknown } from '../../engine/model/resource.ts';
import { type Script, sh } from '../../engine/model/script.ts';
import { parseCounters, type ServiceCounters } from '../../ipvs/table/counters.ts';
import { parseSavedTable, type TableQuestion } from '../../ipvs/table/saved-table.ts';
import { type IpvsTable, serviceKey, type VirtualService } from '../../ipvs/virtual-service.ts';
import { filledLines } from '../../platforms/sections.ts';
import { observeParts, parsed, type VerifyContext } from './observe-parts.ts';

/** The kernel's estimator hands counters over every two seconds; later than that all that happened before is in them. */
const ESTIMATOR_SECONDS = 3;
const MAX_READINGS = 7;

const readTable = sh`ipvsadm -S -n`;

const readMacs = sh`ip -o link show | sed -n 's/.*link\/ether \([0-9a-f:]*\).*/\1/p'`;

/** The settings of the director's kernel that were asked for, and its IPVS table. */
export interface DirectorState {
  /** By key: 'net.ipv4.ip_forward'. */
  readonly settings: ReadonlyMap<string, Observed<string>>;
  readonly table: Observed<IpvsTable>;
  /** Hardware addresses of its NICs. */
  readonly macs: Observed<readonly string[]>;
}

/** Reads the director's state; changes nothing. */
export async function readDirector(
  director: Connection,
  settings: readonly { readonly key: string }[],
  { keys, ...context }: VerifyContext & TableQuestion,
): Promise<DirectorState> {
  const scripts = [readTable, readMacs, ...settings.map(({ key }) => readSetting(key))];
  const [table, macs, ...values] = await observeParts(director, scripts, context);
  return {
    settings: new Map(
      settings.map(({ key }, i) => [key, parsed(values[i], (text) => text.trim())] as const),
    ),
    table: parsed(table, (text) => parseSavedTable(text, { ...(keys && { keys }) })),
    macs: parsed(macs, (text) => filledLines(text)),
  };
}

function readSetting(key: string): Script {
  return sh`cat ${`/proc/sys/${key.replaceAll('.', '/')}`}`;
}

/** What the counters are expected to have reached, where that is known. */
export interface CountersQuestion extends VerifyContext {
  readonly service: VirtualService;
  readonly connections?: number;
}

/**
 * The counters of the service once they are at rest: they have reached the expected number of connections, after a pause
 * longer than the estimator's, or they stay the same; where they are expected to rise still, for longer.
 */
export async function settledCounters(
  director: Connection,
  { service, connections, ...context }: CountersQuestion,
): Promise<Observed<ServiceCounters>> {
  const patience = connections === undefined ? 1 : 2;
  let previous: number | undefined;
  let unchanged = 0;
  for (let reading = 0; reading < MAX_READINGS; reading += 1) {
    const pause = reading === 0 && connections === undefined ? 0 : ESTIMATOR_SECONDS;
    const [text] = await observeParts(director, [readCounters(pause)], context);
    const counters = parsed(text, (output) => findService(output, service));
    if (counters.kind !== 'value') return counters;
    const now = counters.value.connections;
    unchanged = now === previous ? unchanged + 1 : 0;
    if (now === connections || unchanged === patience) return counters;
    previous = now;
  }
  return unknown('the counters do not come to rest: something else uses the VIP as well');
}

/** How the table changed over a restart of the service that loads it. */
export interface RestartReadings {
  readonly before: Observed<IpvsTable>;
  readonly restarted: Observed<string>;
  readonly after: Observed<IpvsTable>;
}

/** Restarts the service that loads the rules, as a reboot would, and reads the table on both sides of it. */
export async function restartRules(
  director: Connection,
  { keys, ...context }: VerifyContext & TableQuestion,
): Promise<RestartReadings> {
  const scripts = [readTable, sh`systemctl restart ipvsadm`, readTable];
  const [before, restarted, after] = await observeParts(director, scripts, context);
  const read = (text: string): IpvsTable => parseSavedTable(text, { ...(keys && { keys }) });
  return {
    before: parsed(before, read),
    restarted: restarted ?? unknown('not tried'),
    after: parsed(after, read),
  };
}

function readCounters(seconds: number): Script {
  return sh`sleep ${seconds}; ipvsadm -Ln --stats --exact`;
}

function findService(output: string, service: VirtualService): ServiceCounters {
  const found = parseCounters(output).find(
    (counted) => serviceKey(counted) === serviceKey(service),
  );
  if (found === undefined) throw new Error(`IPVS has no service ${serviceKey(service)}`);
  return found;
}
