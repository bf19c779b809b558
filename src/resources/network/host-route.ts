import {
  absent,
  type Change,
  type Observed,
  type Resource,
  type Target,
  value,
} from '../../engine/model/resource.ts';
import { lines, type Script, sh, trusted } from '../../engine/model/script.ts';
import { type NetworkConfiguration } from '../../platforms/platform.ts';
import { parseSections, section } from '../../platforms/sections.ts';
import { renderTemplate } from '../../templates.ts';
import {
  convergeFile,
  type FileState,
  observeFile,
  parseFile,
  plainAttributes,
  printText,
  replaceFile,
} from '../files/file-state.ts';
import { routeWords } from './interface-runtime.ts';
import { tellNetworkManager } from './network-manager.ts';
import { type HostRoute, mergeRouteFile } from './formats/route-file.ts';

interface FoundRoute {
  readonly kind: 'found';
  /** As `ip route` prints it; not set where there is no route of its own. */
  readonly now?: string;
  readonly file?: FileState;
}

/** Either the route that shall be there, now and after every boot, or all that was found. */
export type HostRouteState = { readonly kind: 'wanted' } | FoundRoute;

/** Where a route is written down, and how. */
interface RouteFormat {
  readonly path: (route: HostRoute) => string;
  readonly merge: (text: string | undefined, route: HostRoute) => string;
  /** Octal, four digits, where it matters. */
  readonly mode?: string;
}

/** EL7 reads one file for each card, Debian runs the scripts of a folder when a card comes up. */
const formats: Readonly<Record<NetworkConfiguration, RouteFormat>> = {
  ifcfg: {
    path: ({ device }) => `/etc/sysconfig/network-scripts/route-${device}`,
    merge: mergeRouteFile,
  },
  ifupdown: {
    // Names with dots are passed over there.
    path: ({ address }) => `/etc/network/if-up.d/lvslab-route-${address.replaceAll('.', '-')}`,
    merge: (_text, route) => renderTemplate('route.hbs', { ...route }),
    mode: '0755',
  },
};

/** A route to one machine through a gateway of its own, now and at every boot; the default route may then be any. */
export function hostRoute({
  networkConfiguration,
  route,
}: {
  readonly networkConfiguration: NetworkConfiguration;
  readonly route: HostRoute;
}): Resource<HostRouteState> {
  const { address } = route;
  const format = formats[networkConfiguration];
  const path = format.path(route);
  return {
    id: `route to ${address}`,
    spec: { kind: 'host-route', args: { networkConfiguration, route } },
    // Whoever comes from another address has no need of it, and takes nothing away from the one who has.
    shared: true,
    // It is what we come by until the others are back.
    undoLast: true,
    desired: value({ kind: 'wanted' }),
    observe: lines(
      section('route', sh`ip -o -4 route show to exact ${`${address}/32`}`),
      observeFile(path),
    ),
    parse: parseFound,
    diff(observed, to) {
      const from = foundOf(observed);
      return isWanted(to)
        ? diffWanted(from, { path, format, route })
        : diffFound(from, foundOf(to), path);
    },
    converge(observed, to) {
      const [from, target] = [foundOf(observed), foundOf(to)];
      return isWanted(to)
        ? lines(
            leadsBy(from.now, route) ? undefined : sh`ip route replace ${words(route)}`,
            write(path, from.file, { format, route }),
          )
        : lines(
            convergeFile(path, target.file === undefined ? absent : value(target.file)),
            format === formats.ifcfg ? tellNetworkManager : undefined,
            backTo(from, target),
          );
    },
  };
}

function diffWanted(
  { file, now }: FoundRoute,
  {
    path,
    format,
    route,
  }: { readonly path: string; readonly format: RouteFormat; readonly route: HostRoute },
): readonly Change[] {
  return [
    ...change(path, file?.content, format.merge(file?.content, route)),
    ...(file === undefined ? [] : change('mode', file.mode, format.mode ?? file.mode)),
    ...(leadsBy(now, route) ? [] : change('now', now, words(route).join(' '))),
  ];
}

function diffFound(from: FoundRoute, to: FoundRoute, path: string): readonly Change[] {
  const [old, wanted] = [from.file, to.file];
  return [
    ...change(path, old?.content, wanted?.content),
    ...(old === undefined || wanted === undefined ? [] : change('mode', old.mode, wanted.mode)),
    ...change('now', from.now, to.now),
  ];
}

function write(
  path: string,
  file: FileState | undefined,
  { format, route }: { readonly format: RouteFormat; readonly route: HostRoute },
): Script | undefined {
  const text = format.merge(file?.content, route);
  const { mode } = format;
  if (text === file?.content && (mode ?? file.mode) === file.mode) return undefined;
  return lines(
    replaceFile(
      path,
      printText(text),
      mode === undefined ? undefined : { ...plainAttributes, mode },
    ),
    format === formats.ifcfg ? tellNetworkManager : undefined,
  );
}

function backTo(from: FoundRoute, to: FoundRoute): Script {
  return lines(
    from.now === undefined || from.now === to.now
      ? undefined
      : sh`ip route del ${routeWords(from.now)}`,
    to.now === undefined ? trusted('') : sh`ip route replace ${routeWords(to.now)}`,
  );
}

function words({ address, gateway, device }: HostRoute): readonly string[] {
  return [address, 'via', gateway, 'dev', device];
}

function parseFound(output: string): Observed<HostRouteState> {
  const file = parseFile(output);
  if (file.kind === 'unknown') return file;
  const now = (parseSections(output).get('route') ?? '').trim();
  return value({
    kind: 'found',
    ...(now !== '' && { now }),
    ...(file.kind === 'value' && { file: file.value }),
  });
}

function foundOf(state: Target<HostRouteState>): FoundRoute {
  return state.kind === 'value' && state.value.kind === 'found' ? state.value : { kind: 'found' };
}

function isWanted(state: Target<HostRouteState>): boolean {
  return state.kind === 'value' && state.value.kind === 'wanted';
}

function leadsBy(now: string | undefined, route: HostRoute): boolean {
  return now !== undefined && `${now} `.startsWith(`${words(route).join(' ')} `);
}

function change(
  field: string,
  from: string | undefined,
  to: string | undefined,
): readonly Change[] {
  if (from === to) return [];
  return [{ field, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
}
