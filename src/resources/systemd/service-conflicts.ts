import { type Conflict } from '../../engine/model/conflict.ts';
import { type Target } from '../../engine/model/resource.ts';
import { isEnabled, type ServiceState } from './service-state.ts';

/** What of somebody else's decides about a service at boot, against what is wanted. */
export function serviceConflicts(
  unit: string,
  {
    found,
    to,
    loads,
  }: {
    readonly found: Target<ServiceState>;
    readonly to: Target<ServiceState>;
    readonly loads: string | undefined;
  },
): readonly Conflict[] {
  if (found.kind === 'absent' || to.kind === 'absent') return [];
  const { enabled, neededBy = [], replacedBy } = found.value;
  const shallBeOff = to.value.enabled !== undefined && isEnabled(to.value.enabled) === 'no';
  return [
    ...(shallBeOff && enabled !== 'masked'
      ? neededBy.map((by) => ({
          file: `/etc/systemd/system/${unit}`,
          why: `${by} has it started at boot, although it is disabled`,
          hint: `Mask it with \`systemctl mask ${unit}\`, or disable ${by}.`,
        }))
      : []),
    ...(loads !== undefined && replacedBy !== undefined
      ? [
          {
            file: replacedBy,
            why: `it replaces the commands of ${unit}, which does not load ${loads} any more`,
            hint: `Take ExecStart= out of ${replacedBy}, then run \`systemctl daemon-reload\`.`,
          },
        ]
      : []),
  ];
}
