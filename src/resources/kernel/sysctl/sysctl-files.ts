import { z } from 'zod';
import { type Observed, unknown, value } from '../../../engine/model/resource.ts';
import { lines, type Script, sh } from '../../../engine/model/shell/script.ts';
import { onceForAll } from '../../../engine/model/shell/shared-shell.ts';
import { askedUnit } from '../../../platforms/many-units.ts';
import { filledLines, parseSections, section } from '../../../platforms/sections.ts';
import { absolutePath, line as oneLine } from '../../schemas.ts';
import { filesThatCount } from '../drop-in-folders.ts';
import { concerns, normalSysctl, type SysctlLine } from './sysctl-writes.ts';

/** Earlier ones hide what has the same name in later ones. */
const FOLDERS = [
  ...['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d'],
  ...['/usr/lib/sysctl.d', '/lib/sysctl.d'],
] as const;

/** Read by `sysctl --system` alone, last; at boot only where a link in a folder leads to it. */
const LAST_OF_PROCPS = '/etc/sysctl.conf';

/** What may set kernel settings when the network comes up, or at the end of the boot. */
const SCRIPTS = sh`/etc/network/interfaces /etc/network/interfaces.d/* /etc/network/if-*.d/* /sbin/ifup-local`;
const RC_LOCALS = ['/etc/rc.local', '/etc/rc.d/rc.local'] as const;

const MOST_BYTES = 1_000_000;

const sysctlLine = z.object({
  file: absolutePath,
  line: z.int().min(0),
  text: oneLine,
});

/** The shape of these files in a journal. */
export const sysctlFiles = z.object({
  lines: z.array(sysctlLine),
  byHand: z.array(sysctlLine),
  later: z.array(sysctlLine),
  firewall: z.array(sysctlLine).exactOptional(),
  hasGlobs: z.boolean(),
  isOff: z.boolean(),
});

/** What others have on a host that sets some settings at boot. */
export interface SysctlFiles {
  /** In the order in which systemd-sysctl reads them. */
  readonly lines: readonly SysctlLine[];
  /** What `sysctl --system` reads behind these. */
  readonly byHand: readonly SysctlLine[];
  /** Lines of scripts that are run after all files were applied. */
  readonly later: readonly SysctlLine[];
  /** What ufw sets once it comes up, behind all the other files. */
  readonly firewall?: readonly SysctlLine[];
  /** Whether this systemd knows patterns. */
  readonly hasGlobs: boolean;
  /** The files are not applied at all: the service that does it is masked. */
  readonly isOff: boolean;
}

const listFiles = sh`
  for folder in ${FOLDERS}; do
    for file in "$folder"/*.conf; do
      if [ -e "$file" ] || [ -L "$file" ]; then printf '%s\n' "$file"; fi
    done
  done
`;

const confFiles = lines(...FOLDERS.map((folder) => sh`set -- "$@" ${folder}/*.conf`));

const printLines = sh`
  set --
  ${confFiles}
  ## A NUL ends a line, too, and no shell variable holds one.
  grep -anHs -d skip -D skip -e '' -- "$@" ${LAST_OF_PROCPS} </dev/null |
    tr '\000' '\001' | head -c ${MOST_BYTES + 1} || :
`;

const ufwSettings = `for file in /etc/default/ufw /etc/ufw/ufw.conf; do
  if [ -f "$file" ]; then . "$file" >/dev/null 2>&1; fi
done
printf '%s %s\\n' "$ENABLED" "$IPT_SYSCTL"`;

/** Its settings are read as ufw's own script reads them. */
const printFirewall = sh`
  ufw=$(sh -c ${ufwSettings} </dev/null 2>/dev/null) || ufw=
  case $ufw in
  'yes '/* | 'YES '/*)
    grep -anHs -d skip -D skip -e '' -- "\${ufw#* }" </dev/null | tr '\000' '\001' | head -c ${MOST_BYTES + 1} || :
    ;;
  esac
`;

const printLater = sh`
  {
    for file in ${RC_LOCALS}; do
      if [ -x "$file" ]; then
        grep -anHs -d skip -D skip -e sysctl -e /proc/sys/ -- "$file" </dev/null || :
      fi
    done
    grep -anHs -d skip -D skip -e sysctl -e /proc/sys/ -- ${SCRIPTS} </dev/null || :
  } | head -c ${MOST_BYTES + 1}
`;

const UNIT = 'systemd-sysctl.service';

const printAll: Script = lines(
  section('files', listFiles),
  section('lines', printLines),
  section('later', printLater),
  section('firewall', printFirewall),
  // Only from 247 on does it know patterns.
  section('version', sh`systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p'`),
  sh`
    ${askedUnit(UNIT)}
    lvslab_enabled ${UNIT}
    lvslab_say unit "$lvslab_enabled"
  `,
);

