import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { absent, type Resource, type Target, value } from '../../engine/model/resource.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import { filledLines, parseSections, section } from '../../platforms/sections.ts';
import { fieldChange } from '../field-changes.ts';
import { device as deviceName, line } from '../schemas.ts';
import { announce, whoHave } from '../../platforms/network/arp/arp-voices.ts';

/** Who answers for an address on the segment of a NIC. */
interface OwnerState {
  /** Hardware addresses of other machines that say they have it. */
  readonly others: readonly string[];
  /** Neighbours may still believe somebody else: nothing has told them since who has it. */
  readonly isAnnounced: boolean;
}

/**
 * An address that this host alone answers for on the segment of its NIC. What was changed about that, here or on the hosts
 * that had answered as well, is announced: a neighbour that is talked to keeps its wrong belief for as long as it talks.
 */
export const soleOwner = defineKind('sole-owner', {
  args: z.object({
    device: deviceName,
    address: z.ipv4(),
    /** Ids of the resources after whose change it must be announced. */
    after: z.array(line).readonly(),
  }),
  state: z.object({ others: z.array(line), isAnnounced: z.boolean() }),
  make: ({ device, address, after }): Resource<OwnerState> => ({
    id: `owner of ${address} on ${device}`,
    // Of an address that the host has not got yet, nobody asks.
    observe: section(
      'others',
      sh`
        ${whoHave}
        if [ -n "$(ip -o -4 addr show to ${`${address}/32`})" ]; then
          lvslab_who_have ${device} ${address}
        fi
      `,
    ),
    parse: (output) =>
      value({ others: filledLines(parseSections(output).get('others')), isAnnounced: true }),
    afterChanges: (found, changed) =>
      after.some((id) => changed.has(id))
        ? value({ ...stateOf(found), isAnnounced: false })
        : found,
    aim: () => value({ others: [], isAnnounced: true }),
    diff(from, to) {
      const [before, wanted] = [stateOf(from), stateOf(to)];
      return [
        ...fieldChange('others that answer', joined(before), joined(wanted)),
        ...fieldChange('announced', announcedOrNot(before), announcedOrNot(wanted)),
      ];
    },
    converge: () => lines(announce, sh`lvslab_announce ${device} ${address}`),
    // Neighbours forget by themselves.
    undo: { aim: (found) => found },
  }),
});

function joined({ others }: OwnerState): string | undefined {
  return others.length === 0 ? undefined : others.join(', ');
}

function announcedOrNot({ isAnnounced }: OwnerState): string | undefined {
  return isAnnounced ? 'yes' : undefined;
}

function stateOf(state: Target<OwnerState>): OwnerState {
  return state.kind === absent.kind ? { others: [], isAnnounced: false } : state.value;
}
