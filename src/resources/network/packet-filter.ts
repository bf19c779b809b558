import { z } from 'zod';
import { absent, type Resource, type Target, value } from '../../engine/model/resource.ts';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import { filledLines } from '../../platforms/sections.ts';
import { listChanges } from '../field-changes.ts';
import { text } from '../schemas.ts';

/** A table of nftables, as nft lists it. */
interface PacketFilterState {
  readonly listing: string;
}

/**
 * A table of nftables of its own that drops what comes for an address and a port; for as long as the host runs, nothing is
 * written down. Needs nft.
 */
export const packetFilter = defineKind('packet-filter', {
  args: z.object({
    table: z.string().regex(/^[a-z][\w-]{0,30}$/, 'must be the name of a table'),
    /** Not set, any. */
    address: z.ipv4().exactOptional(),
    /** TCP. */
    port: z.int().min(1).max(65535).exactOptional(),
  }),
  state: z.object({ listing: text }),
  make: ({ table, address, port }): Resource<PacketFilterState> => {
    const match = [
      ...(address === undefined ? [] : [`ip daddr ${address}`]),
      ...(port === undefined ? [] : [`tcp dport ${port}`]),
    ];
    const wanted = [
      `table ip ${table} {`,
      'chain input {',
      'type filter hook input priority 0; policy accept;',
      [...match, 'counter drop'].join(' '),
      '}',
      '}',
    ].join('\n');
    return {
      id: `packet filter ${table}`,
      observe: sh`
        ! command -v nft >/dev/null || nft -s list table ip ${table} 2>/dev/null || :
      `,
      parse: (output) =>
        filledLines(output).length === 0 ? absent : value({ listing: output.trim() }),
      aim: () => value({ listing: wanted }),
      diff: (from, to) => {
        const { lost, gained } = listChanges(rulesOf(from), rulesOf(to));
        if (lost.length + gained.length === 0) return [];
        return [
          {
            field: '',
            ...(lost.length > 0 && { from: lost.join('\n') }),
            ...(gained.length > 0 && { to: gained.join('\n') }),
          },
        ];
      },
      converge: (from, to) =>
        lines(
          from.kind === 'absent' ? undefined : sh`nft delete table ip ${table}`,
          to.kind === 'absent' ? undefined : sh`printf '%s\n' ${to.value.listing} | nft -f -`,
        ),
    };
  },
});

/** The lines of a listing in one spelling: newer nft has words for priorities, and counters rise. */
function rulesOf(state: Target<PacketFilterState>): readonly string[] {
  if (state.kind === 'absent') return [];
  return filledLines(state.value.listing).map((rule) =>
    rule
      .trim()
      .replaceAll(/\s+/g, ' ')
      .replace('priority filter;', 'priority 0;')
      .replace(/counter packets \d+ bytes \d+/, 'counter'),
  );
}
