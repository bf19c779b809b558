import { EXIT } from '../../exit-codes.ts';
import { type FlagGroups, type LabFlags } from '../../flags.ts';
import { describeAskedLab } from '../../session/hosts/open-lab.ts';
import { withScreen } from '../../terminal/screen.ts';
import { readLab } from '../proof/diagnose.ts';

/** What `lvslab hint` takes beside the lab. */
export interface HintFlags {
  /** Counted from 1. */
  readonly step: number;
  readonly requests: number;
}

/** The command for the step after each; no cause has more steps. */
const AFTER: Readonly<Record<number, string>> & { readonly 1: string } = {
  1: '`lvslab hint --step 2`',
  2: '`lvslab hint --step 3`',
  3: '`lvslab hint --step 4`',
};

const NO_MORE = 'That was the last step. `lvslab diagnose` names the cause.';

/** `lvslab hint`: one step of the way to the first cause, as a question that a person can answer by typing. */
export async function hint(
  flags: LabFlags & Pick<FlagGroups, 'output'> & HintFlags,
): Promise<number> {
  return await withScreen(flags.output, async (screen) => {
    const { diagnose } = await import('../../../diagnose/diagnosis.ts');
    const { rules } = await import('../../../diagnose/rules/rules.ts');
    const described = await describeAskedLab(flags, screen);
    const all = await readLab(described, screen, flags);
    const diagnoses = all.map((readings) => diagnose(readings));
    const [cause] = diagnoses.flatMap(({ causes }) => causes);
    if (cause === undefined) {
      screen.reporter.say('No known cause was found, so there is no hint: see `lvslab diagnose`.');
      return diagnoses.every(({ verdict }) => verdict === 'healthy') ? EXIT.ok : EXIT.failed;
    }
    const hints = rules.find(({ id }) => id === cause.id)?.hints ?? [];
    const text = hints[flags.step - 1];
    if (text === undefined) {
      screen.reporter.say(NO_MORE);
      return EXIT.failed;
    }
    screen.reporter.say(`${flags.step} of ${hints.length}: ${text}`);
    const isLast = flags.step === hints.length;
    screen.reporter.say(isLast ? NO_MORE : `Next: ${AFTER[flags.step] ?? AFTER[1]}`);
    return EXIT.failed;
  });
}
