import { type Plan, type PlannedStep } from '../../engine/model/plan.ts';

/** A planned step that is the same on all these hosts. */
interface SharedStep {
  readonly hosts: readonly string[];
  readonly step: PlannedStep;
}

export interface SharedPlay {
  readonly play: string;
  readonly steps: readonly SharedStep[];
}

/** The plan by play instead of by host, equal steps of several hosts put together; plays without steps are left out. */
export function shareSteps({ hosts }: Plan): readonly SharedPlay[] {
  const names = new Set(hosts.flatMap(({ plays }) => plays.map(({ play }) => play)));
  return [...names]
    .map((play) => ({ play, steps: stepsOf(play, hosts) }))
    .filter(({ steps }) => steps.length > 0);
}

function stepsOf(play: string, hosts: Plan['hosts']): readonly SharedStep[] {
  const shared = new Map<string, { hosts: string[]; step: PlannedStep; place: number }>();
  for (const { host, plays } of hosts) {
    const steps = plays.find((planned) => planned.play === play)?.steps ?? [];
    for (const [place, step] of steps.entries()) {
      const key = keyOf(step);
      const same = shared.get(key);
      if (same === undefined) shared.set(key, { hosts: [host], step, place });
      else same.hosts.push(host);
    }
  }
  // The sort is stable: what differs between the hosts stays next to its counterpart, in the order of the play.
  return [...shared.values()].sort((a, b) => a.place - b.place);
}

function keyOf({ resource, from, to, changes }: PlannedStep): string {
  return JSON.stringify([resource.id, from.kind, to.kind, changes]);
}