/** Shell that prints all that sets kernel settings at boot. Read back with `parseSysctlFiles`. */
export const observeSysctlFiles: Script = onceForAll('sysctl_files', printAll);

/**
 * Reads what `observeSysctlFiles` printed.
 * @param settings with slashes; lines that have no say in one of these are left out.
 * @param own our files, left out as well.
 */
export function parseSysctlFiles(
  output: string,
  { settings, own }: { readonly settings: readonly string[]; readonly own: readonly string[] },
): Observed<SysctlFiles> {
  const sections = parseSections(output);
  const tooLong = PRINTED.map((name) => sections.get(name) ?? '').find(isCut);
  if (tooLong !== undefined) return unknown(`${lastFileIn(tooLong)} is too long to be read`);
  const paths = filledLines(sections.get('files'));
  const strange = paths.find((path) => !FOLDERS.some((folder) => path.startsWith(`${folder}/`)));
  if (strange !== undefined) return unknown(`a file's name has a line break: '${strange}'`);
  const printed = placed(sections.get('lines'), [...paths, LAST_OF_PROCPS]);
  if (printed === undefined) return unknown('the files that set kernel settings changed meanwhile');
  const version = Number(sections.get('version') ?? 0);
  const relevant = readerLines(printed, version).filter((line) => concerns(line, settings));
  const order = filesThatCount(
    paths.filter((path) => !own.includes(path)),
    FOLDERS,
  );
  const firewall = readerLines(placed(sections.get('firewall')) ?? [], version).filter((line) =>
    concerns(line, settings),
  );
  return value({
    lines: order.flatMap((path) => relevant.filter(({ file }) => file === path)),
    byHand: relevant.filter(({ file }) => file === LAST_OF_PROCPS),
    later: (placed(sections.get('later')) ?? []).filter((line) => {
      const set = commandIn(line.text);
      return set !== undefined && settings.includes(set.setting);
    }),
    ...(firewall.length > 0 && { firewall }),
    hasGlobs: version >= 247,
    isOff: sections.get('unit')?.trim() === 'masked',
  });
}

const PRINTED = ['lines', 'later', 'firewall'] as const;

function isCut(section: string): boolean {
  return Buffer.byteLength(section) > MOST_BYTES;
}

/** The file at whose lines the printing was cut off. */
function lastFileIn(section: string): string {
  const last = section.split('\n').findLast((line) => /^\/[^:]*:\d+:/.test(line)) ?? '';
  return /^(\/[^:]*):\d+:/.exec(last)?.[1] ?? 'a file that sets kernel settings';
}

/**
 * Lines as systemd-sysctl sees them, under the number that an editor shows: a lone carriage return and a NUL end a line
 * since 239; before, nothing behind a NUL was seen.
 */
function readerLines(printed: readonly SysctlLine[], version: number): readonly SysctlLine[] {
  return printed.flatMap(({ text, ...place }) => {
    const [seen = '', ...behind] = text.split('\u0001');
    const parts = version >= 239 ? [seen, ...behind].flatMap((one) => one.split('\r')) : [seen];
    return parts.map((part) => ({ ...place, text: part.trim() }));
  });
}

/** What a line of a script sets: `sysctl -w KEY=VALUE`, or VALUE into the file under /proc/sys. */
export function commandIn(
  text: string,
): { readonly setting: string; readonly value: string } | undefined {
  if (/^\s*#/.test(text)) return undefined;
  const [, key, set = ''] =
    /\bsysctl\s+(?:-\S+\s+)*["']?([\w./-]+)\s*=\s*["']?([^\s"';&|]+)/.exec(text) ?? [];
  if (key !== undefined) return { setting: normalSysctl(key), value: set };
  const [, said = '', under] =
    /\b(?:echo|printf)\s+(?:-\S+\s+)*["']?([^\s"'\\]+)\S*\s*>+\s*["']?\/proc\/sys\/([\w./-]+)/.exec(
      text,
    ) ?? [];
  return under === undefined ? undefined : { setting: under, value: said };
}

/** Reads 'FILE:NUMBER:TEXT'; undefined where a line is none of a known file. */
function placed(output = '', paths?: readonly string[]): readonly SysctlLine[] | undefined {
  const read = filledLines(output).map((raw) => placedLine(raw, paths));
  return read.includes(undefined) ? undefined : read.filter((line) => line !== undefined);
}

function placedLine(raw: string, paths?: readonly string[]): SysctlLine | undefined {
  const known = paths?.find((path) => raw.startsWith(`${path}:`));
  const file = paths === undefined ? /^(\/[^:]*):/.exec(raw)?.[1] : known;
  if (file === undefined) return undefined;
  const [, number, text = ''] = /^(\d+):(.*)$/s.exec(raw.slice(file.length + 1)) ?? [];
  return number === undefined ? undefined : { file, line: Number(number), text };
}
