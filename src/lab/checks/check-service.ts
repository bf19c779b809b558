import { type Inventory } from '../../inventory/inventory.ts';
import { type ProblemList } from '../../inventory/problem-list.ts';
import { shown } from '../../inventory/shown.ts';
import { didYouMean } from '../../inventory/suggestion.ts';
import { findScheduler, schedulers } from '../../ipvs/distribution/schedulers.ts';
import { serviceKey } from '../../ipvs/virtual-service.ts';
import { type RealServer } from '../lab.ts';
import { type LabDraft, type ServiceDraft } from '../lab-draft.ts';
import { modeNamed, modes } from '../modes/modes.ts';
import { portOf, portsOfService, titleOf, weightOf } from '../service-of-draft.ts';
import { checkMarks } from './check-marks.ts';

/** Reports what is wrong with the virtual services themselves: mode, scheduler, options, ports, weights. */
export function checkServices(draft: LabDraft, problems: ProblemList): void {
  checkTwins(draft, problems);
  checkMarks(draft, problems);
  for (const service of draft.services) {
    checkPorts(service, draft, problems);
    checkScheduler(service, problems);
    checkOptions(service, problems);
    checkServers(service, draft, problems);
  }
}

/** Of two services with one name, the director could hold only one. */
function checkTwins({ services }: LabDraft, problems: ProblemList): void {
  /** By protocol, VIP and port: the first that has it. */
  const seen = new Map<string, ServiceDraft>();
  for (const service of services) {
    const { vip, protocol, entry } = service;
    if (vip === undefined) continue;
    const shared = portsOfService(service).flatMap((port) => {
      const key = serviceKey({ protocol, address: vip.value, port });
      const first = seen.get(key);
      if (first === undefined) seen.set(key, service);
      return first === undefined ? [] : [{ key, first }];
    });
    for (const { key, first } of shared) {
      const isWhole = first.marked === undefined && service.marked === undefined;
      problems.add(
        entry.at,
        isWhole
          ? `lvs_services has ${key} twice`
          : `lvs_services has ${key} in two services, ${titleOf(first)} and ${titleOf(service)}: only one of them would get its packets`,
      );
    }
  }
}

function checkServers(service: ServiceDraft, draft: LabDraft, problems: ProblemList): void {
  const { realServers } = draft;
  const names = realServers.map(({ host }) => host.name);
  for (const name of Object.keys(service.entry.value.servers ?? {})) {
    if (names.includes(name)) continue;
    problems.add(
      service.entry.at,
      `${nameOf(service)} names ${shown(name)}, which is no real server`,
      didYouMean(name, names) ?? `there are ${names.join(', ')}`,
    );
  }
  checkThresholds(service, problems);
  const [first] = realServers;
  if (first !== undefined && realServers.every((server) => weightOf(server, service) === 0)) {
    const isList = service.entry.value.servers !== undefined;
    problems.add(
      isList ? service.entry.at : first.weight.at,
      draft.services.length === 1
        ? 'every real server has the weight 0: no connection would be accepted'
        : `every real server has the weight 0 in ${nameOf(service)}: no connection would be accepted`,
    );
  }
}

/** Reports bounds that the kernel refuses. */
function checkThresholds(service: ServiceDraft, problems: ProblemList): void {
  for (const [name, server] of Object.entries(service.entry.value.servers ?? {})) {
    const { upper_threshold: upper = 0, lower_threshold: lower = 0 } = server;
    if (lower <= upper) continue;
    problems.add(
      service.entry.at,
      `${nameOf(service)} has a lower_threshold of ${lower} for ${shown(name)}, above its upper_threshold of ${upper}`,
    );
  }
}

/** 'the service tcp 192.168.4.133:80'. */
function nameOf(service: ServiceDraft): string {
  return `the service ${titleOf(service)}`;
}

/** Reports options that IPVS has, but not together. */
function checkOptions(service: ServiceDraft, problems: ProblemList): void {
  const { entry, scheduler, protocol } = service;
  const { scheduler_flags: flags = [], persistence, persistence_netmask: mask } = entry.value;
  for (const flag of flags) {
    const [owner = ''] = flag.split('-');
    if (owner !== scheduler.value) {
      problems.add(entry.at, `${nameOf(service)} has the flag ${flag}, which only ${owner} knows`);
    }
  }
  if (mask !== undefined && persistence === undefined) {
    problems.add(
      entry.at,
      `${nameOf(service)} has a persistence_netmask, but no persistence that it could be of`,
    );
  }
  if (entry.value.one_packet === true && protocol === 'tcp') {
    problems.add(
      entry.at,
      `${nameOf(service)} has one_packet: a TCP connection is more than one packet`,
    );
  }
}

/** Reports test pages that don't tell the real servers apart: nobody could see who answered. */
export function checkPages(
  inventory: Inventory,
  realServers: readonly RealServer[],
  problems: ProblemList,
): void {
  const seen = new Map<string, string>();
  for (const { name, page } of realServers) {
    const host = inventory.hosts.get(name);
    const first = seen.get(page);
    if (first === undefined) seen.set(page, name);
    else if (host !== undefined) {
      const at = host.vars.get('lvs_page')?.at ?? host.at;
      problems.add(
        at,
        `${name} has the same lvs_page as ${first}: nobody could tell which server answered`,
      );
    }
  }
}

function checkScheduler({ scheduler: { value, at } }: ServiceDraft, problems: ProblemList): void {
  if (findScheduler(value) !== undefined) return;
  const names = schedulers.map(({ name }) => name);
  const suggestion = didYouMean(value, names) ?? `there are ${names.join(', ')}`;
  problems.add(at, `unknown scheduler ${value}`, suggestion);
}

/** Reports real servers that listen where the mode does not lead. */
function checkPorts(service: ServiceDraft, { realServers }: LabDraft, problems: ProblemList): void {
  if (modeNamed(service.mode).mapsPorts) return;
  const mapping = modes.filter(({ mapsPorts }) => mapsPorts).map(({ title }) => title);
  for (const server of realServers) {
    const port = portOf(server, service);
    if (port === service.port) continue;
    const { host } = server;
    const at = host.vars.get('lvs_real_port')?.at ?? service.entry.at;
    problems.add(
      at,
      `${host.name} listens on port ${port} and the service on ${service.port}: only ${mapping.join(' and ')} maps ports`,
    );
  }
}
