import { IpvsSyntaxError } from '../ipvs-syntax-error.ts';
import {
  type Destination,
  endpoint,
  type IpvsTable,
  serviceKey,
  type ServiceName,
  type VirtualService,
} from '../virtual-service.ts';

/**
 * Collects a table line by line, and refuses what no kernel holds: duplicates, servers of no service. Where only some
 * services are asked for, a line about another one that can't be read makes that one foreign.
 */
export class TableBuilder {
  readonly #asked: ReadonlySet<string> | undefined;
  readonly #services = new Map<string, VirtualService & { readonly destinations: Destination[] }>();
  readonly #foreign: string[] = [];
  readonly #foreignKeys = new Set<string>();

  /** @param asked keys of the services that are asked for; not set, all are. */
  constructor(asked?: ReadonlySet<string>) {
    this.#asked = asked;
  }

  /**
   * Reads a line about a service.
   * @param service undefined where the line can't be about one that a `VirtualService` can express.
   * @throws IpvsSyntaxError for what can't be read and may be about a service that is asked for.
   */
  readLine(text: string, service: ServiceName | undefined, read: () => void): void {
    try {
      read();
    } catch (error) {
      const key = service === undefined ? undefined : serviceKey(service);
      const isOthers = key === undefined || this.#asked?.has(key) === false;
      if (!(error instanceof IpvsSyntaxError) || this.#asked === undefined || !isOthers)
        throw error;
      if (key !== undefined) this.#foreignKeys.add(key);
      this.#foreign.push(text);
    }
  }

  addService(line: number, service: Omit<VirtualService, 'destinations'>): void {
    const key = serviceKey(service);
    if (this.#services.has(key)) throw new IpvsSyntaxError(line, `${key} is defined twice`);
    this.#services.set(key, { ...service, destinations: [] });
  }

  addDestination(line: number, service: ServiceName, destination: Destination): void {
    const key = serviceKey(service);
    const { destinations } = this.#serviceOf(line, key);
    if (destinations.some((other) => endpoint(other) === endpoint(destination))) {
      throw new IpvsSyntaxError(line, `${endpoint(destination)} is in ${key} twice`);
    }
    destinations.push(destination);
  }

  addForeign(text: string): void {
    this.#foreign.push(text);
  }

  /** The service has something that can't be expressed, so nobody may take what is known of it for the whole. */
  makeForeign(line: number, service: ServiceName, text: string): void {
    const key = serviceKey(service);
    this.#serviceOf(line, key);
    this.#foreignKeys.add(key);
    this.#foreign.push(text);
  }

  table(): IpvsTable {
    const entries = [...this.#services];
    const foreignKeys = [...this.#foreignKeys];
    return {
      services: entries.flatMap(([key, service]) => (this.#foreignKeys.has(key) ? [] : [service])),
      foreign: [...this.#foreign],
      ...(foreignKeys.length > 0 && { foreignKeys }),
    };
  }

  #serviceOf(line: number, key: string): VirtualService & { readonly destinations: Destination[] } {
    const service = this.#services.get(key);
    if (service === undefined) throw new IpvsSyntaxError(line, `no service ${key} before this`);
    return service;
  }
}
