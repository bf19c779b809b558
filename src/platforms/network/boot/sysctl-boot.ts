import { type Observed, unknown, value } from '../../../engine/model/resource.ts';
import { lines, type Script, sh, trusted } from '../../../engine/model/script.ts';
import { filledLines, parseSections, section } from '../../sections.ts';
import { type BootConflict, type Place } from './boot-view.ts';
import { firstOfEachName, type ListedFile, parseListed, showFiles } from './listed-files.ts';
import { normalSysctl, type SysctlWrite, writtenTo, writesOf } from './sysctl-writes.ts';

const FOLDERS = [
  ...['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d'],
  ...['/usr/lib/sysctl.d', '/lib/sysctl.d'],
] as const;

/** The file that only procps reads, behind all others. */
const LAST_OF_PROCPS = '/etc/sysctl.conf';
const RC_LOCALS = ['/etc/rc.local', '/etc/rc.d/rc.local'] as const;
const PROGRAMS = ['/usr/lib/systemd/systemd-sysctl', '/lib/systemd/systemd-sysctl'] as const;

/** Which program applies the files. */
export type SysctlReader = 'systemd-sysctl' | 'sysctl --system';

/** What a kernel setting is made at boot. */
export interface SysctlAtBoot {
  /** The line that decides; not set where none does. */
  readonly decided?: Place & { readonly value: string };
  /** What sets it otherwise after all files were applied. */
  readonly conflicts: readonly BootConflict[];
}

/** Shell that prints all that sets kernel settings at boot. Read back with `sysctlAtBoot`. */
export const observeSysctlBoot: Script = lines(
  showFiles,
  section(
    'files',
    sh`for folder in ${FOLDERS}; do lvslab_show "$folder"/*.conf; done; lvslab_show ${LAST_OF_PROCPS}`,
  ),
  section(
    'rc.local',
    sh`for file in ${RC_LOCALS}; do if [ -x "$file" ]; then lvslab_show "$file"; fi; done`,
  ),
  // Only from 247 on does it know patterns.
  section(
    'version',
    trusted(`systemctl --version 2>/dev/null | sed -n '1s/^systemd \\([0-9]*\\).*/\\1/p'`),
  ),
  section(
    'reader',
    sh`for program in ${PROGRAMS}; do
  if [ -x "$program" ]; then "$program" --cat-config 2>/dev/null | grep -E '^# /.*[.]conf$' || :; break; fi
done`,
  ),
);

/**
 * Reads what `observeSysctlBoot` printed.
 * @param key 'net.ipv4.ip_forward', or with slashes.
 * @param wanted lines that are run after the files and set another value than this are conflicts.
 */
export function sysctlAtBoot(
  output: string,
  {
    key,
    wanted,
    reader = 'systemd-sysctl',
  }: { readonly key: string; readonly wanted: string; readonly reader?: SysctlReader },
): Observed<SysctlAtBoot> {
  const sections = parseSections(output);
  const files = parseListed(sections.get('files'));
  const scripts = parseListed(sections.get('rc.local'));
  if (files.kind !== 'value') return unknownBut(files);
  if (scripts.kind !== 'value') return unknownBut(scripts);
  const order = orderOf(files.value, reader);
  const told = new Set(filledLines(sections.get('reader')).map((line) => line.slice(2)));
  const unread = order.find(({ path, text }) => !told.has(path) && text !== '');
  if (reader === 'systemd-sysctl' && told.size > 0 && unread !== undefined) {
    return unknown(`systemd-sysctl does not speak of ${unread.path}`);
  }
  const hasGlobs = reader === 'sysctl --system' || Number(sections.get('version') ?? 0) >= 247;
  const decided = writtenTo(normalSysctl(key), writesOf(order, { reader, hasGlobs }));
  return value({
    ...(decided !== undefined && { decided: placeOf(decided) }),
    conflicts: scripts.value.flatMap((file) => laterWrites(file, normalSysctl(key), wanted)),
  });
}

function unknownBut<S>(observed: Observed<unknown>): Observed<S> {
  return unknown(observed.kind === 'unknown' ? observed.reason : 'the files were not told');
}

function orderOf(files: readonly ListedFile[], reader: SysctlReader): readonly ListedFile[] {
  const byName = firstOfEachName(files, FOLDERS);
  return reader === 'systemd-sysctl'
    ? byName
    : [...byName, ...files.filter(({ path }) => path === LAST_OF_PROCPS)];
}

function placeOf({ file, line, value: written }: SysctlWrite): Place & { readonly value: string } {
  return { file, line, value: written };
}

function laterWrites(
  { path, text }: ListedFile,
  key: string,
  wanted: string,
): readonly BootConflict[] {
  return text.split('\n').flatMap((line, index) => {
    const place = { file: path, line: index + 1 };
    const write = commandIn(line);
    if (write === undefined || write.value === wanted) return [];
    if (writtenTo(key, [{ ...place, ...write }]) === undefined) return [];
    const why = `it sets ${key.replaceAll('/', '.')} to ${write.value} after all files were applied`;
    return [{ ...place, why, hint: `Take this line out of ${path}.` }];
  });
}

/** `sysctl -w KEY=VALUE`, or VALUE into the file under /proc/sys. */
function commandIn(line: string): Pick<SysctlWrite, 'key' | 'value'> | undefined {
  if (/^\s*#/.test(line)) return undefined;
  const [, key, set = ''] =
    /\bsysctl\s+(?:-\S+\s+)*["']?([\w./-]+)\s*=\s*["']?([^\s"';&|]+)/.exec(line) ?? [];
  if (key !== undefined) return { key: normalSysctl(key), value: set };
  const [, said = '', under] =
    /\becho\s+(?:-\S+\s+)*["']?(\S+?)["']?\s*>+\s*["']?\/proc\/sys\/([\w./-]+)/.exec(line) ?? [];
  return under === undefined ? undefined : { key: under, value: said };
}
