import { type Connection } from '../../engine/model/connection.ts';
import { type Observed, unknown } from '../../engine/model/resource.ts';
import { type Script, sh } from '../../engine/model/shell/script.ts';
import { type TableQuestion } from '../../ipvs/rules/rule-parts.ts';
import { parsePrintedTable } from '../../ipvs/thresholds.ts';
import { printSavedTable } from '../../ipvs/table/saved-table.ts';
import { type IpvsTable, serviceKey } from '../../ipvs/virtual-service.ts';
import { printIpvsTable } from '../../platforms/ipvs-table-script.ts';
import { parseSavedRules, printSavedRules } from '../../platforms/saved-rules.ts';
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

/** What tells the director's state, and how it is read from what that printed. */
export function directorQuestion(
  settings: readonly { readonly key: string }[],
  { keys }: TableQuestion,
): {
  readonly scripts: readonly Script[];
  readonly read: (outputs: readonly Observed<string>[]) => DirectorState;
} {
  return {
    scripts: [printIpvsTable, readMacs, ...settings.map(({ key }) => readSetting(key))],
    read: ([table, macs, ...values]) => ({
      settings: new Map(
        settings.map(({ key }, i) => [key, parsed(values[i], (text) => text.trim())] as const),
      ),
      table: parsed(table, (text) => parsePrintedTable(text, { ...(keys && { keys }) })),
      macs: parsed(macs, (text) => filledLines(text)),
    }),
  };
}

function readSetting(key: string): Script {
  return sh`cat ${`/proc/sys/${key.replaceAll('.', '/')}`}`;
}

/** How the table changed over a restart of the service that loads it. */
export interface RestartReadings {
  readonly before: Observed<IpvsTable>;
  /** Rules of others that the live table alone has: a restart would take them away, so there was none. Empty where there was one. */
  readonly unsaved: readonly string[];
  readonly restarted: Observed<string>;
  readonly after: Observed<IpvsTable>;
}

/**
 * Restarts the service that loads the rules, as a reboot would, and reads the table on both sides of it. Where others have
 * services that only the live table holds, nothing is restarted.
 */
export async function restartRules(
  director: Connection,
  { keys, ...context }: VerifyContext & Required<Pick<TableQuestion, 'keys'>>,
): Promise<RestartReadings> {
  const read = (text: string): IpvsTable => parsePrintedTable(text, { keys });
  const [live, saved] = await observeParts(director, [printIpvsTable, printSavedRules()], context);
  const before = parsed(live, read);
  const unsaved = unsavedOfOthers(
    before,
    parsed(saved, (text) => read(loadedOf(text))),
    keys,
  );
  if (unsaved.length > 0)
    return { before, unsaved, restarted: unknown('not tried'), after: unknown('not tried') };
  const scripts = [sh`systemctl restart ipvsadm`, printIpvsTable];
  const [restarted, after] = await observeParts(director, scripts, context);
  return {
    before,
    unsaved,
    restarted: restarted ?? unknown('not tried'),
    after: parsed(after, read),
  };
}

/** The rules that the service loads, as a text; '' where its switch says that it loads none. */
function loadedOf(printed: string): string {
  const saved = parseSavedRules(printed);
  return saved === undefined || saved.auto === false ? '' : saved.text;
}

/** The services and servers that are none of the lab's, and that the file does not hold as they are. */
function unsavedOfOthers(
  live: Observed<IpvsTable>,
  saved: Observed<IpvsTable>,
  ours: ReadonlySet<string>,
): readonly string[] {
  if (live.kind !== 'value') return [];
  const kept = new Set(saved.kind === 'value' ? rulesOfOthers(saved.value, ours) : []);
  return rulesOfOthers(live.value, ours).filter((rule) => !kept.has(rule));
}

function rulesOfOthers({ services, foreign }: IpvsTable, ours: ReadonlySet<string>) {
  const others = services.filter((service) => !ours.has(serviceKey(service)));
  const printed = printSavedTable({ services: others, foreign });
  return printed.split('\n').filter((line) => line.trim() !== '');
}
