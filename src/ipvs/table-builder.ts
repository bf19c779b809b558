import { IpvsSyntaxError } from './ipvs-syntax-error.ts';
import {
  type Destination,
  endpoint,
  type IpvsTable,
  serviceKey,
  type VirtualService,
} from './virtual-service.ts';

/** Collects a table line by line, and refuses what no kernel holds: duplicates, servers of no service. */
export class TableBuilder {
  readonly #services = new Map<string, VirtualService & { readonly destinations: Destination[] }>();
  readonly #foreign: string[] = [];

  addService(line: number, service: Omit<VirtualService, 'destinations'>): void {
    const key = serviceKey(service);
    if (this.#services.has(key)) throw new IpvsSyntaxError(line, `${key} is defined twice`);
    this.#services.set(key, { ...service, destinations: [] });
  }

  addDestination(
    line: number,
    service: Pick<VirtualService, 'protocol' | 'address' | 'port'>,
    destination: Destination,
  ): void {
    const key = serviceKey(service);
    const destinations = this.#services.get(key)?.destinations;
    if (destinations === undefined)
      throw new IpvsSyntaxError(line, `no service ${key} before this`);
    if (destinations.some((other) => endpoint(other) === endpoint(destination))) {
      throw new IpvsSyntaxError(line, `${endpoint(destination)} is in ${key} twice`);
    }
    destinations.push(destination);
  }

  addForeign(text: string): void {
    this.#foreign.push(text);
  }

  table(): IpvsTable {
    return { services: [...this.#services.values()], foreign: [...this.#foreign] };
  }
}
