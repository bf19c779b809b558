import { type Connection } from '../../engine/model/connection.ts';
import { type Observed, unknown } from '../../engine/model/resource.ts';
import { type Script, sh } from '../../engine/model/shell/script.ts';
import { type TableQuestion } from '../../ipvs/rules/rule-parts.ts';
import { parsePrintedTable } from '../../ipvs/thresholds.ts';
import { type IpvsTable } from '../../ipvs/virtual-service.ts';
import { printIpvsTable } from '../../platforms/ipvs-table-script.ts';
import { filledLines } from '../../platforms/sections.ts';
import { observeParts, parsed, type VerifyContext } from './observe-parts.ts';

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
  const scripts = [printIpvsTable, readMacs, ...settings.map(({ key }) => readSetting(key))];
  const [table, macs, ...values] = await observeParts(director, scripts, context);
  return {
    settings: new Map(
      settings.map(({ key }, i) => [key, parsed(values[i], (text) => text.trim())] as const),
    ),
    table: parsed(table, (text) => parsePrintedTable(text, { ...(keys && { keys }) })),
    macs: parsed(macs, (text) => filledLines(text)),
  };
}

function readSetting(key: string): Script {
  return sh`cat ${`/proc/sys/${key.replaceAll('.', '/')}`}`;
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
  const scripts = [printIpvsTable, sh`systemctl restart ipvsadm`, printIpvsTable];
  const [before, restarted, after] = await observeParts(director, scripts, context);
  const read = (text: string): IpvsTable => parsePrintedTable(text, { ...(keys && { keys }) });
  return {
    before: parsed(before, read),
    restarted: restarted ?? unknown('not tried'),
    after: parsed(after, read),
  };
}
