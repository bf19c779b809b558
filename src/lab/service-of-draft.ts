import { labDefaults } from '../inventory/variables/lab-variables.ts';
import { thresholdOptions } from '../ipvs/thresholds.ts';
import { serviceTitle } from '../ipvs/virtual-service.ts';
import { schedulerFlags } from '../inventory/variables/service-schema.ts';
import { type RealServerDraft, type ServiceDraft } from './lab-draft.ts';

/** All ports by which clients ask for the service. */
export function portsOfService({ port, marked }: ServiceDraft): readonly number[] {
  return marked?.ports ?? [port];
}

/** 'tcp 192.168.4.133:80,443': the service as messages call it. */
export function titleOf({ protocol, vip, port, marked }: ServiceDraft): string {
  const place = { address: vip?.value ?? 'VIP', port, ...(marked && { ports: marked.ports }) };
  return `${protocol} ${serviceTitle(place)}`;
}

/** The ports that nginx listens on there for this service: packets that go by a mark keep theirs. */
export function listeningPorts(server: RealServerDraft, service: ServiceDraft): readonly number[] {
  return service.marked?.ports ?? [portOf(server, service)];
}

/** The port that nginx listens on there for this service; of several, the first. */
export function portOf({ host, port }: RealServerDraft, service: ServiceDraft): number {
  if (service.marked !== undefined) return service.port;
  return service.entry.value.servers?.[host.name]?.port ?? port ?? service.port;
}

/** The port that nginx listens on there for services that say nothing else. */
export function usualPortOf({ port }: RealServerDraft, services: readonly ServiceDraft[]): number {
  return port ?? services[0]?.port ?? labDefaults.lvs_port;
}

/** The weight that the server has in this service. */
export function weightOf({ host, weight }: RealServerDraft, service: ServiceDraft): number {
  return service.entry.value.servers?.[host.name]?.weight ?? weight.value;
}

/** How many connections the server may have in this service, as `ipvsadm` is told it: '-x 100 -y 80'; '' for any number. */
export function thresholdsOf({ host }: RealServerDraft, service: ServiceDraft): string {
  const { upper_threshold: upper = 0, lower_threshold: lower = 0 } =
    service.entry.value.servers?.[host.name] ?? {};
  return thresholdOptions({ upper, lower });
}

/** The VIPs of services, each once, in their order. */
export function vipsOf(services: readonly ServiceDraft[]): readonly string[] {
  return [...new Set(services.flatMap(({ vip }) => vip?.value ?? []))];
}

/** A mask with which each client is alone; ipvsadm leaves it out. */
const ONE_CLIENT = '255.255.255.255';

/** What `ipvsadm -S` prints of a service after its scheduler, in its order: '-p 300 -M 255.255.255.0 -b sh-port'. */
export function optionsOf({ entry: { value } }: ServiceDraft): string {
  const { persistence, persistence_netmask: netmask = ONE_CLIENT, one_packet: onePacket } = value;
  const flags = schedulerFlags.filter((flag) => value.scheduler_flags?.includes(flag) === true);
  return [
    ...(persistence === undefined ? [] : ['-p', String(persistence)]),
    ...(netmask === ONE_CLIENT ? [] : ['-M', netmask]),
    ...(flags.length === 0 ? [] : ['-b', flags.join(',')]),
    ...(onePacket === true ? ['-o'] : []),
  ].join(' ');
}
