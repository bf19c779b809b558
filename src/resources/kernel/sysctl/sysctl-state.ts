import { PlaybookError } from '../../../engine/model/failures/errors.ts';
import {
  absent,
  type Observed,
  type Target,
  unknown,
  value,
} from '../../../engine/model/resource.ts';
import { lines, type Script, sh } from '../../../engine/model/shell/script.ts';
import { filledLines, parseSections, section } from '../../../platforms/sections.ts';
import { type FileState, observeFile, parseFile } from '../../files/file-state.ts';
import { type SetAtBoot, settingsBehind, switchesOfNics } from './sysctl-boot.ts';
import {
  bootWith,
  isSameValue,
  lastPath,
  linesOf,
  usualPath,
  type WantedSetting,
} from './sysctl-candidates.ts';
import { observeSysctlFiles, parseSysctlFiles, type SysctlFiles } from './sysctl-files.ts';

/** A kernel setting: what it is now, the file of ours that sets it at boot, and what others have that does so, too. */
export interface SysctlState {
  /** Not set where it is one that is still to come. */
  readonly runtime?: string;
  /** NICs whose own switch is another one than the host's now. */
  readonly nics?: Readonly<Record<string, string>>;
  /** Our file; not set where there is none. */
  readonly file?: FileState;
  /** Our file under the name that comes last; not set where there is none. */
  readonly last?: FileState;
  /** Not set where an earlier version wrote it down. */
  readonly others?: SysctlFiles;
}

/** What is known of others in a state that an earlier version wrote down. */
export const NOTHING_KNOWN: SysctlFiles = {
  lines: [],
  byHand: [],
  later: [],
  hasGlobs: false,
  isOff: false,
};

/** 'net.ipv4.ip_forward'. */
export const KEY = /^[a-z0-9_]+(\.[\w-]+)+$/;

/** Shell that prints the setting, the NICs' own, our files, and what others have. Read back with `parseSetting`. */
export function observeSetting(wanted: WantedSetting): Script {
  const { key, isLate = false } = wanted;
  const runtimePath = runtimePathOf(key);
  const switches = [...switchesOfNics(wanted)].map(([nic, one]) => `${nic} /proc/sys/${one}`);
  const perNic = sh`
    printf '%s\n' ${switches} | while read -r nic file; do
      if [ -e "$file" ]; then printf '%s %s\n' "$nic" "$(cat "$file")"; fi
    done
  `;
  return sh`
    if [ -e ${runtimePath} ]; then
    ${section('runtime', sh`cat ${runtimePath}`)}
    ${switches.length === 0 ? lines() : section('nics', perNic)}
    ${isLate ? lines() : observeSysctlFiles}
    fi
    ${isLate ? observeSysctlFiles : lines()}
    ${observeFile(usualPath(key))}
    ## A second file's sections would pass for the first one's.
    ${section('last', observeFile(lastPath(key)))}
  `;
}

/** Reads what `observeSetting` printed. */
export function parseSetting(wanted: WantedSetting, output: string): Observed<SysctlState> {
  const { key } = wanted;
  const sections = parseSections(output);
  const files = [output, sections.get('last') ?? ''].map((text) => parseFile(text));
  const unread = files.find((file) => file.kind === 'unknown');
  if (unread !== undefined) return unread;
  const [file, last] = files.map((one) => (one.kind === 'value' ? one.value : undefined));
  const filesOfOurs = { ...(file !== undefined && { file }), ...(last !== undefined && { last }) };
  const runtime = sections.get('runtime');
  if (runtime === undefined && wanted.isLate !== true) {
    return file === undefined && last === undefined ? absent : unknown(`the kernel has no ${key}`);
  }
  const own = [usualPath(key), lastPath(key)];
  const others = parseSysctlFiles(output, { settings: settingsBehind(wanted), own });
  if (others.kind !== 'value') return others;
  const now = runtimePart(runtime, sections.get('nics'));
  return value({ ...now, ...filesOfOurs, others: others.value });
}

/** Several numbers in one setting are parted by tabs. */
function runtimePart(
  runtime: string | undefined,
  nics: string | undefined,
): Pick<SysctlState, 'runtime' | 'nics'> {
  if (runtime === undefined) return {};
  return { runtime: runtime.replaceAll('\t', ' '), ...ownSwitches(nics, runtime) };
}

/** The NICs of 'ens33 1' lines that differ from the host. */
function ownSwitches(output: string | undefined, runtime: string): Pick<SysctlState, 'nics'> {
  const nics = filledLines(output)
    .map((line) => line.split(' '))
    .filter(([, now = '']) => !isSameValue(now, runtime));
  return nics.length === 0
    ? {}
    : { nics: Object.fromEntries(nics) as Readonly<Record<string, string>> };
}

/** What the setting, or that of a NIC, is now. */
export function runtimeOf(state: Target<SysctlState>, nic?: string): string | undefined {
  if (state.kind === 'absent') return undefined;
  const own = nic === undefined ? undefined : state.value.nics?.[nic];
  return own ?? state.value.runtime;
}

/** The NICs that have something of their own in one of the states. */
export function nicsOf(...states: readonly Target<SysctlState>[]): readonly string[] {
  const names = states.flatMap((state) =>
    state.kind === 'absent' ? [] : Object.keys(state.value.nics ?? {}),
  );
  return [...new Set(names)];
}

/** Our file at one of its two places. */
export function fileAt(state: Target<SysctlState>, path: string, key: string): Target<FileState> {
  if (state.kind === 'absent') return absent;
  const file = path === usualPath(key) ? state.value.file : state.value.last;
  return file === undefined ? absent : value(file);
}

/** What others have, as far as it is known. */
export function othersOf(found: Target<SysctlState>): Pick<SysctlState, 'others'> {
  return found.kind === 'value' && found.value.others !== undefined
    ? { others: found.value.others }
    : {};
}

/** What a boot makes of the setting. */
export function outcomeOf(wanted: WantedSetting, state: SysctlState): readonly SetAtBoot[] {
  const own = ownFiles(wanted, state).map(({ path, file: { content } }) => ({ path, content }));
  return bootWith(wanted, state.others ?? NOTHING_KNOWN, own);
}

/** The lines of our files. */
export function ownLines(wanted: WantedSetting, state: SysctlState): ReturnType<typeof linesOf> {
  return ownFiles(wanted, state).flatMap(({ path, file }) => linesOf(path, file.content));
}

function ownFiles(
  { key }: WantedSetting,
  { file, last }: SysctlState,
): readonly { readonly path: string; readonly file: FileState }[] {
  return [
    ...(file === undefined ? [] : [{ path: usualPath(key), file }]),
    ...(last === undefined ? [] : [{ path: lastPath(key), file: last }]),
  ];
}

/**
 * Where the kernel has a setting.
 * @throws PlaybookError when the key can't be one.
 */
export function runtimePathOf(key: string): string {
  if (!KEY.test(key)) {
    throw new PlaybookError(`'${key}' is no kernel setting`, {
      hint: "A key is words with dots between them: 'net.ipv4.ip_forward'.",
    });
  }
  return `/proc/sys/${key.replaceAll('.', '/')}`;
}
