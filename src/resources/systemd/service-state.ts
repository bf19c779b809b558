import {
  type Change,
  type Observed,
  type Target,
  absent,
  unknown,
  value,
} from '../../engine/model/resource.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { clock } from '../../platforms/clock.ts';
import { lookedAt } from '../../platforms/many-files.ts';
import { askedUnit } from '../../platforms/many-units.ts';
import { filledLines, parseSections, sayFunction, section } from '../../platforms/sections.ts';
import { fieldChanges } from '../field-changes.ts';
import { quietDropIn } from './unit-verbs.ts';

/** A service as systemd sees it; of what is aimed at, what is not set is left as it is. */
export interface ServiceState {
  /** What `systemctl is-enabled` says: 'enabled', 'disabled', 'masked', 'static' … */
  readonly enabled?: string;
  readonly active?: boolean;
  /** What systemd was told of the unit is not what it finds now. */
  readonly reloadNeeded: boolean;
  /** Files that changed since the running process was started with them. */
  readonly stale: readonly string[];
  /** Units that start it at boot, whether it is enabled or not. */
  readonly neededBy?: readonly string[];
  /** The file that has it do something else than its package's unit does: a drop-in, or a unit in its place. */
  readonly replacedBy?: string;
}

/**
 * Shell that prints the state of a unit; `files` are what its process reads at its start, `loads` the file that its commands
 * must name.
 */
export function observeService(
  unit: string,
  {
    files,
    quietly,
    loads,
  }: {
    readonly files: readonly string[];
    readonly quietly: boolean;
    readonly loads: string | undefined;
  },
): Script {
  return lines(
    sh`
      ${askedUnit(unit)}
      ${sayFunction}
      lvslab_unit ${unit} || exit
      lvslab_said=
      for lvslab_one in LoadState ActiveState NeedDaemonReload; do
        lvslab_property "$lvslab_one"
        [ -z "$lvslab_property" ] || lvslab_said=$lvslab_said$lvslab_one=$lvslab_property$lvslab_newline
      done
      lvslab_say unit "$lvslab_said"
      lvslab_property LoadState
      if [ "$lvslab_property" = not-found ]; then lvslab_enabled=; else lvslab_enabled ${unit}; fi
      lvslab_say enabled "$lvslab_enabled"
    `,
    quietly ? section('quiet', sh`if [ -e ${quietDropIn(unit)} ]; then echo yes; fi`) : undefined,
    neededBy(unit),
    loads === undefined ? undefined : section('replaced', replacedBy(unit, loads)),
    files.length === 0 ? undefined : staleFiles(files),
  );
}

/** Reads what `observeService` printed. */
export function parseService(output: string): Observed<ServiceState> {
  const sections = parseSections(output);
  const properties = new Map(
    filledLines(sections.get('unit')).map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );
  const load = properties.get('LoadState');
  if (load === undefined) return unknown('systemd says nothing of the unit');
  if (load === 'not-found') return absent;
  const active = properties.get('ActiveState') ?? '';
  const neededBy = [...new Set(filledLines(sections.get('needed')))].toSorted();
  const [replacedBy] = filledLines(sections.get('replaced'));
  return value({
    enabled: sections.get('enabled')?.trim() ?? '',
    active: ['active', 'activating', 'reloading'].includes(active),
    reloadNeeded: properties.get('NeedDaemonReload') === 'yes' || sections.get('quiet') === 'yes',
    stale: filledLines(sections.get('stale')),
    ...(neededBy.length > 0 && { neededBy }),
    ...(replacedBy !== undefined && { replacedBy }),
  });
}

/** How a service differs from what is wanted; a unit that is not there is disabled and stopped. */
export function diffService(
  from: Target<ServiceState>,
  to: Target<ServiceState>,
): readonly Change[] {
  const wanted = to.kind === 'absent' ? off : to.value;
  const { enabled, active, reloadNeeded, stale } = from.kind === 'absent' ? off : from.value;
  return [
    ...fieldChanges(
      { enabled: isEnabled(enabled), active: yesNo(active) },
      { enabled: enabledAfter(enabled, wanted.enabled), active: yesNo(wanted.active ?? active) },
    ),
    ...(wanted.active === true && active === true && stale.length > 0
      ? [{ field: 'process', from: `started before ${stale.join(', ')} changed`, to: 'restarted' }]
      : []),
    ...(reloadNeeded && to.kind === 'value'
      ? [{ field: 'unit', from: 'changed on disk', to: 'read again' }]
      : []),
  ];
}

