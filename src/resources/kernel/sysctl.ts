import { z } from 'zod';
import { type Conflict } from '../../engine/model/conflict.ts';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { PlaybookError } from '../../engine/model/errors.ts';
import {
  absent,
  type Change,
  type Observed,
  type Past,
  type Resource,
  type Target,
  unknown,
  value,
} from '../../engine/model/resource.ts';
import { lines, type Script, sh } from '../../engine/model/script.ts';
import { filledLines, parseSections, section } from '../../platforms/sections.ts';
import { fieldChange } from '../field-changes.ts';
import { device, line as oneLine, text } from '../schemas.ts';
import {
  convergeFile,
  diffFile,
  type FileState,
  fileState,
  observeFile,
  parseFile,
  plainAttributes,
} from '../files/file-state.ts';
import {
  bootWith,
  chooseFile,
  contentsOf,
  contraryTo,
  isSameValue,
  lastPath,
  linesOf,
  usualPath,
  type WantedSetting,
} from './sysctl-candidates.ts';
import { type SetAtBoot, setAtBoot, settingsBehind, switchesOfNics } from './sysctl-boot.ts';
import {
  commandIn,
  observeSysctlFiles,
  parseSysctlFiles,
  type SysctlFiles,
  sysctlFiles,
} from './sysctl-files.ts';

/** A kernel setting: what it is now, the file of ours that sets it at boot, and what others have that does so, too. */
interface SysctlState {
  readonly runtime: string;
  /** NICs whose own switch is another one than the host's now. */
  readonly nics?: Readonly<Record<string, string>>;
  /** Our file; not set where there is none. */
  readonly file?: FileState;
  /** Our file under the name that comes last; not set where there is none. */
  readonly last?: FileState;
  /** Not set where an earlier version wrote it down. */
  readonly others?: SysctlFiles;
}

/** 'net.ipv4.ip_forward'. */
const KEY = /^[a-z0-9_]+(\.[\w-]+)+$/;

/**
 * A kernel setting, now and after every boot, in a file of its own that is read after whatever contradicts it. What no
 * file can overrule is a conflict.
 * @throws PlaybookError when the key can't be one.
 */
export const sysctl = defineKind('sysctl', {
  args: z.object({
    key: z.string().regex(KEY, 'must be a kernel setting'),
    value: oneLine,
    /** NICs on which it must hold, too, for settings of which each NIC has its own. */
    nics: z.array(device).readonly().exactOptional(),
  }),
  state: z.object({
    runtime: text,
    nics: z.record(device, text).exactOptional(),
    file: fileState.exactOptional(),
    last: fileState.exactOptional(),
    others: sysctlFiles.exactOptional(),
  }),
  make: settingResource,
});

function settingResource({
  key,
  value: setting,
  nics = [],
}: {
  readonly key: string;
  readonly value: string;
  readonly nics?: readonly string[];
}): Resource<SysctlState> {
  const wanted: WantedSetting = { key, value: setting, nics };
  const own = [usualPath(key), lastPath(key)];
  return {
    id: `sysctl ${key}`,
    aim: (found) => aimOf(wanted, found),
    observe: observeSetting(wanted),
    parse: (output) => parseSetting(wanted, output),
    diff: (observed, to) => diffSettings(wanted, observed, to),
    converge: (from, to) =>
      lines(
        to.kind === 'absent' ? undefined : setNow(wanted, from, to.value),
        // What comes is there before what goes.
        ...own
          .map((path) => [path, fileAt(from, path, key), fileAt(to, path, key)] as const)
          .filter(([, before, after]) => diffFile(before, after).length > 0)
          .toSorted(([, , a], [, , b]) => b.kind.localeCompare(a.kind))
          .map(([path, , after]) => convergeFile(path, after)),
      ),
    conflicts: (found, to) => conflictsOf(wanted, found, to),
    notice: (found) => noticeOf(wanted, found),
    undo: {
      // What others have written meanwhile is theirs.
      aim: (found, { before }: Past<SysctlState>) => {
        if (before.kind === 'absent') return before;
        const { others: _, ...past } = before.value;
        return value({ ...past, ...othersOf(found) });
      },
      isForeign: (found, before) => isForeign(wanted, found, before),
    },
  };
}

function aimOf(wanted: WantedSetting, found: Target<SysctlState>): Target<SysctlState> {
  const others = othersOf(found);
  const { path, content } = chooseFile(wanted, others.others ?? NOTHING_KNOWN);
  const file: FileState = { content, ...plainAttributes };
  const place = path === usualPath(wanted.key) ? { file } : { last: file };
  return value({ runtime: wanted.value, ...place, ...others });
}

