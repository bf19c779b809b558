import { z } from 'zod';
import { type Resource, type Target, value } from '../../engine/model/resource.ts';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { filledLines, parseSections, section } from '../../platforms/sections.ts';
import { fieldChanges } from '../field-changes.ts';
import { device, line } from '../schemas.ts';
import { isLinkUp } from '../../platforms/network/boot/link-kind.ts';

/** Whether a link is up, and what the kernel forgets of it as soon as it is down. */
interface LiveLinkState {
  readonly up: boolean;
  /** Routes through it that no address brings back, as `ip route` prints them. */
  readonly routes: readonly string[];
  /** Its IPv6 addresses that somebody gave it, 'ADDRESS/LENGTH'. */
  readonly addresses6: readonly string[];
  readonly routes6: readonly string[];
}

/** What comes back by itself with the link, or by somebody else's word. */
const BY_ITSELF = /^(?:local|broadcast|multicast|anycast|fe80:|ff00:)| proto (?:kernel|ra)\b/;
/** What is so at the moment, and is no part of a route. */
const MOMENTARY = /\b(?:linkdown|dead|offload|rt_\w+)\b/g;

/** A link that is up or down for as long as the host runs; nothing is written down. */
export const liveLink = defineKind('live-link', {
  args: z.object({ device, up: z.boolean() }),
  state: z.object({
    up: z.boolean(),
    routes: z.array(line).readonly(),
    addresses6: z.array(line).readonly(),
    routes6: z.array(line).readonly(),
  }),
  make: ({ device: nic, up }): Resource<LiveLinkState> => ({
    id: `live link ${nic}`,
    observe: lines(
      section('link', sh`ip -o link show dev ${nic}`),
      section('routes', sh`ip -4 route show table all dev ${nic}`),
      section('addresses6', sh`ip -6 -o addr show dev ${nic} scope global permanent 2>/dev/null`, {
        mayFail: true,
      }),
      section('routes6', sh`ip -6 route show table all dev ${nic} 2>/dev/null`, { mayFail: true }),
    ),
    parse: (output) => {
      const found = parseSections(output);
      const addresses6 = filledLines(found.get('addresses6')).flatMap(
        (text) => / inet6 (\S+)/.exec(text)?.[1] ?? [],
      );
      return value({
        up: isLinkUp(found.get('link') ?? ''),
        routes: routesIn(found.get('routes')),
        addresses6,
        routes6: routesIn(found.get('routes6')),
      });
    },
    aim: (found) =>
      value(
        up && found.kind === 'value'
          ? { ...found.value, up }
          : { up, routes: [], addresses6: [], routes6: [] },
      ),
    diff: (from, to) => fieldChanges(described(from), described(to)),
    converge: (from, to) => convergeLink(nic, from, to),
  }),
});

function routesIn(text: string | undefined): readonly string[] {
  return filledLines(text)
    .map((route) => route.replaceAll(MOMENTARY, '').trim().replaceAll(/\s+/g, ' '))
    .filter((route) => !BY_ITSELF.test(route));
}

function described(state: Target<LiveLinkState>): Readonly<Record<string, string | undefined>> {
  if (state.kind === 'absent') return {};
  const { up, routes, addresses6, routes6 } = state.value;
  const joined = (all: readonly string[]): string | undefined =>
    all.length === 0 ? undefined : all.join('; ');
  return {
    link: up ? 'up' : 'down',
    routes: joined(routes),
    'IPv6 addresses': joined(addresses6),
    'IPv6 routes': joined(routes6),
  };
}

/** What is up gets back what it had; a link that is down has nothing. */
function convergeLink(nic: string, from: Target<LiveLinkState>, to: Target<LiveLinkState>): Script {
  if (to.kind === 'absent' || !to.value.up) return sh`ip link set dev ${nic} down`;
  const has = from.kind === 'value' ? from.value : undefined;
  const missing = (field: 'routes' | 'addresses6' | 'routes6'): readonly string[] =>
    to.value[field].filter((one) => has?.[field].includes(one) !== true);
  return lines(
    has?.up === true ? undefined : sh`ip link set dev ${nic} up`,
    ...missing('addresses6').map((local) => sh`ip -6 addr replace ${local} dev ${nic}`),
    ...missing('routes').map((route) => sh`ip -4 route replace ${route.split(' ')} dev ${nic}`),
    ...missing('routes6').map((route) => sh`ip -6 route replace ${route.split(' ')} dev ${nic}`),
  );
}
