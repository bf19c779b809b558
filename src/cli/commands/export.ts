import { closeSurvey, survey } from '../../engine/survey.ts';
import { exportScript } from '../../reporters/export-script.ts';
import { engineSurroundings, surroundingsOf } from '../engine-surroundings.ts';
import { EXIT } from '../exit-codes.ts';
import { type LabFlags } from '../flags.ts';
import { openLab } from '../open-lab.ts';
import { withScreen } from '../screen.ts';
import { planOf } from './plan.ts';

/** `lvslab export`: prints what apply would run, for a person to read or to type by hand. */
export async function exportPlan(flags: LabFlags): Promise<number> {
  return await withScreen(
    {},
    async (screen) => {
      const { hosts, playbook } = await openLab(flags, screen);
      const quiet = {
        ...(await engineSurroundings(screen, surroundingsOf(playbook))),
        emit: () => undefined,
      };
      const surveyed = await survey(hosts, playbook, quiet);
      await closeSurvey(surveyed);
      const [failure] = surveyed.failures;
      if (failure !== undefined) throw failure.error;
      process.stdout.write(exportScript(planOf(surveyed)));
      return EXIT.ok;
      // Standard output is for the script alone.
    },
    process.stderr,
  );
}
