import { type Survey } from '../../../engine/apply/survey.ts';
import { surveyTeardown } from '../../../engine/apply/teardown.ts';
import { isBroken, isFaultAlone } from '../../session/broken-lab.ts';
import { changeHosts } from '../../session/change-hosts.ts';
import { changeOptions, makeEngineContext } from '../../session/engine-context.ts';
import { EXIT } from '../../exit-codes.ts';
import { type FlagGroups, type PlaybookFlag } from '../../flags.ts';
import { describeLab, everyHostOf, playLab } from '../../session/hosts/open-lab.ts';
import { withScreen } from '../../terminal/screen.ts';
import { applyLab } from '../change/apply.ts';
import { hasSomethingToUndo } from '../change/teardown.ts';
import { planOf } from '../plan.ts';

/** `lvslab mend`: undoes what `break` has added, and makes again what it has changed; proves both. */
export async function mend(flags: FlagGroups & PlaybookFlag): Promise<number> {
  return await withScreen(flags.output, async (screen) => {
    const described = await describeLab(flags, screen);
    const hosts = everyHostOf(described, flags.inventory, screen);
    const context = await makeEngineContext(screen);
    const what = {
      only: [],
      which: (entry: Parameters<typeof isBroken>[0]) => isBroken(entry) && isFaultAlone(entry),
      keepShared: false,
      // It was lvslab that made it, and what a person has typed since was to mend it.
      overwrite: true,
      orphans: 'adopt' as const,
    };
    let left: ReadonlySet<string> = new Set();
    const look = async () => {
      const { survey, playbook } = await surveyTeardown(hosts, what, context);
      left = changedByBreak(survey);
      return { survey, playbook, plan: planOf(survey), isNeeded: hasSomethingToUndo(survey) };
    };
    const ask = flags.change.yes !== true;
    const status = await changeHosts(look, {
      screen,
      context,
      options: changeOptions(flags.change),
      ask,
      show: true,
      wording: {
        question: 'Undo this?',
        done: 'What was added to break the lab is gone, and that is proved.',
        notDone: 'Not all of it was undone. Fix the cause, then run the command again.',
      },
    });
    if (status !== EXIT.ok || left.size === 0) return status;
    screen.reporter.say('What was changed to break the lab is made again as the playbook says:');
    const played = await playLab(described, flags, screen);
    // All of it there: what was changed may have taken something else with it.
    const broken = { ...played, hosts: played.hosts.filter(({ name }) => left.has(name)) };
    return await applyLab(broken, screen, { ask, change: flags.change });
  });
}

/** The hosts on which `break` was the last to change something that the playbook wants. */
function changedByBreak({ hosts }: Survey): ReadonlySet<string> {
  const changed = hosts.filter(({ journal: { entries } }) =>
    entries.some((entry) => isBroken(entry) && !isFaultAlone(entry)),
  );
  return new Set(changed.map(({ name }) => name));
}
