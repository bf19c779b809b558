import { type ProblemList } from '../../inventory/problem-list.ts';
import { shown } from '../../inventory/shown.ts';
import { type LabDraft, type ServiceDraft } from '../lab-draft.ts';
import { titleOf } from '../service-of-draft.ts';

/** Reports what can't be of services that have several ports, and go by a firewall mark. */
export function checkMarks(draft: LabDraft, problems: ProblemList): void {
  const { services } = draft;
  for (const [i, service] of services.entries()) checkEntry(service, i, problems);
  checkSameMarks(services, problems);
  checkPortMapping(draft, problems);
}

function checkEntry(service: ServiceDraft, index: number, problems: ProblemList): void {
  const { value, at } = service.entry;
  const { port, ports, mark, servers = {} } = value;
  const place = `lvs_services[${index + 1}]`;
  if (port !== undefined && ports !== undefined) {
    problems.add(
      at,
      `${place} has port (${port}) and ports (${ports.join(', ')}): it can have one of them`,
      'put every port into ports',
    );
  }
  if (mark !== undefined && ports === undefined) {
    problems.add(
      at,
      `${place} has the mark ${mark}, but no ports: a service of one port is known by its address, and needs no mark`,
      'give it ports, or take the mark away',
    );
  }
  if (ports === undefined) return;
  for (const [name, { port: own }] of Object.entries(servers)) {
    if (own === undefined) continue;
    problems.add(
      at,
      `the service ${titleOf(service)} has the port ${own} for ${shown(name)}: with several ports none is mapped, packets keep the port that they were sent to`,
      `take the port of ${shown(name)} away`,
    );
  }
}

/** Of two services with one mark, the director could hold only one. */
function checkSameMarks(services: readonly ServiceDraft[], problems: ProblemList): void {
  const seen = new Map<number, ServiceDraft>();
  for (const service of services) {
    const { mark } = service.entry.value;
    if (mark === undefined || service.marked === undefined) continue;
    const first = seen.get(mark);
    if (first === undefined) seen.set(mark, service);
    else {
      problems.add(
        service.entry.at,
        `the services ${titleOf(first)} and ${titleOf(service)} have the same mark ${mark}: IPVS would take them for one`,
        'give each a mark of its own, or none: lvslab chooses one then',
      );
    }
  }
}

/** Where all services keep their ports, a port for nginx would be one that nobody asks for. */
function checkPortMapping({ services, realServers }: LabDraft, problems: ProblemList): void {
  if (services.some(({ marked }) => marked === undefined)) return;
  for (const { host, port } of realServers) {
    if (port === undefined) continue;
    problems.add(
      host.vars.get('lvs_real_port')?.at ?? host.at,
      `${host.name} has lvs_real_port ${port}, but every service has several ports, which are not mapped: nginx listens on these`,
      'take lvs_real_port away',
    );
  }
}
