import { z } from 'zod';
import { defineKind } from '../../../engine/model/resource-kind.ts';
import { type Past, type Resource, type Target, value } from '../../../engine/model/resource.ts';
import { lines, type Script, sh } from '../../../engine/model/shell/script.ts';
import {
  convergeFile,
  diffFile,
  type FileState,
  fileState,
  plainAttributes,
} from '../../files/file-state.ts';
import { device, line as oneLine, text } from '../../schemas.ts';
import { switchesOfNics } from './sysctl-boot.ts';
import {
  chooseFile,
  contentsOf,
  isSameValue,
  lastPath,
  usualPath,
  type WantedSetting,
} from './sysctl-candidates.ts';
import { conflictsOf, diffSettings, noticeOf } from './sysctl-differences.ts';
import { sysctlFiles } from './sysctl-files.ts';
import {
  fileAt,
  KEY,
  nicsOf,
  NOTHING_KNOWN,
  observeSetting,
  othersOf,
  parseSetting,
  runtimeOf,
  runtimePathOf,
  type SysctlState,
} from './sysctl-state.ts';

/**
 * A kernel setting, now and after every boot, in a file of its own that is read after whatever contradicts it. What no
 * file can overrule is a conflict.
 * @throws TemplateError for a value that is no line of a file.
 */
export const sysctl = defineKind('sysctl', {
  args: z.object({
    key: z.string().regex(KEY, 'must be a kernel setting'),
    value: oneLine,
    /** NICs on which it must hold, too, for settings of which each NIC has its own. */
    nics: z.array(device).readonly().exactOptional(),
    /** The id of an earlier resource that brings the setting, where the kernel has it only then. */
    comesWith: oneLine.exactOptional(),
  }),
  state: z.object({
    /** Not set where it is one that is still to come. */
    runtime: text.exactOptional(),
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
  comesWith,
}: {
  readonly key: string;
  readonly value: string;
  readonly nics?: readonly string[];
  readonly comesWith?: string;
}): Resource<SysctlState> {
  const wanted: WantedSetting = { key, value: setting, nics, isLate: comesWith !== undefined };
  const own = [usualPath(key), lastPath(key)];
  // What no file can hold is refused before any host is asked.
  contentsOf(wanted);
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
          .map(([path, before, after]) => convergeFile(path, after, before)),
      ),
    conflicts: (found, to) => conflictsOf(wanted, found, to),
    notice: (found) => noticeOf(wanted, found),
    undo: {
      // What others have written meanwhile is theirs.
      aim: (found, { before }: Past<SysctlState>) => {
        if (before.kind === 'absent') return before;
        const { nics: ofNics, file, last } = before.value;
        // One that came with something else goes with it.
        const runtime = before.value.runtime ?? runtimeOf(found);
        return value({
          ...(runtime !== undefined && { runtime }),
          ...(ofNics !== undefined && { nics: ofNics }),
          ...(file !== undefined && { file }),
          ...(last !== undefined && { last }),
          ...othersOf(found),
        });
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

/** Writes what differs; the host's switch sets those of all NICs. */
function setNow({ key, nics }: WantedSetting, from: Target<SysctlState>, to: SysctlState): Script {
  const switches = switchesOfNics({ key, nics });
  const isOther = runtimeOf(from) !== to.runtime;
  const path = runtimePathOf(key);
  return lines(
    isOther && to.runtime !== undefined ? sh`printf '%s\n' ${to.runtime} >${path}` : undefined,
    ...nicsOf(from, value(to)).map((nic) => {
      const one = switches.get(nic);
      const set = to.nics?.[nic] ?? to.runtime;
      const isRight = isOther ? to.nics?.[nic] === undefined : runtimeOf(from, nic) === set;
      if (one === undefined || set === undefined || isRight) return undefined;
      return sh`printf '%s\n' ${set} >${`/proc/sys/${one}`}`;
    }),
  );
}

/** Whether others have made something of it that was neither there before nor can be lvslab's. */
function isForeign(
  wanted: WantedSetting,
  found: Target<SysctlState>,
  before: Target<SysctlState>,
): boolean {
  if (found.kind === 'absent') return false;
  const past = before.kind === 'absent' ? undefined : before.value;
  const { runtime } = found.value;
  const known = [wanted.value, ...(past?.runtime === undefined ? [] : [past.runtime])];
  // What begins with something that was not there before begins as the kernel likes.
  const isOurs =
    runtime === undefined ||
    (past !== undefined && past.runtime === undefined) ||
    known.some((one) => isSameValue(one, runtime));
  if (!isOurs) return true;
  const ours = contentsOf(wanted).map((content) => ({ content, ...plainAttributes }));
  return (['file', 'last'] as const).some((place) => {
    const file = found.value[place];
    const possible = [...ours, ...(past?.[place] === undefined ? [] : [past[place]])];
    return (
      file !== undefined && possible.every((one) => diffFile(value(file), value(one)).length > 0)
    );
  });
}
