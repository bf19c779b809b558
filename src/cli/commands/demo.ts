import { labModes } from '../../embedded/lab/lab-modes.ts';
import { EmbeddedLabError } from '../../engine/model/failures/errors.ts';
import { renderLab } from '../../reporters/render/render-lab.ts';
import { EXIT } from '../exit-codes.ts';
import { type EmbeddedFlags, type FlagGroups } from '../flags.ts';
import { inventoryFile } from '../session/inventory-file.ts';
import { oneAfterTheOther, type Part } from '../run-in-sequence.ts';
import { openLab, type PlayedLab } from '../session/hosts/open-lab.ts';
import { provideTools } from '../session/provide-tools.ts';
import { comparisonTable, type MeasuredMode } from '../../verify/compare-modes.ts';
import { type Screen, withScreen } from '../terminal/screen.ts';
import { applyLab } from './change/apply.ts';
import { drillDescribed } from './proof/drill.ts';
import { bringUpLab, takeDownLab } from './lab.ts';
import { traceDescribed } from './proof/trace.ts';
import { verifyDescribed } from './proof/verify.ts';

/** `lvslab demo`: the whole documented lab on this machine, from nothing. */
export async function demo(
  flags: EmbeddedFlags &
    Pick<FlagGroups, 'output'> & { readonly down?: boolean; readonly allModes?: boolean },
): Promise<number> {
  return await withScreen(flags.output, async (screen) => {
    const exitCode =
      flags.allModes === true
        ? await compareModes(flags, screen)
        : await bootAndProve(flags, screen);
    if (flags.down === true) await takeDownLab(flags.name, screen);
    else screen.reporter.say(LAST_WORDS);
    return exitCode;
  });
}

async function bootAndProve(flags: EmbeddedFlags, screen: Screen): Promise<number> {
  const { reporter } = screen;
  await bringUpLab(flags, screen);
  const inventory = inventoryFile(flags.name);
  const played = await openLab(
    { inventory: { inventory, extraVars: [] }, credentials: {}, output: {} },
    screen,
  );
  reporter.say(`\n${renderLab(played.lab, { unicode: process.stdout.isTTY })}\n`);

  const parts: readonly (readonly [string, Part])[] = [
    ['Provision the hosts as the tutorial says', () => applyLab(played, screen, { ask: false })],
    ['Once more: nothing is left to do', () => applyLab(played, screen, { ask: false })],
    [
      'Prove with real traffic that the director balances',
      () => verifyDescribed(played, screen, { requests: 300, restart: true }),
    ],
    ['See one request on every wire', () => traceIfPossible(played, screen)],
    ["The tutorial's last experiment: stop the real servers", () => drillDescribed(played, screen)],
  ];
  return await oneAfterTheOther(
    parts.map(([title, part], index) => async () => {
      reporter.say(`\n== ${index + 1} of ${parts.length}: ${title}`);
      return await part();
    }),
  );
}

/** This machine's packages may be out of reach; all the rest of the demo needs no more of them. */
async function traceIfPossible(played: PlayedLab, screen: Screen): Promise<number> {
  const { missingTools } = await import('../../embedded/machine/system-packages.ts');
  const { traceTools } = await import('../../embedded/machine/system-tools.ts');
  try {
    await provideTools(missingTools(traceTools), screen);
  } catch (error) {
    if (!(error instanceof EmbeddedLabError)) throw error;
  }
  if (missingTools(traceTools).length === 0) {
    return await traceDescribed(played, screen, { brief: true, all: false, mayAsk: false });
  }
  screen.reporter.say('This is left out: tcpdump is missing on this machine.');
  return EXIT.ok;
}

/** One lab in one mode after the other, and what was measured in each, side by side. */
async function compareModes(flags: EmbeddedFlags, screen: Screen): Promise<number> {
  const { reporter } = screen;
  const measured: MeasuredMode[] = [];
  const parts = labModes.map((mode): Part => async () => {
    await bringUpLab({ ...flags, mode, everyMode: true }, screen);
    const inventory = { inventory: inventoryFile(flags.name), extraVars: [] };
    const played = await openLab({ inventory, credentials: {}, output: {} }, screen);
    reporter.say(`\n${renderLab(played.lab, { unicode: process.stdout.isTTY })}\n`);
    return await oneAfterTheOther([
      () => applyLab(played, screen, { ask: false, show: measured.length === 0 }),
      () =>
        verifyDescribed(played, screen, {
          ...{ requests: 300, restart: false, controls: true },
          onReport: (report, controls) => {
            measured.push({ mode: played.lab.mode, report, ...(controls && { controls }) });
          },
        }),
    ]);
  });
  const exitCode = await oneAfterTheOther(parts);
  if (measured.length > 0) await reporter.table(comparisonTable(measured));
  return exitCode;
}

const LAST_WORDS = `
The lab is up. Next:
  look around: \`lvslab lab ssh director ipvsadm -Ln\`
  see a request on every wire: \`lvslab trace\`
  prove it again: \`lvslab verify\`
  remove it, nothing stays behind: \`lvslab lab down\``;
