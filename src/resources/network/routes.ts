import { type Change } from '../../engine/model/resource.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { fieldChange } from '../field-changes.ts';

/** The route that packets take of several to one destination, as `ip route` prints them: the one of the lowest metric. */
export function effectiveRoute(routes: readonly string[]): string | undefined {
  return routes.toSorted((a, b) => metricOf(a) - metricOf(b))[0];
}

/** Where a route leads. */
export function leadsTo(
  route: string | undefined,
  { device, gateway }: { readonly device: string; readonly gateway?: string },
): boolean {
  return wordAfter(route, 'via') === gateway && wordAfter(route, 'dev') === device;
}

/** Whether a route was learned from a DHCP server, and may be another by now. */
export function isLeased(route: string): boolean {
  return wordAfter(route, 'proto') === 'dhcp';
}

/** Whether a route leaves by this NIC. */
export function leavesBy(route: string, device: string): boolean {
  return wordAfter(route, 'dev') === device;
}

/** The routes with another one, as `ip route replace` leaves them: of each metric there is one. */
export function withRoute(routes: readonly string[], route: string): readonly string[] {
  return [route, ...routes.filter((other) => metricOf(other) !== metricOf(route))];
}

/** How the routes to one destination differ: what packets take, where that changes. */
export function diffRoutes(
  field: string,
  from: readonly string[],
  to: readonly string[],
): readonly Change[] {
  const [before, after] = [from, to].map(effectiveRoute);
  if (keyOf(before) !== keyOf(after)) return fieldChange(field, before, after);
  const { lost, gained } = routeChanges(from, to);
  return fieldChange(field, textOf(lost), textOf(gained));
}

/** The commands between the routes to one destination: those that go, and those that come, also in the place of others. */
export function convergeRoutes(
  from: readonly string[],
  to: readonly string[],
): { readonly remove: Script; readonly add: Script } {
  const { lost, gained } = routeChanges(from, to);
  const replaced = new Set(gained.map(metricOf));
  const surplus = lost.filter((route) => !replaced.has(metricOf(route)));
  return {
    remove: lines(...surplus.map((route) => sh`ip route del ${routeWords(route)}`)),
    add: lines(...gained.map((route) => sh`ip route replace ${routeWords(route)}`)),
  };
}

/** Whether the cable is in makes no other route of it. */
function routeChanges(from: readonly string[], to: readonly string[]) {
  const [before, after] = [from, to].map((routes) => new Set(routes.map(keyOf)));
  return {
    lost: from.filter((route) => after?.has(keyOf(route)) !== true),
    gained: to.filter((route) => before?.has(keyOf(route)) !== true),
  };
}

function keyOf(route: string | undefined): string {
  return routeWords(route ?? '').join(' ');
}

function textOf(routes: readonly string[]): string | undefined {
  return routes.length === 0 ? undefined : routes.join('; ');
}

function metricOf(route: string): number {
  return Number(wordAfter(route, 'metric') ?? 0);
}

/** The word that follows another in a route: its gateway behind 'via'. */
export function wordAfter(route: string | undefined, name: string): string | undefined {
  const words = route?.split(/\s+/) ?? [];
  const at = words.indexOf(name);
  return at === -1 ? undefined : words[at + 1];
}

/** A route as `ip route` takes it: the states of a route that it prints are no words for it. */
export function routeWords(route: string): readonly string[] {
  return route.split(/[\s\\]+/).filter((word) => !['linkdown', 'dead', ''].includes(word));
}
