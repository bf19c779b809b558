import { type HostFailure, type Plan, type PlannedStep } from '../../engine/model/plan.ts';
import { type Change } from '../../engine/model/resource.ts';
import { countNoun } from '../text/count-noun.ts';
import { wrap } from '../text/fit-text.ts';
import { createPalette, type Palette } from '../text/palette.ts';
import { printable } from '../text/printable-text.ts';
import { renderDiff, renderInline, renderSign, type Sign } from './render-change.ts';
import { renderError } from './render-error.ts';
import { renderKept } from './render-kept.ts';
import { type Look } from '../text/look.ts';
import { type SharedPlay, shareSteps } from '../terminal/share-steps.ts';

/** What a run would do, for people: by play, equal changes of several hosts together, and the sum at the end. */
export function renderPlan(
  plan: Plan,
  look: Look,
  /** Hosts whose errors have been shown in full already. */
  told: ReadonlySet<string> = new Set(),
): string {
  const blocks = [
    ...shareSteps(plan).map((play) => renderPlay(play, look)),
    ...renderKept(plan.hosts, look),
    ...renderFailures(plan.failures, look, told),
    wrap(summary(plan), look.width).map(createPalette(look.color).bold).join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function renderPlay({ play, steps }: SharedPlay, look: Look): string {
  const palette = createPalette(look.color);
  const lines = [palette.bold(printable(play))];
  let shownHosts = '';
  for (const { hosts, step } of steps) {
    const names = hosts.map(printable).join(', ');
    if (names !== shownHosts)
      lines.push(...indented(wrap(names, look.width - 2).map(palette.cyan), 2));
    shownHosts = names;
    lines.push(...indented(renderStep(step, { ...look, width: look.width - 4 }, palette), 4));
  }
  return lines.join('\n');
}

function renderStep(step: PlannedStep, look: Look, palette: Palette): readonly string[] {
  const id = printable(step.resource.id);
  const sign = signOf(step.from.kind === 'value', step.to.kind === 'value');
  const [only] = step.changes;
  if (step.changes.length === 1 && only?.field === '') {
    return renderNamed({ name: id, sign, change: only }, look, palette);
  }
  return [
    ...renderName({ name: id, sign }, look, palette),
    ...step.changes.flatMap((change) => {
      const part = {
        name: printable(change.field),
        sign: signOf(
          change.from !== undefined,
          change.to !== undefined || !!change.knownAfterApply,
        ),
        change,
      };
      return indented(renderNamed(part, { ...look, width: look.width - 4 }, palette), 4);
    }),
  ];
}

interface NamedChange {
  readonly name: string;
  readonly sign: Sign;
  readonly change: Change;
}

/** '~ name: from → to' where that fits into a line, else the name and a diff under it. */
function renderNamed(
  { name, sign, change }: NamedChange,
  look: Look,
  palette: Palette,
): readonly string[] {
  const value = renderInline(change, { ...look, width: look.width - name.length - 4 });
  if (value === '') return renderName({ name, sign }, look, palette);
  const label = name === '' ? '' : `${name}: `;
  if (value !== undefined) return [`${renderSign(sign, palette)} ${label}${value}`];
  return [
    ...renderName({ name: label.trimEnd(), sign }, look, palette),
    ...indented(renderDiff(change, { ...look, width: look.width - 4 }), 4),
  ];
}

function renderName(
  { name, sign }: Omit<NamedChange, 'change'>,
  { width }: Look,
  palette: Palette,
): readonly string[] {
  return wrap(name, width - 2).map((line, i) =>
    i === 0 ? `${renderSign(sign, palette)} ${line}` : `  ${line}`,
  );
}

function renderFailures(
  failures: readonly HostFailure[],
  look: Look,
  told: ReadonlySet<string>,
): readonly string[] {
  if (failures.length === 0) return [];
  const errors = failures.map(({ host, error }) => {
    if (told.has(host)) return `  ${printable(host)}: its error stands above`;
    const text = renderError(error, { ...look, width: look.width - 2 }, host);
    return indented(text.trimEnd().split('\n'), 2).join('\n');
  });
  return [[createPalette(look.color).bold('Could not be planned'), ...errors].join('\n')];
}

function summary({ hosts, failures }: Plan): string {
  const plays = hosts.flatMap((host) => host.plays);
  const signs = plays.flatMap(({ steps }) =>
    steps.map(({ from, to }) => signOf(from.kind === 'value', to.kind === 'value')),
  );
  const changed = hosts.filter((host) => host.plays.some(({ steps }) => steps.length > 0));
  const unread =
    failures.length === 0 ? '' : ` ${countNoun(failures.length, 'host')} could not be planned.`;
  if (hosts.length === 0) {
    return failures.length === 0
      ? 'No plan: no play is for any of these hosts.'
      : `No plan.${unread}`;
  }
  if (signs.length === 0) {
    const unchanged = plays.reduce((sum, play) => sum + play.unchanged, 0);
    const are = unchanged === 1 ? 'is as it' : 'are as they';
    return `No changes. ${countNoun(unchanged, 'resource')} on ${countNoun(hosts.length, 'host')} ${are} should be.${unread}`;
  }
  const count = (wanted: Sign): number => signs.filter((sign) => sign === wanted).length;
  return `Plan: ${count('+')} to add, ${count('~')} to change, ${count('-')} to remove on ${countNoun(changed.length, 'host')}.${unread}`;
}

function signOf(isThere: boolean, willBeThere: boolean): Sign {
  if (!isThere) return '+';
  return willBeThere ? '~' : '-';
}

function indented(lines: readonly string[], columns: number): readonly string[] {
  return lines.map((line) => (line === '' ? '' : ' '.repeat(columns) + line));
}
