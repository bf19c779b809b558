import { closeSurvey, survey } from '../../engine/apply/survey.ts';
import { exportScript } from '../../reporters/render/export-script.ts';
import { printableLines } from '../../reporters/text/printable-text.ts';
import { makeEngineContext } from '../session/engine-context.ts';
import { EXIT } from '../exit-codes.ts';
import { type FlagGroups, type LabFlags, type PlaybookFlag } from '../flags.ts';
import { openLab } from '../session/hosts/open-lab.ts';
import { withScreen } from '../terminal/screen.ts';
import { planOf } from './plan.ts';

/** `lvslab export`: prints what apply would run, for a person to read or to type by hand. */
export async function exportPlan(
  flags: LabFlags & Pick<FlagGroups, 'output'> & PlaybookFlag,
): Promise<number> {
  return await withScreen(
    flags.output,
    async (screen) => {
      const { hosts, playbook } = await openLab(flags, screen);
      const quiet = { emit: () => undefined, signal: screen.signal };
      const context = await makeEngineContext(quiet, playbook.kinds);
      const surveyed = await survey(hosts, { playbook, orphans: 'report' }, context);
      await closeSurvey(surveyed);
      for (const { host, error } of surveyed.failures) {
        screen.reporter.event({ type: 'host-failed', host, error });
      }
      if (surveyed.failures.length > 0) return EXIT.failed;
      const script = exportScript(planOf(surveyed));
      // A terminal obeys what a file of a host may hold; in a file, it must stay as it is.
      process.stdout.write(
        process.stdout.isTTY ? `${printableLines(script).join('\n')}\n` : script,
      );
      return EXIT.ok;
      // Standard output is for the script alone.
    },
    process.stderr,
  );
}
