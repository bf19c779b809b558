import { z } from 'zod';
import { absent, type Resource, type Target, value } from '../../engine/model/resource.ts';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { printChain, restoreRules } from '../../platforms/packet-marks/iptables-chain.ts';
import { filledLines } from '../../platforms/sections.ts';
import { listChanges } from '../field-changes.ts';
import { text } from '../schemas.ts';

/** A table of nftables, or a chain of iptables, as the program lists it. */
interface PacketFilterState {
  readonly listing: string;
}

/** What is dropped: packets for an address, and for a port of TCP; not set, any. */
interface Dropped {
  readonly address?: string;
  readonly port?: number;
}

/** A program that speaks to the kernel's packet filter, and how a table, or a chain, of this name is read and made with it. */
interface DropFilter {
  readonly print: (name: string) => Script;
  readonly listing: (name: string, dropped: Dropped) => string;
  readonly remove: (name: string, listing: string) => Script;
  readonly add: (name: string, listing: string) => Script;
}

/**
 * A table of nftables of its own, or a chain of iptables, that drops what comes for an address and a port; for as long as the host
 * runs, nothing is written down. Needs the packages of `platform.packetMarks`.
 */
export const packetFilter = defineKind('packet-filter', {
  args: z.object({
    /** iptables allows no more letters. */
    table: z.string().regex(/^[a-z][\w-]{0,27}$/, 'must be the name of a table'),
    /** Not set, nft. */
    by: z.enum(['nft', 'iptables']).exactOptional(),
    /** Not set, any. */
    address: z.ipv4().exactOptional(),
    /** TCP. */
    port: z.int().min(1).max(65535).exactOptional(),
  }),
  state: z.object({ listing: text }),
  make: ({ table, by = 'nft', ...dropped }): Resource<PacketFilterState> => {
    const filter = filters[by];
    return {
      id: `packet filter ${table}`,
      observe: filter.print(table),
      parse: (output) =>
        filledLines(output).length === 0 ? absent : value({ listing: output.trim() }),
      aim: () => value({ listing: filter.listing(table, dropped) }),
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
          from.kind === 'absent' ? undefined : filter.remove(table, from.value.listing),
          to.kind === 'absent' ? undefined : filter.add(table, to.value.listing),
        ),
    };
  },
});

const nft: DropFilter = {
  print: (table) => sh`
    ! command -v nft >/dev/null || nft -s list table ip ${table} 2>/dev/null || :
  `,
  listing: (table, { address, port }) =>
    [
      `table ip ${table} {`,
      'chain input {',
      'type filter hook input priority 0; policy accept;',
      [
        ...(address === undefined ? [] : [`ip daddr ${address}`]),
        ...(port === undefined ? [] : [`tcp dport ${port}`]),
        'counter drop',
      ].join(' '),
      '}',
      '}',
    ].join('\n'),
  remove: (table) => sh`nft delete table ip ${table}`,
  add: (_, listing) => sh`printf '%s\n' ${listing} | nft -f -`,
};

const iptables: DropFilter = {
  print: (chain) => printChain({ table: 'filter', chain, from: 'INPUT' }),
  listing: (chain, { address, port }) =>
    [
      `-N ${chain}`,
      `-A INPUT -j ${chain}`,
      [
        `-A ${chain}`,
        ...(address === undefined ? [] : [`-d ${address}/32`]),
        ...(port === undefined ? [] : [`-p tcp -m tcp --dport ${port}`]),
        '-j DROP',
      ].join(' '),
    ].join('\n'),
  remove: (chain, listing) =>
    restoreRules('filter', [
      ...rulesOfInput(listing).map((rule) => rule.replace('-A ', '-D ')),
      ...[`-F ${chain}`, `-X ${chain}`],
    ]),
  // The way into the chain comes before what others have.
  add: (chain, listing) =>
    restoreRules('filter', [
      `:${chain} - [0:0]`,
      ...rulesOfInput(listing).map((rule) => rule.replace('-A INPUT ', '-I INPUT 1 ')),
      ...filledLines(listing).filter((rule) => rule.startsWith(`-A ${chain} `)),
    ]),
};

function rulesOfInput(listing: string): readonly string[] {
  return filledLines(listing).filter((rule) => rule.startsWith('-A INPUT '));
}

const filters = { nft, iptables };

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
