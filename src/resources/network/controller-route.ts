import { type Resource } from '../../engine/model/resource.ts';
import { type Facts } from '../../platforms/facts/facts.ts';
import { type HostRoute, type InterfaceSettings } from '../../platforms/network/network-backend.ts';
import { backendOfNic } from '../../platforms/network/owners/backend-of.ts';
import { type Platform } from '../../platforms/platform.ts';
import { hostRoute } from './host-route.ts';

interface HostContext {
  readonly platform: Platform;
  readonly facts: Facts;
}

interface Client {
  readonly address: string;
}

/**
 * What keeps a host in reach when a NIC is about to get another default gateway: a route to the machine that lvslab comes
 * from, through the gateway that leads there now. Nothing where that machine is on a segment of the host, where a route
 * other than the default leads there, or where it is one of those that must be answered through the new gateway; and
 * nothing where such routes stand in the NIC's own files (`withControllerRoute`).
 */
export function controllerRoute(
  context: HostContext,
  nic: InterfaceSettings,
  clients: readonly Client[] = [],
): readonly Resource[] {
  const route = neededRoute(context.facts, nic, clients);
  if (route === undefined) return [];
  const backend = backendOf(context, route.device);
  return backend.route === undefined
    ? []
    : [hostRoute({ networkConfiguration: backend.name, route })];
}

/** The settings with that route among them, where it has to stand in the NIC's own files. */
export function withControllerRoute(
  context: HostContext,
  nic: InterfaceSettings,
  clients: readonly Client[] = [],
): InterfaceSettings {
  const route = neededRoute(context.facts, nic, clients);
  if (route?.device !== nic.device) return nic;
  if (backendOf(context, route.device).route !== undefined) return nic;
  return { ...nic, routes: [...(nic.routes ?? []), route] };
}

function backendOf({ platform, facts }: HostContext, device: string) {
  return backendOfNic(facts, device, () => platform.network);
}

function neededRoute(
  { controller }: Pick<Facts, 'controller'>,
  { gateway }: InterfaceSettings,
  clients: readonly Client[],
): HostRoute | undefined {
  if (controller === undefined || gateway === undefined) return undefined;
  if (controller.gateway === gateway) return undefined;
  return clients.some(({ address }) => address === controller.address) ? undefined : controller;
}
