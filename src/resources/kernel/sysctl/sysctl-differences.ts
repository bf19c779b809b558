import { type Conflict } from '../../../engine/model/conflict.ts';
import { type Change, type Target } from '../../../engine/model/resource.ts';
import { fieldChange } from '../../field-changes.ts';
import { diffFile } from '../../files/file-state.ts';
import { type SetAtBoot, setAtBoot, settingsBehind } from './sysctl-boot.ts';
import {
  contraryTo,
  isSameValue,
  lastPath,
  usualPath,
  type WantedSetting,
} from './sysctl-candidates.ts';
import { commandIn } from './sysctl-files.ts';
import {
  fileAt,
  nicsOf,
  outcomeOf,
  ownLines,
  runtimeOf,
  type SysctlState,
} from './sysctl-state.ts';

/** How two states of a setting differ, now and at boot. */
export function diffSettings(
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

/** What sets it otherwise at boot although our files are as they should be. */
export function conflictsOf(
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
    const isRefused = set !== undefined && !isSameValue(set, by.value);
    const does = isRefused
      ? `it has the boot write '${by.value}' to ${name}, which the kernel refuses, in the place of every line that lvslab could write`
      : `it sets ${name} to ${set ?? "''"} at boot, after every file that lvslab could write`;
    const why = `${does}, and ${wanted.value} is wanted`;
    return [{ file, line, why, hint: `Take line ${line} out of ${file}, or correct it.` }];
  });
}

/** What may set it otherwise without a boot, or after one. */
export function noticeOf(wanted: WantedSetting, found: Target<SysctlState>): string | undefined {
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
    const { runtime } = observed.value;
    const isAsNow = runtime !== undefined && isSameValue(set.value, runtime);
    if (isAsNow || isSameValue(set.value, next.value)) return [];
    const field = index === 0 ? 'at boot' : `${set.name} at boot`;
    return fieldChange(field, `${set.value} (${set.by.file}:${set.by.line})`, next.value);
  });
}

function isContrary(wanted: WantedSetting, set: SetAtBoot | undefined): boolean {
  return set !== undefined && contraryTo(wanted, [set]).length > 0;
}