function othersOf(found: Target<SysctlState>): Pick<SysctlState, 'others'> {
  return found.kind === 'value' && found.value.others !== undefined
    ? { others: found.value.others }
    : {};
}

const NOTHING_KNOWN: SysctlFiles = {
  lines: [],
  byHand: [],
  later: [],
  hasGlobs: false,
  isOff: false,
};

function observeSetting(wanted: WantedSetting): Script {
  const { key } = wanted;
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
    ${observeSysctlFiles}
    fi
    ${observeFile(usualPath(key))}
    ## A second file's sections would pass for the first one's.
    ${section('last', observeFile(lastPath(key)))}
  `;
}

function parseSetting(wanted: WantedSetting, output: string): Observed<SysctlState> {
  const { key } = wanted;
  const sections = parseSections(output);
  const file = parseFile(output);
  const last = parseFile(sections.get('last') ?? '');
  if (file.kind === 'unknown') return file;
  if (last.kind === 'unknown') return last;
  const runtime = sections.get('runtime');
  if (runtime === undefined) {
    const isGone = file.kind === 'absent' && last.kind === 'absent';
    return isGone ? absent : unknown(`the kernel has no ${key}`);
  }
  const own = [usualPath(key), lastPath(key)];
  const others = parseSysctlFiles(output, { settings: settingsBehind(wanted), own });
  if (others.kind !== 'value') return others;
  const nics = filledLines(sections.get('nics'))
    .map((line) => line.split(' '))
    .filter(([, now = '']) => !isSameValue(now, runtime));
  return value({
    // Several numbers in one setting are parted by tabs.
    runtime: runtime.replaceAll('\t', ' '),
    ...(nics.length > 0 && { nics: Object.fromEntries(nics) as Record<string, string> }),
    ...(file.kind === 'value' && { file: file.value }),
    ...(last.kind === 'value' && { last: last.value }),
    others: others.value,
  });
}

function diffSettings(
  wanted: WantedSetting,
  observed: Target<SysctlState>,
  to: Target<SysctlState>,
): readonly Change[] {
  const { key } = wanted;
  return [
    ...fieldChange('runtime', runtimeOf(observed), runtimeOf(to)),
    ...nicsOf(observed, to).flatMap((nic) =>
      fieldChange(`runtime of ${nic}`, runtimeOf(observed, nic), runtimeOf(to, nic)),
    ),
    ...bootChange(wanted, observed, to),
    ...[usualPath(key), lastPath(key)].flatMap((path) =>
      diffFile(fileAt(observed, path, key), fileAt(to, path, key)).map((change) => ({
        ...change,
        field: change.field === 'content' ? path : `${path}: ${change.field}`,
      })),
    ),
  ];
}

/** What a boot brings is told where it is something else than what is there now; else our file says it. */
function bootChange(
  wanted: WantedSetting,
  observed: Target<SysctlState>,
  to: Target<SysctlState>,
): readonly Change[] {
  if (observed.kind === 'absent' || to.kind === 'absent') return [];
  const [before, after] = [observed.value, to.value].map((state) => outcomeOf(wanted, state));
  return (before ?? []).flatMap((set, index) => {
    const next = after?.[index];
    if (set.by === undefined || set.value === undefined || next?.value === undefined) return [];
    if (isSameValue(set.value, observed.value.runtime) || isSameValue(set.value, next.value)) {
      return [];
    }
    const field = index === 0 ? 'at boot' : `${set.name} at boot`;
    return fieldChange(field, `${set.value} (${set.by.file}:${set.by.line})`, next.value);
  });
}

/** Writes what differs; the host's switch sets those of all NICs. */
function setNow({ key, nics }: WantedSetting, from: Target<SysctlState>, to: SysctlState): Script {
  const switches = switchesOfNics({ key, nics });
  const isOther = runtimeOf(from) !== to.runtime;
  const path = runtimePathOf(key);
  return lines(
    isOther ? sh`printf '%s\n' ${to.runtime} >${path}` : undefined,
    ...nicsOf(from, value(to)).map((nic) => {
      const one = switches.get(nic);
      const set = to.nics?.[nic] ?? to.runtime;
      const isRight = isOther ? to.nics?.[nic] === undefined : runtimeOf(from, nic) === set;
      if (one === undefined || isRight) return undefined;
      return sh`printf '%s\n' ${set} >${`/proc/sys/${one}`}`;
    }),
  );
}

function conflictsOf(
  wanted: WantedSetting,
  found: Target<SysctlState>,
  to: Target<SysctlState>,
): readonly Conflict[] {
  if (found.kind === 'absent' || to.kind === 'absent') return [];
  const { others } = found.value;
  if (others?.isOff === true) {
    return [
      {
        file: '/etc/systemd/system/systemd-sysctl.service',
        why: `it is masked, so no boot sets ${wanted.key}`,
        hint: 'Unmask it with `systemctl unmask systemd-sysctl.service`.',
      },
    ];
  }
  return contraryTo(wanted, outcomeOf(wanted, to.value)).flatMap(({ name, by, value: set }) => {
    if (by === undefined) return [];
    const { file, line } = by;
    const why = `it sets ${name} to ${set ?? "''"} at boot, after every file that lvslab could write, and ${wanted.value} is wanted`;
    return [{ file, line, why, hint: `Take line ${line} out of ${file}, or correct it.` }];
  });
}

/** What may set it otherwise without a boot, or after one. */
function noticeOf(wanted: WantedSetting, found: Target<SysctlState>): string | undefined {
  if (found.kind === 'absent' || found.value.others === undefined) return undefined;
  const { lines: read, byHand, later, hasGlobs } = found.value.others;
  const settings = settingsBehind(wanted);
  const scripts = later.filter(({ text: command }) => {
    const set = commandIn(command);
    return (
      set !== undefined && settings.includes(set.setting) && !isSameValue(set.value, wanted.value)
    );
  });
  const all = [...read, ...ownLines(wanted, found.value), ...byHand];
  const [host] = setAtBoot(all, wanted, { reader: 'sysctl --system', hasGlobs });
  const isByHand = byHand.some(({ line }) => host?.by?.line === line) && isContrary(wanted, host);
  const told = [
    ...scripts.map(
      ({ file, line, text: command }) =>
        `${file}:${line} sets it otherwise after all files were applied: ${command.trim()}`,
    ),
    ...(isByHand && host?.by !== undefined
      ? [
          `${wanted.key} is set otherwise in ${host.by.file}:${host.by.line}, which a \`sysctl --system\` typed by hand prefers`,
        ]
      : []),
  ];
  return told.length === 0 ? undefined : told.join('; ');
}

