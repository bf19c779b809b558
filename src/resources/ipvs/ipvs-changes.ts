import { type Change } from '../../engine/model/resource.ts';
import { type Delta } from '../../ipvs/table/table-deltas.ts';
import {
  type Destination,
  endpoint,
  serviceKey,
  type VirtualService,
} from '../../ipvs/virtual-service.ts';

/** One step between two IPVS tables, as people see it. */
export function ipvsChange(delta: Delta): Change {
  const { kind, service } = delta;
  switch (kind) {
    case 'add-service':
      return { field: `service ${serviceKey(service)}`, to: serviceText(service) };
    case 'delete-service':
      return { field: `service ${serviceKey(service)}`, from: serviceText(service) };
    case 'edit-service':
      return {
        field: `service ${serviceKey(service)}`,
        from: serviceText(delta.from),
        to: serviceText(service),
      };
    case 'add-destination':
      return { field: serverField(delta.destination), to: serverText(delta.destination) };
    case 'delete-destination':
      return { field: serverField(delta.destination), from: serverText(delta.destination) };
    case 'edit-destination':
      return {
        field: serverField(delta.destination),
        from: serverText(delta.from),
        to: serverText(delta.destination),
      };
  }
}

function serverField(destination: Destination): string {
  return `server ${endpoint(destination)}`;
}

function serviceText({ scheduler, options }: VirtualService): string {
  return [scheduler, options].join(' ').trim();
}

function serverText({ method, weight, options }: Destination): string {
  return [`${method}, weight ${weight}`, options].join(' ').trim();
}
