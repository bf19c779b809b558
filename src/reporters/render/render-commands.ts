import { type EngineEvent } from '../../engine/model/events.ts';
import { describeEvent } from './describe-event.ts';
import { chop } from '../text/fit-text.ts';
import { type Look } from '../text/look.ts';
import { createPalette } from '../text/palette.ts';
import { printable, printableLines } from '../text/printable-text.ts';

type StepStarted = Extract<EngineEvent, { readonly type: 'step-started' }>;

/** A step with the commands that it runs, each line with its host in front. */
export function renderCommands(event: StepStarted, { width, color }: Look): readonly string[] {
  const palette = createPalette(color);
  const host = printable(event.host);
  const commands = printableLines(event.commands.trimEnd())
    .flatMap((line) =>
      chop(line, width - host.length - SIGN.length).map((piece, i) =>
        i === 0 ? SIGN + piece : CONTINUED + piece,
      ),
    )
    .map((line) => `${host}${palette.dim(line)}`.trimEnd());
  return [`${host}: ${printable(describeEvent(event))}`, ...commands];
}

const SIGN = ':   $ ';
const CONTINUED = ':     ';