function isContrary(wanted: WantedSetting, set: SetAtBoot | undefined): boolean {
  return set !== undefined && contraryTo(wanted, [set]).length > 0;
}

function outcomeOf(wanted: WantedSetting, state: SysctlState): readonly SetAtBoot[] {
  const own = ownFiles(wanted, state).map(({ path, file: { content } }) => ({ path, content }));
  return bootWith(wanted, state.others ?? NOTHING_KNOWN, own);
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

function ownLines(wanted: WantedSetting, state: SysctlState): ReturnType<typeof linesOf> {
  return ownFiles(wanted, state).flatMap(({ path, file }) => linesOf(path, file.content));
}

/** Whether others have made something of it that was neither there before nor can be lvslab's. */
function isForeign(
  wanted: WantedSetting,
  found: Target<SysctlState>,
  before: Target<SysctlState>,
): boolean {
  if (found.kind === 'absent') return false;
  const past = before.kind === 'absent' ? undefined : before.value;
  const known = [wanted.value, ...(past === undefined ? [] : [past.runtime])];
  if (!known.some((one) => isSameValue(one, found.value.runtime))) return true;
  const ours = contentsOf(wanted).map((content) => ({ content, ...plainAttributes }));
  return (['file', 'last'] as const).some((place) => {
    const file = found.value[place];
    const possible = [...ours, ...(past?.[place] === undefined ? [] : [past[place]])];
    return (
      file !== undefined && possible.every((one) => diffFile(value(file), value(one)).length > 0)
    );
  });
}

function runtimePathOf(key: string): string {
  if (!KEY.test(key)) {
    throw new PlaybookError(`'${key}' is no kernel setting`, {
      hint: "A key is words with dots between them: 'net.ipv4.ip_forward'.",
    });
  }
  return `/proc/sys/${key.replaceAll('.', '/')}`;
}

function runtimeOf(state: Target<SysctlState>, nic?: string): string | undefined {
  if (state.kind === 'absent') return undefined;
  const own = nic === undefined ? undefined : state.value.nics?.[nic];
  return own ?? state.value.runtime;
}

/** The NICs that have something of their own in one of the states. */
function nicsOf(...states: readonly Target<SysctlState>[]): readonly string[] {
  const names = states.flatMap((state) =>
    state.kind === 'absent' ? [] : Object.keys(state.value.nics ?? {}),
  );
  return [...new Set(names)];
}

function fileAt(state: Target<SysctlState>, path: string, key: string): Target<FileState> {
  if (state.kind === 'absent') return absent;
  const file = path === usualPath(key) ? state.value.file : state.value.last;
  return file === undefined ? absent : value(file);
}
