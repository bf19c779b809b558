import { z } from 'zod';
import { PlaybookError } from '../../engine/model/failures/errors.ts';
import {
  absent,
  type Change,
  type Observed,
  type Resource,
  type Target,
  value,
} from '../../engine/model/resource.ts';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import {
  type HostRoute,
  type NetworkBackendName,
  type RouteFormat,
} from '../../platforms/network/network-backend.ts';
import { networkBackends } from '../../platforms/network/network-backends.ts';
import { filledLines, parseSections, section } from '../../platforms/sections.ts';
import { fieldChange } from '../field-changes.ts';
import {
  convergeFile,
  type FileAim,
  fileState,
  observeFile,
  parseFile,
  plainAttributes,
} from '../files/file-state.ts';
import { device, networkConfiguration, text } from '../schemas.ts';
import { convergeRoutes, diffRoutes, effectiveRoute, withRoute } from './routes.ts';

/** The ways to one machine, and the file that one of them is written in. */
export interface HostRouteState {
  /** As `ip route` prints them, a line each; not set where there is no route of its own. */
  readonly now?: string;
  readonly file?: FileAim;
}

/** A route to one machine through a gateway of its own, now and at every boot; the default route may then be any. */
export const hostRoute = defineKind('host-route', {
  args: z.object({
    networkConfiguration,
    route: z.object({ address: z.ipv4(), gateway: z.ipv4(), device }),
  }),
  state: z.object({ now: text.exactOptional(), file: fileState.exactOptional() }),
  make: ({ networkConfiguration: way, route }): Resource<HostRouteState> =>
    routeResource(formatOf(way), route),
});

function formatOf(way: NetworkBackendName): RouteFormat {
  const { route, title } = networkBackends[way];
  if (route !== undefined) return route;
  throw new PlaybookError(`${title} keeps a route with its NIC, not in a file of its own`, {
    hint: 'Give the route to networkInterface, as one of its routes.',
  });
}

function routeResource(format: RouteFormat, route: HostRoute): Resource<HostRouteState> {
  const path = format.path(route);
  return {
    id: `route to ${route.address}`,
    observe: lines(
      section('route', sh`ip -o -4 route show to exact ${`${route.address}/32`}`),
      observeFile(path),
    ),
    parse: parseFound,
    aim(found) {
      const { file } = stateOf(found);
      const now = routesOf(found);
      const routes = leadsBy(now, route) ? now : withRoute(now, textOf(route));
      return value({ now: routes.join('\n'), file: aimFile(file, format, route) });
    },
    diff: (from, to) => [
      ...diffRouteFile(path, stateOf(from).file, stateOf(to).file),
      ...diffRoutes('now', routesOf(from), routesOf(to)),
    ],
    converge(from, to) {
      const routes = convergeRoutes(routesOf(from), routesOf(to));
      const { file } = stateOf(to);
      const isWritten = diffRouteFile(path, stateOf(from).file, file).length === 0;
      const write = isWritten
        ? undefined
        : lines(
            convergeFile(path, targetOf(file), targetOf(stateOf(from).file)),
            format.reload?.(route),
          );
      // The way is there before it is written down, and written down for as long as it is there.
      return leadsBy(routesOf(to), route)
        ? lines(routes.remove, routes.add, write)
        : lines(write, routes.remove, routes.add);
    },
    undo: {
      // Whoever comes from another address has no need of it, and takes nothing away from the one who has.
      shared: true,
      // It is what we come by until the others are back.
      last: true,
    },
  };
}

function targetOf(file: FileAim | undefined): Target<FileAim> {
  return file === undefined ? absent : value(file);
}

function aimFile(file: FileAim | undefined, format: RouteFormat, route: HostRoute): FileAim {
  const content = format.merge(file?.content, route);
  const { mode } = format;
  if (file?.content === content && (mode ?? file.mode) === file.mode) return file;
  return mode === undefined ? { content } : { content, ...plainAttributes, mode };
}

function diffRouteFile(
  path: string,
  from: FileAim | undefined,
  to: FileAim | undefined,
): readonly Change[] {
  const isKept = from === undefined || to?.mode === undefined;
  return [
    ...fieldChange(path, from?.content, to?.content),
    ...(isKept ? [] : fieldChange('mode', from.mode, to.mode)),
  ];
}

function textOf({ address, gateway, device: nic }: HostRoute): string {
  return `${address} via ${gateway} dev ${nic}`;
}

function parseFound(output: string): Observed<HostRouteState> {
  const file = parseFile(output);
  if (file.kind === 'unknown') return file;
  const now = (parseSections(output).get('route') ?? '').trim();
  return value({
    ...(now !== '' && { now }),
    ...(file.kind === 'value' && { file: file.value }),
  });
}

function stateOf(state: Target<HostRouteState>): HostRouteState {
  return state.kind === 'value' ? state.value : {};
}

function routesOf(state: Target<HostRouteState>): readonly string[] {
  return filledLines(stateOf(state).now).map((route) => route.trim());
}

function leadsBy(routes: readonly string[], route: HostRoute): boolean {
  return `${effectiveRoute(routes) ?? ''} `.startsWith(`${textOf(route)} `);
}
