import { type ProblemList } from '../../inventory/problem-list.ts';
import { type LabDraft, type ServiceDraft } from '../lab-draft.ts';
import { modeNamed, modesIn } from '../modes/modes.ts';
import { titleOf } from '../service-of-draft.ts';

/** Reports modes that can't go side by side, and what makes the lab one that a mode of it can't work in. */
export function checkModes(draft: LabDraft, problems: ProblemList): void {
  const [first, ...others] = draft.services;
  for (const service of others) if (first !== undefined) checkWayBack(first, service, problems);
  checkVips(draft.services, problems);
  for (const mode of modesIn(draft.services)) {
    const services = draft.services.filter((service) => service.mode === mode.name);
    mode.check({ ...draft, services }, problems);
  }
}

/** A real server's replies go where its routes lead, whichever service they are of. */
function checkWayBack(first: ServiceDraft, other: ServiceDraft, problems: ProblemList): void {
  const [one, two] = [modeNamed(first.mode), modeNamed(other.mode)];
  if (one.traffic.replies === two.traffic.replies) return;
  problems.add(
    other.entry.at,
    `${titleOf(first)} is in ${one.title} and ${titleOf(other)} in ${two.title}: in ${one.title} the way back of a real server ${one.wayBack}, in ${two.title} it ${two.wayBack}, and it has one`,
  );
}

/** A real server has a VIP on one device. */
function checkVips(services: readonly ServiceDraft[], problems: ProblemList): void {
  const seen = new Map<string, ServiceDraft>();
  for (const service of services) {
    if (service.vip === undefined) continue;
    const first = seen.get(service.vip.value) ?? service;
    seen.set(service.vip.value, first);
    const [one, two] = [modeNamed(first.mode), modeNamed(service.mode)];
    if (one.vipDevice === two.vipDevice || one.traffic.replies !== two.traffic.replies) continue;
    problems.add(
      service.entry.at,
      `${titleOf(first)} is in ${one.title} and ${titleOf(service)} in ${two.title}: a real server has the VIP either on ${one.vipDevice} or on ${two.vipDevice}`,
      'give one of them a vip of its own',
    );
  }
}
