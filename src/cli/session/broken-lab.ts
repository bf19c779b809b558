import { type JournalEntry } from '../../engine/journal/journal.ts';
import { type Survey } from '../../engine/apply/survey.ts';
import { faultOf } from '../../faults/fault.ts';
import { type Screen } from '../terminal/screen.ts';

/** Whether `break` was the last that made something of this resource. */
export function isBroken({ playbooks }: JournalEntry): boolean {
  return faultOf(playbooks.at(-1)) !== undefined;
}

/** Whether nothing but `break` has ever wanted this resource: nothing else of lvslab's would mend it. */
export function isFaultAlone({ playbooks }: JournalEntry): boolean {
  return playbooks.every((playbook) => faultOf(playbook) !== undefined);
}

/** Whether lvslab has set the host up, beside what `break` did there. */
export function isProvisioned(entries: readonly JournalEntry[]): boolean {
  return entries.some((entry) => !isFaultAlone(entry));
}

/** The hosts that are broken on purpose; one whose plan for a resource is empty has been mended meanwhile. */
function brokenHosts({ hosts }: Survey): readonly string[] {
  return hosts.flatMap(({ name, journal, plan }) => {
    const planned = new Set(
      plan.plays.flatMap(({ steps }) => steps.map(({ resource }) => resource.id)),
    );
    const broken = journal.entries.filter(isBroken);
    const isStill = broken.some((entry) => isFaultAlone(entry) || planned.has(entry.id));
    return isStill ? [name] : [];
  });
}

/** Of a lab that is broken on purpose; not in which way: that may be an exercise. */
export const BROKEN_ON_PURPOSE =
  'This lab is broken on purpose: `lvslab diagnose` names what is wrong, `lvslab hint` leads there, `lvslab mend` undoes it.';

/** Says of a lab that is broken on purpose that it is. */
export function tellBroken(survey: Survey, { reporter }: Pick<Screen, 'reporter'>): void {
  if (brokenHosts(survey).length > 0) reporter.say(BROKEN_ON_PURPOSE);
}