/**
 * Whether a unit comes up at the next boot; 'static', 'generated' and the like don't by themselves, and what holds at
 * runtime only does not last until then.
 */
export function isEnabled(
  enabled: string | undefined,
): 'yes' | 'no' | 'masked' | 'masked until the next boot' {
  if (enabled === 'masked') return 'masked';
  if (enabled === 'masked-runtime') return 'masked until the next boot';
  return enabled === 'enabled' ? 'yes' : 'no';
}

/** What a unit is taken to. One that is masked is off already, and more than that: whoever wants it off leaves it so. */
export function enabledAfter(
  now: string | undefined,
  wanted: string | undefined,
): ReturnType<typeof isEnabled> {
  const [from, to] = [isEnabled(now), isEnabled(wanted ?? now)];
  return from === 'masked' && to === 'no' ? 'masked' : to;
}

const off: ServiceState = { enabled: 'disabled', active: false, reloadNeeded: false, stale: [] };

function yesNo(is: boolean | undefined): string {
  return is === true ? 'yes' : 'no';
}

/** In which /proc counts time, a second: USER_HZ of the kernel's interface, the same on all machines but the Alpha. */
const TICKS = 100;

/**
 * Says which of the files were written after the main process started. Both sides are in whole seconds of one clock, and the
 * kernel's boot time moves by one now and then, hence the second of grace; a time in the future says that the clock was set.
 */
function staleFiles(files: readonly string[]): Script {
  return sh`
    ${lines(clock, ...files.map(lookedAt))}
    lvslab_said=
    lvslab_property MainPID
    if [ "\${lvslab_property:-0}" -gt 0 ] && read -r lvslab_line <"/proc/$lvslab_property/stat"; then
      set -f
      set -- \${lvslab_line##*) }
      lvslab_started=$(($(sed -n 's/^btime //p' /proc/stat) + \${20} / ${TICKS}))
      for lvslab_one in ${files}; do
        lvslab_stat "$lvslab_one" 2>/dev/null || lvslab_stat='0 '
        lvslab_stat=\${lvslab_stat%% *}
        if [ "$lvslab_stat" -gt $((lvslab_started + 1)) ] && [ "$lvslab_stat" -le "$lvslab_now" ]; then
          lvslab_said=$lvslab_said$lvslab_one$lvslab_newline
        fi
      done
    fi 2>/dev/null
    lvslab_say stale "$lvslab_said"
  `;
}

/** Says what has the unit started at boot beside the links that enabling makes, as systemd knows it now. */
function neededBy(unit: string): Script {
  return sh`
    set -f
    lvslab_said=
    for lvslab_one in WantedBy RequiredBy; do
      lvslab_property "$lvslab_one"
      for lvslab_about in $lvslab_property; do
        if ! [ -L "/etc/systemd/system/$lvslab_about.wants/"${unit} ] &&
          ! [ -L "/etc/systemd/system/$lvslab_about.requires/"${unit} ]; then
          lvslab_said=$lvslab_said$lvslab_about$lvslab_newline
        fi
      done
    done
    lvslab_say needed "$lvslab_said"
  `;
}

/** The file that somebody has written over the package's unit, where the unit does not name `file` any more. */
function replacedBy(unit: string, file: string): Script {
  return sh`
    for name in FragmentPath SourcePath DropInPaths; do
      lvslab_property "$name"
      for place in $lvslab_property; do
        case $place in
        ${quietDropIn(unit)}) ;;
        /etc/systemd/system/* | /run/systemd/system/*)
          case $(systemctl show -p ExecStart -- ${unit}) in *${file}*) ;; *)
            if grep -qs '^ExecStart=' "$place"; then printf '%s\n' "$place"; fi
          esac
          ;;
        esac
      done
    done
  `;
}
