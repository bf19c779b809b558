import { ipvsTable } from '../resources/ipvs/ipvs-table.ts';
import { type Destination, type VirtualService } from '../ipvs/virtual-service.ts';
import { type PlayContext } from '../playbook.ts';
import { changedService, type Fault } from './fault.ts';

const everyMode = ['nat', 'dr', 'tun'] as const;

/** An address of the real servers' network that no host of the lab has, nor any that is given out first. */
const NOBODY = 250;

/** A fault of the live table alone: what the boot restores stays right. */
function inTable(
  id: string,
  title: string,
  change: (service: VirtualService, context: PlayContext) => VirtualService,
): Fault {
  return {
    id,
    title,
    modes: everyMode,
    on: 'director',
    resources: (context) => [
      ipvsTable(changedService(context, (service) => change(service, context))),
    ],
  };
}

/** The servers with the first that gets requests as `change` makes it. */
function withFirst(
  { destinations }: VirtualService,
  change: (first: Destination) => readonly Destination[],
): readonly Destination[] {
  const at = destinations.findIndex(({ weight }) => weight > 0);
  return destinations.flatMap((one, i) => (i === at ? change(one) : [one]));
}

/** What goes wrong with the director's table. */
export const tableFaults: readonly Fault[] = [
  inTable('L13', 'a server is entered with another forwarding method', (service, { lab }) => ({
    ...service,
    destinations: withFirst(service, (first) => [
      { ...first, method: lab.mode.name === 'nat' ? 'direct-routing' : 'masquerading' },
    ]),
  })),
  inTable('L15', 'one client always gets the same server', (service) => ({
    ...service,
    options: '-p 300',
  })),
  inTable('L16', 'a server that is none keeps getting requests', (service) => ({
    ...service,
    destinations: [
      ...service.destinations,
      ...service.destinations.slice(0, 1).map((one) => ({
        ...one,
        address: one.address.replace(/\d+$/, String(NOBODY)),
        weight: 1,
      })),
    ],
  })),
  inTable('L20', 'the service has no servers', (service) => ({ ...service, destinations: [] })),
  inTable('L21', 'a server has the weight 0', (service) => ({
    ...service,
    destinations: withFirst(service, (first) => [{ ...first, weight: 0 }]),
  })),
  inTable('L34', 'a real server is not in the table', (service) => ({
    ...service,
    destinations: withFirst(service, () => []),
  })),
  inTable('L35', 'a weight is another one', (service) => ({
    ...service,
    destinations: withFirst(service, (first) => [{ ...first, weight: first.weight + 2 }]),
  })),
];
