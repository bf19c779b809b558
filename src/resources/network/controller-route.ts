import { type Resource } from '../../engine/model/resource.ts';
import { type Facts } from '../../platforms/facts.ts';
import { type Platform } from '../../platforms/platform.ts';
import { backendOf } from '../../platforms/network/owners/backend-of.ts';
import { hostRoute } from './host-route.ts';
import { type InterfaceSettings } from '../../platforms/network/network-backend.ts';

/**
 * What keeps a host in reach when a NIC is about to get another default gateway: a route to the machine that lvslab comes
 * from, through the gateway that leads there now. Nothing where that machine is on a segment of the host, where a route
 * other than the default leads there, or where it is one of those that must be answered through the new gateway.
 */
export function controllerRoute(
  {
    platform,
    facts: { controller, nicOwners },
  }: { readonly platform: Platform; readonly facts: Facts },
  { gateway }: InterfaceSettings,
  clients: readonly { readonly address: string }[] = [],
): readonly Resource[] {
  if (controller === undefined || gateway === undefined) return [];
  if (controller.gateway === gateway) return [];
  if (clients.some(({ address }) => address === controller.address)) return [];
  const { device } = controller;
  const backend = backendOf(device, nicOwners?.get(device), () => platform.network);
  return backend.route === undefined
    ? []
    : [hostRoute({ networkConfiguration: backend.name, route: controller })];
}
