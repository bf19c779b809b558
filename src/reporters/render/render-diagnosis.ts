import {
  type DiagnosisReport,
  type ReportedCause,
  type UnreadParts,
} from '../../diagnose/report.ts';
import { type Proof } from '../../diagnose/rule.ts';
import { type Look } from '../text/look.ts';
import { createPalette, type Palette } from '../text/palette.ts';
import { printable } from '../text/printable-text.ts';
import { countNoun } from '../text/count-noun.ts';
import { wrap } from '../text/fit-text.ts';

/** More of an output than this shows nothing more. */
const MOST_LINES = 12;

/** A diagnosis as people read it: what was asked, what is right, what is wrong, and what to type. */
export function renderDiagnosis(report: DiagnosisReport, look: Look): string {
  const palette = createPalette(look.color);
  const { holds, causes } = report;
  return [
    ...headline(report, look, palette),
    '',
    ...holds.flatMap((text) => marked(palette.green('✓'), text, look)),
    ...causes.flatMap((cause, i) => [...(i > 0 ? [''] : []), ...renderCause(cause, look, palette)]),
    ...Object.entries(report.unreachable).flatMap(([host, why]) =>
      marked(palette.yellow('?'), `${host} could not be read: ${why}`, look),
    ),
    ...report.unread.flatMap((parts) => renderUnread(parts, look, palette)),
    ...(holds.length + causes.length + report.unread.length > 0 ? [''] : []),
    ...verdictLines(report, look, palette),
  ].join('\n');
}

function headline(
  { requests: { asked, pattern, summary }, client, service, trace }: DiagnosisReport,
  look: Look,
  palette: Palette,
): readonly string[] {
  const title = (text: string): readonly string[] =>
    wrap(printable(text), look.width).map(palette.bold);
  if (asked === 0) return title(`${service}: ${summary}`);
  return [
    ...title(`${asked} requests from ${client} to ${service}: ${summary}`),
    ...wrap(printable(pattern.map((one) => one.replace(' ', '-')).join(' · ')), look.width - 2).map(
      (line) => `  ${line}`,
    ),
    ...(trace === undefined ? [] : labelled('trace', [traceText(trace)], look)),
  ];
}

function traceText({
  conclusion,
  isAnswered,
  unheard,
}: NonNullable<DiagnosisReport['trace']>): string {
  const but = isAnswered ? ' (this one went through)' : '';
  const rest = unheard.length === 0 ? '' : `; nothing could be captured on ${listOf(unheard)}`;
  return `${conclusion}${but}${rest}`;
}

function marked(mark: string, text: string, { width }: Look): readonly string[] {
  return wrap(printable(text), width - 4).map((line, i) =>
    i === 0 ? `  ${mark} ${line}` : `    ${line}`,
  );
}

function renderCause(
  { id, page, host, what, cause, proof, mend, byLvslab, hits, lostHere }: ReportedCause,
  look: Look,
  palette: Palette,
): readonly string[] {
  const when = hits === 'now' ? '' : ' (it works until then)';
  return [
    ...marked(palette.red('✗'), `${host} ${what}${when}`, look),
    ...proof.flatMap((one) => renderProof(one, palette)),
    ...(lostHere === undefined
      ? []
      : labelled('trace', [`the ${lostHere} was seen here last`], look)),
    ...labelled('cause', [`${cause}  [${id}]`], look),
    ...labelled(
      'mend',
      mend.map((typed) => `${typed.host}# ${typed.command}`),
      { ...look, width: Infinity },
    ),
    ...(byLvslab === undefined ? [] : labelled('or', [byLvslab], look)),
    ...labelled('more', [`docs/why/${page}.md`], look),
  ];
}

function renderUnread(
  { host, parts, why, commands }: UnreadParts,
  look: Look,
  palette: Palette,
): readonly string[] {
  const text = `${host}: ${listOf(parts)} could not be read: ${why}`;
  return [
    ...marked(palette.yellow('?'), text, look),
    ...commands.map((command) => palette.dim(`      ${printable(`${host}# ${command}`)}`)),
  ];
}

function listOf(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

function renderProof(
  { host, command, output, remark }: Proof,
  palette: Palette,
): readonly string[] {
  const shown = output.slice(0, MOST_LINES).map(printable);
  const hint = remark === undefined ? '' : `      ← ${printable(remark)}`;
  return [
    palette.dim(`      ${printable(`${host}$ ${command}`)}`),
    ...shown.map((line, i) => `      ${line}${i === shown.length - 1 ? hint : ''}`),
  ];
}

function labelled(label: string, texts: readonly string[], { width }: Look): readonly string[] {
  const indent = 9;
  return texts.flatMap((text, i) =>
    wrap(printable(text), width - indent).map((line, j) =>
      i + j === 0 ? `  ${label.padEnd(indent - 2)}${line}` : `${' '.repeat(indent)}${line}`,
    ),
  );
}

function verdictLines(
  { verdict, causes, ruledOut, notTold, next }: DiagnosisReport,
  look: Look,
  palette: Palette,
): readonly string[] {
  const rest = `${countNoun(ruledOut.length, 'other cause')} ruled out${notTold.length === 0 ? '' : `, ${notTold.length} could not be judged`}`;
  const verdicts = {
    healthy: palette.green('Everything is as it should be.'),
    named: palette.red(causes.length === 1 ? 'One cause found.' : `${causes.length} causes found.`),
    unnamed: palette.red('Something is wrong, and it is none of the known causes.'),
    'not told': palette.yellow('Nothing wrong was seen, but not all could be read.'),
  };
  return [
    `${verdicts[verdict]} ${rest}${look.verbose ? ':' : ' (--verbose lists them).'}`,
    ...(look.verbose
      ? [
          ...ruledOut.map(({ id, title }) => `  ${id}  not so: ${title}`),
          ...notTold.map(({ id, title }) => `  ${id}  not told: ${title}`),
        ]
      : []),
    ...(next === '' ? [] : wrap(printable(next), look.width)),
  ];
}
