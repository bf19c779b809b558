import { z } from 'zod';
import { absent, type Resource, value } from '../../engine/model/resource.ts';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import { filledLines } from '../../platforms/sections.ts';
import { fieldChange } from '../field-changes.ts';
import { device, line } from '../schemas.ts';

/** Whether a NIC has an address, with its length as it is there. */
interface LiveAddressState {
  /** 'ADDRESS/LENGTH'. */
  readonly local: string;
}

/** An address on a NIC for as long as the host runs, there or not; nothing is written down. */
export const liveAddress = defineKind('live-address', {
  args: z.object({
    device,
    address: z.ipv4(),
    length: z.int().min(0).max(32),
    isThere: z.boolean(),
  }),
  state: z.object({ local: line }),
  make: ({ device: nic, address, length, isThere }): Resource<LiveAddressState> => ({
    id: `live address ${address} on ${nic}`,
    observe: sh`ip -o -4 addr show dev ${nic} to ${`${address}/32`}`,
    parse: (output) => {
      const [, local] = / inet (\S+)/.exec(filledLines(output)[0] ?? '') ?? [];
      return local === undefined ? absent : value({ local });
    },
    aim: () => (isThere ? value({ local: `${address}/${length}` }) : absent),
    diff: (from, to) =>
      fieldChange(
        '',
        from.kind === 'absent' ? undefined : from.value.local,
        to.kind === 'absent' ? undefined : to.value.local,
      ),
    converge: (from, to) =>
      lines(
        from.kind === 'absent' ? undefined : sh`ip addr del ${from.value.local} dev ${nic}`,
        to.kind === 'absent' ? undefined : sh`ip addr add ${to.value.local} dev ${nic}`,
      ),
  }),
});
