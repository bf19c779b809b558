import { type Inventory } from '../inventory/inventory.ts';
import { type ProblemList } from '../inventory/problem-list.ts';
import { didYouMean } from '../inventory/suggestion.ts';
import { findScheduler, schedulers } from '../ipvs/distribution/schedulers.ts';
import { type RealServer } from './lab.ts';
import { checkMode } from './check-provisionable.ts';
import { type LabDraft } from './lab-draft.ts';
import { modeNamed, modes } from './modes/modes.ts';
import { type Placed } from './settings.ts';

/** Reports what is wrong with the virtual services themselves: mode, scheduler, ports, weights. */
export function checkServices(draft: LabDraft, problems: ProblemList): void {
  checkMode(draft, problems);
  checkPorts(draft, problems);
  for (const { scheduler } of draft.services) checkScheduler(scheduler, problems);
  const [first] = draft.realServers;
  if (first !== undefined && draft.realServers.every(({ weight }) => weight.value === 0)) {
    problems.add(
      first.weight.at,
      'every real server has the weight 0: no connection would be accepted',
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

function checkScheduler({ value: scheduler, at }: Placed<string>, problems: ProblemList): void {
  if (findScheduler(scheduler) !== undefined) return;
  const names = schedulers.map(({ name }) => name);
  const suggestion = didYouMean(scheduler, names) ?? `there are ${names.join(', ')}`;
  problems.add(at, `unknown scheduler ${scheduler}`, suggestion);
}

/** Reports real servers that listen where the mode does not lead. */
function checkPorts({ mode, services, realServers }: LabDraft, problems: ProblemList): void {
  if (modeNamed(mode.value).mode?.mapsPorts === true) return;
  const mapping = modes.filter(({ mapsPorts }) => mapsPorts).map(({ title }) => title);
  for (const { host, port: realPort } of realServers) {
    for (const { port } of services) {
      if (realPort === port) continue;
      const at = host.vars.get('lvs_real_port')?.at ?? host.at;
      problems.add(
        at,
        `${host.name} listens on port ${realPort} and the service on ${port}: only ${mapping.join(' and ')} maps ports`,
      );
    }
  }
}
