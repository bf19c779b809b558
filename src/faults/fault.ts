import { type Resource } from '../engine/model/resource.ts';
import { PlaybookError } from '../engine/model/failures/errors.ts';
import { type Lab } from '../lab/lab.ts';
import { labOfService } from '../lab/lab-of-service.ts';
import { type LvsMode } from '../lab/modes/mode.ts';
import { type VirtualService } from '../ipvs/virtual-service.ts';
import { packetFilter } from '../resources/network/packet-filter.ts';
import { packageSet } from '../resources/packages/package-set.ts';
import { directorOf, type PlayContext } from '../playbook.ts';

/** A mistake that is made on purpose: resources that aim at the broken state of one cause. */
export interface Fault {
  /** The cause that a diagnosis of it names: 'L03'. */
  readonly id: string;
  /** What will be wrong, in a few words. */
  readonly title: string;
  readonly modes: readonly LvsMode[];
  /** Whether it is made on the director, or on one of the real servers. */
  readonly on: 'director' | 'real server';
  readonly resources: (context: PlayContext) => readonly Resource[];
}

/** The playbook under which a fault stands in the journals of hosts. */
export function faultPlaybook(id: string): string {
  return `break ${id}`;
}

/** The id of the fault whose playbook this is; undefined for any other playbook. */
export function faultOf(playbook: string | undefined): string | undefined {
  return /^break (L\d\d)$/.exec(playbook ?? '')?.[1];
}

/** The lab as its first service has it, which faults are made in: another may be of another mode. */
export function labOfFaults(lab: Lab): Lab {
  const [service] = lab.services;
  return service === undefined ? lab : labOfService(lab, service);
}

/**
 * The service that faults are made in.
 * @throws PlaybookError where the lab has none.
 */
export function serviceOf({ lab, name }: Pick<PlayContext, 'lab' | 'name'>): VirtualService {
  const [service] = lab.services;
  if (service !== undefined) return service;
  throw new PlaybookError('the lab has no virtual service to be broken', {
    host: name,
    hint: 'Describe one in the inventory: lvs_vip and lvs_port.',
  });
}

/**
 * The client whose requests a fault is to hit.
 * @throws PlaybookError where the inventory has none.
 */
export function clientOf({ lab, name }: Pick<PlayContext, 'lab' | 'name'>): string {
  const [client] = lab.clients;
  if (client !== undefined) return client.address;
  throw new PlaybookError('this fault hits the way to a client, and the inventory has none', {
    host: name,
    hint: 'Add the client to the group clients of the inventory, with its ansible_host and lvs_cip.',
  });
}

/** A packet filter that drops what comes for an address and a port, by the program that the host's release has for it. */
export function dropping(
  { platform }: Pick<PlayContext, 'platform'>,
  what: { readonly table: string; readonly address?: string; readonly port?: number },
): readonly Resource[] {
  const { packages, name: by } = platform.packetMarks;
  return [packageSet(platform, packages), packetFilter({ ...what, by })];
}

/** A neighbour of the real servers that is not the director: where packets for the client go astray. */
export function wrongGateway({ lab, name }: Pick<PlayContext, 'lab' | 'name'>): string {
  const own = lab.realServers.find((server) => server.name === name)?.nic.address;
  const others = lab.realServers.map(({ nic }) => nic.address).filter((one) => one !== own);
  const [other] = others;
  if (other !== undefined) return other;
  throw new PlaybookError('this fault needs a second real server, which packets go astray to', {
    host: name,
    hint: 'Break something else: `lvslab break --list` has all of it.',
  });
}

/** The rules of a service, changed as a fault changes them; each on the director of the context. */
export function changedService(
  context: PlayContext,
  change: (service: VirtualService) => VirtualService,
): VirtualService {
  directorOf(context);
  return change(serviceOf(context));
}
