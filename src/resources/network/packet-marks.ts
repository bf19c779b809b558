import { z } from 'zod';
import { MissingOnHostError } from '../../engine/model/failures/errors.ts';
import {
  absent,
  type Change,
  type Resource,
  type Target,
  value,
} from '../../engine/model/resource.ts';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { lines } from '../../engine/model/shell/script.ts';
import { portsOf, type VirtualService } from '../../ipvs/virtual-service.ts';
import { type Facts } from '../../platforms/facts/facts.ts';
import { MARKS } from '../../platforms/packet-marks/mark-filter.ts';
import { markFilters } from '../../platforms/packet-marks/mark-filters.ts';
import { type MarkRule } from '../../platforms/packet-marks/mark-rule.ts';
import { type Platform } from '../../platforms/platform.ts';
import { renderTemplate } from '../../templates.ts';
import { filledLines } from '../../platforms/sections.ts';
import { listChanges } from '../field-changes.ts';
import { text } from '../schemas.ts';
import { service } from '../systemd/service.ts';
import { unitFile } from '../systemd/unit-file.ts';

/** What a packet filter has of lvslab's, as its own program lists it. */
interface PacketMarksState {
  readonly listing: string;
}

const markRule = z.object({
  address: z.ipv4(),
  protocol: z.enum(['tcp', 'udp']),
  ports: z.array(z.int().min(1).max(65535)).min(1).max(15).readonly(),
  mark: z
    .int()
    .min(1)
    .max(2 ** 32 - 1),
});

/** Rules that mark packets, in a table or a chain of lvslab's own, as they are in the kernel now. Needs the filter's program. */
export const packetMarksBy = defineKind('packet-marks', {
  args: z.object({ filter: z.enum(['nft', 'iptables']), rules: z.array(markRule).readonly() }),
  state: z.object({ listing: text }),
  make({ filter: name, rules }): Resource<PacketMarksState> {
    const filter = markFilters[name];
    const read = (state: Target<PacketMarksState>): readonly string[] =>
      state.kind === 'absent' ? [] : filter.read(state.value.listing);
    return {
      id: `packet marks of ${name}`,
      observe: filter.print,
      parse: (output) =>
        filledLines(output).length === 0 ? absent : value({ listing: output.trim() }),
      aim: () => value({ listing: filter.listing(rules) }),
      diff: (from, to) => markChanges(read(from), read(to)),
      converge: (from, to) =>
        to.kind === 'value'
          ? filter.set(to.value.listing)
          : lines(from.kind === 'absent' ? undefined : filter.set(undefined)),
    };
  },
});

/** Lines that are not there any more, or in another place, are shown as they stand. */
function markChanges(from: readonly string[], to: readonly string[]): readonly Change[] {
  const { lost, gained } = listChanges(from, to);
  if (lost.length + gained.length === 0) return [];
  return [
    {
      field: '',
      ...(lost.length > 0 && { from: lost.join('\n') }),
      ...(gained.length > 0 && { to: gained.join('\n') }),
    },
  ];
}

/** The rules that services need: one for each that goes by a mark. */
function markRulesOf(services: readonly VirtualService[]): readonly MarkRule[] {
  return services.flatMap((service) => {
    const { address, protocol, mark } = service;
    return mark === undefined ? [] : [{ address, protocol, ports: portsOf(service), mark }];
  });
}

/**
 * What marks the packets of the services which go by a mark, now and at every boot: the rules in the kernel, and a unit that
 * brings them back. Nothing where no service does. Needs `platform.packetMarks.packages`.
 * @throws MissingOnHostError where this kernel can't mark packets.
 */
export function packetMarks(
  { platform, facts }: { readonly platform: Platform; readonly facts: Facts },
  services: readonly VirtualService[],
): readonly Resource[] {
  const rules = markRulesOf(services);
  if (rules.length === 0) return [];
  const filter = platform.packetMarks;
  const { markingModules, kernel } = facts;
  const lacking = filter.modules.filter((module) => markingModules?.has(module) === false);
  if (lacking.length > 0) {
    throw new MissingOnHostError(
      `the kernel ${kernel} can't mark packets with ${filter.name}: it has no ${lacking.join(', ')}`,
      {
        step: 'packet marks',
        hint: "Boot the distribution's own kernel, which has it, or write port in the place of ports in lvs_services: a service of one port needs no mark.",
      },
    );
  }
  return [
    packetMarksBy({ filter: filter.name, rules }),
    unitFile({
      name: `${MARKS}.service`,
      content: renderTemplate('packet-marks.service.hbs', {
        starts: filter.starts(rules),
        stops: filter.stops,
      }),
    }),
    service({ name: MARKS, enabled: true, active: true }),
  ];
}
