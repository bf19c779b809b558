import { destinationWords, serviceAddressWords, serviceWords } from '../rules/service-words.ts';
import {
  type Destination,
  endpoint,
  type IpvsTable,
  serviceKey,
  type VirtualService,
} from '../virtual-service.ts';

/** One step from one table to another. Edits tell both sides, to be shown to people. */
export type Delta =
  | { readonly kind: 'add-service' | 'delete-service'; readonly service: VirtualService }
  | {
      readonly kind: 'edit-service';
      readonly from: VirtualService;
      readonly service: VirtualService;
    }
  | {
      readonly kind: 'add-destination' | 'delete-destination';
      readonly service: VirtualService;
      readonly destination: Destination;
    }
  | {
      readonly kind: 'edit-destination';
      readonly service: VirtualService;
      readonly from: Destination;
      readonly destination: Destination;
    };

/**
 * The steps that lead from one table to the other, [] when they hold the same set of services; order and foreign lines
 * don't count. Servers are added before others are removed, so that a living service is never left without one.
 */
export function compareTables(from: IpvsTable, to: IpvsTable): readonly Delta[] {
  const before = new Map(from.services.map((service) => [serviceKey(service), service]));
  const wanted = new Set(to.services.map(serviceKey));
  return [
    ...from.services
      .filter((service) => !wanted.has(serviceKey(service)))
      .map((service) => ({ kind: 'delete-service', service }) as const),
    ...to.services.flatMap((service) => serviceDeltas(before.get(serviceKey(service)), service)),
  ];
}

/** The ipvsadm command of one step, complete: ipvsadm resets what a command leaves out. */
export function deltaCommand(delta: Delta): readonly string[] {
  const { kind, service } = delta;
  switch (kind) {
    case 'add-service':
      return ['ipvsadm', '-A', ...serviceWords(service)];
    case 'edit-service':
      return ['ipvsadm', '-E', ...serviceWords(service)];
    case 'delete-service':
      return ['ipvsadm', '-D', ...serviceAddressWords(service)];
    case 'add-destination':
      return [
        'ipvsadm',
        '-a',
        ...serviceAddressWords(service),
        ...destinationWords(delta.destination),
      ];
    case 'edit-destination':
      return [
        'ipvsadm',
        '-e',
        ...serviceAddressWords(service),
        ...destinationWords(delta.destination),
      ];
    case 'delete-destination':
      return ['ipvsadm', '-d', ...serviceAddressWords(service), '-r', endpoint(delta.destination)];
  }
}

function serviceDeltas(
  from: VirtualService | undefined,
  service: VirtualService,
): readonly Delta[] {
  if (from === undefined) {
    return [
      { kind: 'add-service', service },
      ...service.destinations.map(
        (destination) => ({ kind: 'add-destination', service, destination }) as const,
      ),
    ];
  }
  const sameLine = serviceWords(from).join(' ') === serviceWords(service).join(' ');
  return [
    ...(sameLine ? [] : [{ kind: 'edit-service', from, service } as const]),
    ...destinationDeltas(from, service),
  ];
}

function destinationDeltas(from: VirtualService, service: VirtualService): readonly Delta[] {
  const before = new Map(
    from.destinations.map((destination) => [endpoint(destination), destination]),
  );
  const wanted = new Set(service.destinations.map(endpoint));
  return [
    ...service.destinations.flatMap((destination) =>
      destinationDelta(service, before.get(endpoint(destination)), destination),
    ),
    ...from.destinations
      .filter((destination) => !wanted.has(endpoint(destination)))
      .map((destination) => ({ kind: 'delete-destination', service, destination }) as const),
  ];
}

function destinationDelta(
  service: VirtualService,
  from: Destination | undefined,
  destination: Destination,
): readonly Delta[] {
  if (from === undefined) return [{ kind: 'add-destination', service, destination }];
  const same = destinationWords(from).join(' ') === destinationWords(destination).join(' ');
  return same ? [] : [{ kind: 'edit-destination', service, from, destination }];
}
