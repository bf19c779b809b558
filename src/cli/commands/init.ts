import { UsageError } from '../../engine/model/failures/errors.ts';
import { quote } from '../../engine/model/shell/script.ts';
import { inventoryFrom } from '../../wizard/inventory/inventory-from.ts';
import { EXIT } from '../exit-codes.ts';
import { type FlagGroups } from '../flags.ts';
import { type AskedFlags, askedLab, type NewLab } from '../init/asked-lab.ts';
import { removeDraft } from '../init/draft-file.ts';
import { answersGiven, unusable } from '../init/given-answers.ts';
import { isTerminal, tell } from '../init/questions.ts';
import { alreadyThere, exists, showLab, writeInventory } from '../init/write-inventory.ts';
import { type Screen, withScreen } from '../terminal/screen.ts';
import { plan } from './plan.ts';

/** What `lvslab init` can be told beforehand. */
export type InitFlags = AskedFlags & Pick<FlagGroups, 'output'>;

const USUAL_FILE = 'lab.yml';

/** `lvslab init`: from nothing to an inventory, by questions or by answers given beforehand. */
export async function init(given: string | undefined, flags: InitFlags): Promise<number> {
  if (flags.name !== undefined && flags.embedded !== true) {
    throw new UsageError('--name says which embedded lab, but --embedded is not given', {
      hint: `Write the inventory of that lab with \`lvslab init --embedded -n ${quote(flags.name)}\`.`,
    });
  }
  let toPlan: Parameters<typeof plan>[0] | undefined;
  const exitCode = await withScreen(flags.output, async (screen) => {
    const lab = isTerminal()
      ? await askedLab({ file: given, usual: USUAL_FILE }, flags, screen)
      : await unaskedLab(given ?? USUAL_FILE, flags, screen);
    const { file } = lab.target;
    // After the last question: whoever leaves at one of them leaves no file behind.
    await writeInventory(file, lab.text, lab.target);
    if (lab.hasDraft) await removeDraft();
    await tell(screen, `Written: ${file}`);
    if (lab.planNow) {
      const { invocation } = flags.output;
      toPlan = {
        inventory: { inventory: file, extraVars: [] },
        credentials: { passwords: lab.passwords },
        output: invocation === undefined ? {} : { invocation: invocation.turnedTo('plan', file) },
      };
    } else await tell(screen, `Next: \`lvslab plan -i ${quote(file)}\``);
    return EXIT.ok;
  });
  if (toPlan === undefined) return exitCode;
  const planned = await plan(toPlan);
  // It is no failure of init that a new lab is not there yet.
  return planned === EXIT.changesPending ? EXIT.ok : planned;
}

async function unaskedLab(file: string, flags: InitFlags, screen: Screen): Promise<NewLab> {
  const { force = false, plan: planNow = false } = flags;
  const isTaken = !force && (await exists(file));
  const text =
    flags.embedded === true
      ? await embedded(flags, isTaken, file)
      : await unasked(flags, isTaken, file);
  await showLab(text, (drawing) => tell(screen, drawing));
  return { text, passwords: {}, hasDraft: false, target: { file, replace: force }, planNow };
}

async function embedded({ name }: InitFlags, isTaken: boolean, file: string): Promise<string> {
  if (isTaken) throw alreadyThere(file);
  const { embeddedInventory } = await import('../init/embedded-inventory.ts');
  return await embeddedInventory(name);
}

async function unasked(flags: InitFlags, isTaken: boolean, file: string): Promise<string> {
  const { complete, wrong, missing } = await answersGiven(flags);
  const taken = `${file} is there already: give another file, or --force to replace it`;
  const problems = [...wrong, ...missing, ...(isTaken ? [taken] : [])];
  if (problems.length > 0) throw unusable(problems);
  return inventoryFrom(complete);
}
