import { portsOf } from '../../../ipvs/virtual-service.ts';
import { type LabCase, type LabServer } from '../../lab-case.ts';
import { type HostReading } from '../../readings/readings.ts';

type Listeners = NonNullable<HostReading['listeners']>;

/** Addresses that stand for all of a host. */
const ANY = new Set(['0.0.0.0', '::']);

/** Ports that web servers are usually given; something else that listens there is no sign of a wrong port. */
const WEB_PORTS = new Set([80, 81, 8000, 8008, 8080, 8081, 8088, 8888]);

/** The port that requests to a real server arrive at: the table's where it holds the server, else the inventory's. */
export function askedPort(of: LabCase, server: LabServer): number {
  return of.destinationOf(server)?.port ?? server.port;
}

/** The ports that requests to a real server arrive at, that of `askedPort` first: with a mark, all of the service's. */
function askedPorts(of: LabCase, server: LabServer): readonly number[] {
  const first = askedPort(of, server);
  const { service } = of.lab;
  // A port in the table has packets of all ports go there.
  if (service.mark === undefined || first !== service.port) return [first];
  return [...new Set([first, ...portsOf(service)])];
}

/** The first of these ports where nothing listens; the first of all where something does on each. */
export function silentPort(of: LabCase, server: LabServer, listeners: Listeners): number {
  const ports = askedPorts(of, server);
  const silent = ports.find((port) => listensOn(listeners, port).length === 0);
  return silent ?? askedPort(of, server);
}

/** What lists who listens there, on one port or on all. */
export function listenersCommand({ lab: { service } }: LabCase, port?: number): string {
  const command = service.protocol === 'udp' ? 'ss -lun' : 'ss -ltn';
  return port === undefined ? command : `${command} 'sport = :${port}'`;
}

/** The addresses on which something listens on this port. */
export function listensOn(listeners: Listeners, port: number): readonly string[] {
  return listeners.filter((listener) => listener.port === port).map(({ address }) => address);
}

/** Other ports on which a web server may be listening. */
export function webPorts(listeners: Listeners, port: number): readonly number[] {
  const found = listeners.filter(
    (listener) =>
      listener.port !== port && WEB_PORTS.has(listener.port) && !isLoopback(listener.address),
  );
  return [...new Set(found.map((listener) => listener.port))];
}

/** Whether only the host itself gets to an address. */
function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** Whether a listener on this address gets what is sent to another one. */
export function hears(address: string, destination: string): boolean {
  return ANY.has(address) || address === destination;
}
