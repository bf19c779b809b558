import { z } from 'zod';
import { type Conflict } from '../../../engine/model/conflict.ts';
import { defineKind } from '../../../engine/model/resource-kind.ts';
import { type Resource, type Target, value } from '../../../engine/model/resource.ts';
import { lines, sh } from '../../../engine/model/shell/script.ts';
import { TUNNEL_DEVICE, tunnelEvidence } from '../../../platforms/network/tunnel-unit.ts';
import { parseSections, section } from '../../../platforms/sections.ts';
import { fieldChange } from '../../field-changes.ts';
import { absolutePath, line } from '../../schemas.ts';
import { observeTunnelClaims, parseTunnelClaims } from './tunnel-claims.ts';
import { isLinkUp } from '../../../platforms/network/boot/link-kind.ts';

/** The device at the end of the tunnels. */
interface TunnelDeviceState {
  /** One that is not there is not up either. */
  readonly isUp: boolean;
  /** What of others stands against it; not set where nothing does. */
  readonly against?: readonly Conflict[];
}

/**
 * tunl0, up: what comes in an IPIP packet comes out of it. At boot the units of its addresses see to that. The module comes
 * before, and so do the addresses: one that is up without any takes nothing.
 */
export const tunnelDevice = defineKind('tunnel-device', {
  args: z.object({}),
  state: z.object({
    isUp: z.boolean(),
    against: z
      .array(z.object({ file: absolutePath, line: z.int().exactOptional(), why: line, hint: line }))
      .exactOptional(),
  }),
  make: (): Resource<TunnelDeviceState> => ({
    id: `tunnel ${TUNNEL_DEVICE}`,
    observe: lines(
      section(
        'link',
        sh`if [ -e ${tunnelEvidence} ]; then ip -o link show dev ${TUNNEL_DEVICE}; fi`,
      ),
      observeTunnelClaims,
    ),
    parse(output) {
      const against = parseTunnelClaims(output);
      return value({
        isUp: isLinkUp(parseSections(output).get('link') ?? ''),
        ...(against.length > 0 && { against }),
      });
    },
    aim: (found) => value({ ...stateOf(found), isUp: true }),
    diff: (from, to) => fieldChange('', upOrNot(from), upOrNot(to)),
    converge: (_from, to) => sh`ip link set ${TUNNEL_DEVICE} ${isUp(to) ? 'up' : 'down'}`,
    conflicts: (found) => (found.kind === 'value' ? (found.value.against ?? []) : []),
    undo: {
      // What others have written meanwhile is no difference.
      aim: (found, { before }) => value({ ...stateOf(found), isUp: isUp(before) }),
    },
  }),
});

function stateOf(state: Target<TunnelDeviceState>): TunnelDeviceState {
  return state.kind === 'value' ? state.value : { isUp: false };
}

function isUp(state: Target<TunnelDeviceState>): boolean {
  return stateOf(state).isUp;
}

function upOrNot(state: Target<TunnelDeviceState>): string | undefined {
  return isUp(state) ? 'up' : undefined;
}
