import { z } from 'zod';
import { absent, type Resource, type Target, value } from '../../engine/model/resource.ts';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import { filledLines } from '../../platforms/sections.ts';
import { listChanges } from '../field-changes.ts';
import { device, line } from '../schemas.ts';

/** The routes to exactly one address, as `ip route` prints them. */
interface LiveRouteState {
  readonly routes: readonly string[];
}

/**
 * A route to one address for as long as the host runs; nothing is written down. Without a gateway the address counts as
 * on the segment of the NIC; with `isRefused`, what goes there is refused on the host itself.
 */
export const liveRoute = defineKind('live-route', {
  args: z.object({
    address: z.ipv4(),
    gateway: z.ipv4().exactOptional(),
    device: device.exactOptional(),
    isRefused: z.boolean().exactOptional(),
  }),
  state: z.object({ routes: z.array(line).readonly() }),
  make: ({ address, gateway, device: nic, isRefused = false }): Resource<LiveRouteState> => {
    const destination = `${address}/32`;
    const words = isRefused
      ? ['unreachable', address]
      : [
          address,
          ...(gateway === undefined ? [] : ['via', gateway]),
          ...(nic === undefined ? [] : ['dev', nic]),
        ];
    const wanted = words.join(' ');
    return {
      id: `live route to ${address}`,
      observe: sh`ip -o -4 route show to exact ${destination}`,
      parse: (output) => {
        const routes = filledLines(output).map((route) => route.trim().replaceAll(/\s+/g, ' '));
        return routes.length === 0 ? absent : value({ routes });
      },
      aim: (found) => {
        const routes = routesOf(found);
        return routes.some((route) => isRoute(route, wanted)) ? found : value({ routes: [wanted] });
      },
      diff: (from, to) => {
        const { lost, gained } = listChanges(routesOf(from), routesOf(to));
        if (lost.length + gained.length === 0) return [];
        return [
          {
            field: '',
            ...(lost.length > 0 && { from: lost.join('; ') }),
            ...(gained.length > 0 && { to: gained.join('; ') }),
          },
        ];
      },
      converge: (from, to) => {
        const { lost, gained } = listChanges(routesOf(from), routesOf(to));
        return lines(
          ...lost.map((route) => sh`ip route del ${route.split(' ')}`),
          ...gained.map((route) => sh`ip route replace ${route.split(' ')}`),
        );
      },
    };
  },
});

/** The kernel prints more of a route than it was told: scope, source, protocol. */
function isRoute(printed: string, wanted: string): boolean {
  return `${printed} `.startsWith(`${wanted} `);
}

function routesOf(state: Target<LiveRouteState>): readonly string[] {
  return state.kind === 'absent' ? [] : state.value.routes;
}
