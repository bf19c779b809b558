import { type Inventory } from '../inventory/inventory.ts';
import { type ProblemList } from '../inventory/problem-list.ts';
import { didYouMean } from '../inventory/suggestion.ts';
import { findScheduler, schedulers } from '../ipvs/distribution/schedulers.ts';
import { type RealServer } from './lab.ts';
import { type LabDraft } from './lab-draft.ts';

const REFUSED_MODES = {
  dr: 'direct routing needs the VIP on every real server, which lvslab does not set up',
  tun: 'tunneling needs a tunnel on every real server, which lvslab does not set up',
} as const;

/** Reports what is wrong with the virtual service itself: mode, scheduler, ports, weights, NICs. */
export function checkService(draft: LabDraft, problems: ProblemList): void {
  checkMode(draft, problems);
  checkNics(draft, problems);
  const { value: scheduler, at } = draft.scheduler;
  if (findScheduler(scheduler) === undefined) {
    const names = schedulers.map(({ name }) => name);
    const suggestion = didYouMean(scheduler, names) ?? `there are ${names.join(', ')}`;
    problems.add(at, `unknown scheduler ${scheduler}`, suggestion);
  }
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

function checkMode({ mode, port, realServers }: LabDraft, problems: ProblemList): void {
  if (mode.value === 'nat') return;
  problems.add(
    mode.at,
    `lvs_mode is ${mode.value}, but only nat is built: ${REFUSED_MODES[mode.value]}`,
  );
  for (const { host, port: realPort } of realServers) {
    if (realPort === port) continue;
    const at = host.vars.get('lvs_real_port')?.at ?? host.at;
    problems.add(
      at,
      `${host.name} listens on port ${realPort} and the service on ${port}: only LVS-NAT maps ports`,
    );
  }
}

function checkNics(
  { director, outsideDevice, insideDevice }: LabDraft,
  problems: ProblemList,
): void {
  if (outsideDevice === undefined || outsideDevice.value !== insideDevice?.value) return;
  problems.add(
    outsideDevice.at,
    `${director.name} has ${outsideDevice.value} as lvs_vip_interface and as lvs_dip_interface: it needs a NIC in each network`,
  );
}
