import { type Change } from '../../../engine/model/resource.ts';
import { type BootRoute, type BootView } from '../../../platforms/network/boot/boot-view.ts';
import { fieldChange, listChanges } from '../../field-changes.ts';
import { type InterfaceState, type NicFile, writtenPaths } from './interface-state.ts';
import { type InterfaceRuntime } from './interface-runtime.ts';
import { diffRoutes, effectiveRoute, wordAfter } from '../routes.ts';

/** How a NIC differs: its files, what it has now, and what the next boot makes of it where that is another difference. */
export function diffInterface(from: InterfaceState, to: InterfaceState): readonly Change[] {
  return [
    ...writtenPaths(from.files, to.files).flatMap((path) =>
      fieldChange(path, contentAt(path, from.files), contentAt(path, to.files)),
    ),
    ...diffRuntime(from, to),
    ...diffBoot(from, to),
  ];
}

/** How what a NIC has now differs. */
export function diffRuntime(from: InterfaceRuntime, to: InterfaceRuntime): readonly Change[] {
  const { lost, gained } = listChanges(from.addresses, to.addresses);
  return [
    ...fieldChange('link', upOrDown(from.up), upOrDown(to.up)),
    ...fieldChange('address', joined(lost), joined(gained)),
    ...diffRoutes('default route', from.defaultRoutes, to.defaultRoutes),
  ];
}

/** Where now and at boot change in the same way, it is told once. */
function diffBoot(from: InterfaceState, to: InterfaceState): readonly Change[] {
  if (from.boot === undefined || to.boot === undefined || from.boot === to.boot) return [];
  const now = listChanges(from.addresses, to.addresses);
  const boot = listChanges(addressesOf(from.boot), addressesOf(to.boot));
  const isSame =
    joined(now.lost) === joined(boot.lost) && joined(now.gained) === joined(boot.gained);
  const [nowFrom, nowTo] = [from, to].map(({ defaultRoutes }) => routeNow(defaultRoutes));
  const [bootFrom, bootTo] = [from.boot, to.boot].map(({ defaultRoute }) =>
    routeText(defaultRoute),
  );
  const isSameRoute = nowFrom === bootFrom && nowTo === bootTo;
  return [
    ...(isSame ? [] : fieldChange('address at boot', joined(boot.lost), joined(boot.gained))),
    ...(isSameRoute ? [] : fieldChange('default route at boot', bootFrom, bootTo)),
    ...fieldChange('DHCP at boot', yesOrNo(from.boot.dhcp), yesOrNo(to.boot.dhcp)),
  ];
}

function addressesOf({ addresses }: BootView): readonly string[] {
  return addresses.map(({ address }) => address);
}

function routeNow(routes: readonly string[]): string | undefined {
  const route = effectiveRoute(routes);
  const [device, gateway] = [wordAfter(route, 'dev'), wordAfter(route, 'via')];
  if (device === undefined) return undefined;
  return routeText({ device, ...(gateway !== undefined && { gateway }) });
}

function routeText(route: Pick<BootRoute, 'device' | 'gateway'> | undefined): string | undefined {
  if (route === undefined) return undefined;
  const via = route.gateway === undefined ? '' : `via ${route.gateway} `;
  return `default ${via}dev ${route.device}`;
}

function contentAt(path: string, files: readonly NicFile[]): string | undefined {
  return files.find((file) => file.path === path)?.file?.content;
}

function joined(addresses: readonly string[]): string | undefined {
  return addresses.length === 0 ? undefined : addresses.join(' ');
}

function upOrDown(up: boolean): string {
  return up ? 'up' : 'down';
}

function yesOrNo(isSo: boolean): string {
  return isSo ? 'yes' : 'no';
}
