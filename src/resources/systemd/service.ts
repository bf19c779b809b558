import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { type Resource, type Target, value } from '../../engine/model/resource.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { absolutePath, line, unitName } from '../schemas.ts';
import { serviceConflicts } from './service-conflicts.ts';
import {
  diffService,
  enabledAfter,
  isEnabled,
  observeService,
  parseService,
  type ServiceState,
} from './service-state.ts';
import { quietUnitVerb, removeQuietDropIn, unitVerb } from './unit-verbs.ts';

/** Something that a service's process reads when it starts. */
interface StartedWith {
  /** The resource that makes it. */
  readonly id: string;
  /** Absolute path on the host. */
  readonly path: string;
}

export interface ServiceOptions {
  /** 'nginx.service', or 'nginx' for short. */
  readonly name: string;
  /** Comes up at boot, or not; not told, it is left as it is. */
  readonly enabled?: boolean;
  readonly active?: boolean;
  /** When one of these changes after the process was started, it is restarted. */
  readonly startedWith?: readonly StartedWith[];
  /** Start and stop it without running its commands. */
  readonly quietly?: boolean;
  /** Absolute path of the file that its commands must name: one that somebody has replaced by others is a conflict. */
  readonly loads?: string;
}

/** A service of systemd's: whether it runs, whether it comes up at boot, and whether what runs is what is on disk. */
export function service({
  name,
  enabled,
  active,
  startedWith = [],
  quietly = false,
  loads,
}: ServiceOptions): Resource<ServiceState> {
  return serviceKind({
    name,
    quietly,
    ...(loads !== undefined && { loads }),
    ...(enabled !== undefined && { enabled }),
    ...(active !== undefined && { active }),
    // Whole resources are given here; a journal needs no more of them than this.
    startedWith: startedWith.map(({ id, path }) => ({ id, path })),
  });
}

/** The kind that journals name. */
export const serviceKind = defineKind('service', {
  args: z.object({
    name: unitName,
    quietly: z.boolean().exactOptional(),
    loads: absolutePath.exactOptional(),
    enabled: z.boolean().exactOptional(),
    active: z.boolean().exactOptional(),
    startedWith: z
      .array(z.object({ id: line, path: absolutePath }))
      .readonly()
      .exactOptional(),
  }),
  state: z.object({
    enabled: line.exactOptional(),
    active: z.boolean().exactOptional(),
    reloadNeeded: z.boolean(),
    stale: z.array(line),
    neededBy: z.array(line).exactOptional(),
    replacedBy: absolutePath.exactOptional(),
  }),
  make: serviceResource,
});

function serviceResource({
  name,
  enabled,
  active,
  startedWith = [],
  quietly = false,
  loads,
}: ServiceOptions): Resource<ServiceState> {
  const unit = name.includes('.') ? name : `${name}.service`;
  const readAgain = quietly ? removeQuietDropIn(unit) : sh`systemctl daemon-reload`;
  return {
    id: `service ${name}`,
    aim: () =>
      value({
        ...(enabled !== undefined && { enabled: enabled ? 'enabled' : 'disabled' }),
        ...(active !== undefined && { active }),
        reloadNeeded: false,
        stale: [],
      }),
    observe: observeService(unit, { files: startedWith.map(({ path }) => path), quietly, loads }),
    parse: parseService,
    diff: diffService,
    converge: (from, to) =>
      lines(
        from.kind === 'value' && from.value.reloadNeeded ? readAgain : undefined,
        setEnabled({ unit, from, to }),
        setActive({ unit, from, to, quietly }),
      ),
    conflicts: (found, to) => serviceConflicts(unit, { found, to, loads }),
    // What it was started with has to be there again.
    undo: { last: true },
    afterChanges(observed, changed) {
      if (observed.kind === 'absent') return observed;
      const touched = startedWith.filter(({ id }) => changed.has(id)).map(({ path }) => path);
      const stale = [...new Set([...observed.value.stale, ...touched])];
      return value({ ...observed.value, stale });
    },
  };
}

interface Step {
  readonly unit: string;
  readonly from: Target<ServiceState>;
  readonly to: Target<ServiceState>;
}

const UNTIL_BOOT = 'masked until the next boot';

const ENABLE_VERBS = {
  yes: (unit: string) => sh`systemctl enable ${unit}`,
  no: (unit: string) => sh`systemctl disable ${unit}`,
  masked: (unit: string) => sh`systemctl mask ${unit}`,
  [UNTIL_BOOT]: (unit: string) => sh`systemctl mask --runtime ${unit}`,
};

function setEnabled({ unit, from, to }: Step): Script | undefined {
  const target = to.kind === 'absent' ? 'disabled' : to.value.enabled;
  // What brings a unit may enable it; asking is much quicker than enabling again.
  if (from.kind === 'absent') {
    if (isEnabled(target) !== 'yes') return undefined;
    return sh`systemctl is-enabled --quiet ${unit} 2>/dev/null || systemctl enable ${unit}`;
  }
  const now = isEnabled(from.value.enabled);
  const wanted = enabledAfter(from.value.enabled, target);
  if (now === wanted) return undefined;
  return lines(
    now === 'masked' ? sh`systemctl unmask ${unit}` : undefined,
    now === UNTIL_BOOT ? sh`systemctl unmask --runtime ${unit}` : undefined,
    ENABLE_VERBS[wanted](unit),
  );
}

function setActive({
  unit,
  from,
  to,
  quietly,
}: Step & { readonly quietly: boolean }): Script | undefined {
  const wanted = to.kind === 'absent' ? false : to.value.active;
  if (wanted === undefined) return undefined;
  if (from.kind === 'absent') return wanted ? startNewcomer(unit, quietly) : undefined;
  const verb = quietly ? quietUnitVerb : unitVerb;
  if (from.value.active !== wanted) {
    return wanted ? whileUnmasked({ unit, from, to }, verb('start', unit)) : verb('stop', unit);
  }
  return wanted && from.value.stale.length > 0 ? unitVerb('restart', unit) : undefined;
}

/** What somebody masked while it ran comes back so; systemd starts no unit that is masked. */
function whileUnmasked({ unit, from, to }: Step, start: Script): Script {
  const [now, wanted] = [from, to].map((state) =>
    state.kind === 'value' ? state.value.enabled : undefined,
  );
  if (enabledAfter(now, wanted) !== 'masked') return start;
  return sh`
    systemctl unmask ${unit}
    ${start}
    systemctl mask ${unit}
  `;
}

/** What brings a unit may start it, too, and then with what was on disk at that moment. */
function startNewcomer(unit: string, quietly: boolean): Script {
  if (!quietly) return unitVerb('restart', unit);
  return sh`
    if ! systemctl is-active --quiet ${unit}; then
    ${quietUnitVerb('start', unit)}
    fi
  `;
}
