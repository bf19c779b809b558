import { type ProblemList } from '../../inventory/problem-list.ts';
import { type LabDraft, type ServiceDraft } from '../lab-draft.ts';
import { type Mode } from '../modes/mode.ts';
import { modeNamed, modes } from '../modes/modes.ts';
import { titleOf } from '../service-of-draft.ts';

/** Reports modes that can't go side by side, and what makes the lab one that a mode of it can't work in. */
export function checkModes(draft: LabDraft, problems: ProblemList): void {
  const [first, ...others] = draft.services;
  for (const service of others) if (first !== undefined) checkWayBack(first, service, problems);
  checkVips(draft.services, problems);
  for (const mode of modes) {
    const services = draft.services.filter((service) => service.mode.value === mode.name);
    if (services.length > 0) mode.check({ ...draft, services }, problems);
  }
}

function modeOf({ mode }: ServiceDraft): Mode {
  return modeNamed(mode.value);
}

/** A real server's replies go where its routes lead, whichever service they are of. */
function checkWayBack(first: ServiceDraft, other: ServiceDraft, problems: ProblemList): void {
  const [one, two] = [modeOf(first), modeOf(other)];
  if (one.wayBack === two.wayBack) return;
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
    const [one, two] = [modeOf(first), modeOf(service)];
    if (one.vipDevice === two.vipDevice || one.wayBack !== two.wayBack) continue;
    problems.add(
      service.entry.at,
      `${titleOf(first)} is in ${one.title} and ${titleOf(service)} in ${two.title}: a real server has the VIP either on ${one.vipDevice} or on ${two.vipDevice}`,
      'give one of them a vip of its own',
    );
  }
}
