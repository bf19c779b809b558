import { type Place, type Scenario } from './scenario.ts';
import { scenarios, triedElsewhere } from './table.ts';

const places: Readonly<Record<Place, string>> = {
  director: 'director (VM)',
  'real server': 'a real server',
  'real servers': 'both real servers',
};

/** docs/faults.md: the table of faults, for people. */
export function renderFaultsPage(): string {
  return [
    '# Faults',
    '',
    'What lvslab does when something goes wrong, and how that is tried. Each fault is brought about on the embedded lab, at each of its moments, and judged by the',
    "host's own state, never by what lvslab says of it:",
    '',
    '- right after the fault, every file that lvslab writes is either the old one or the new one;',
    '- a run that fails has exit status 1, and its error names host, step and cause;',
    '- the same command again leads to exactly the state of a run without faults, and a further plan is empty;',
    '- no process, lock, timer, run folder or temporary file stays on the host;',
    '- every run ends within a bounded time.',
    '',
    '`npm run test:faults` tries them all, as root, and ends with `faults: N of N`. `FAULTS_ONLY` (a regular expression for the fault) and `FAULTS_FLAVOUR` (`debian`,',
    '`el7`) narrow it down; a few of them are part of `npm run test:lab`. With `FAULTS_BOUNDARIES=all`, lvslab is killed at every step boundary of the director, too,',
    'which takes another half hour.',
    '',
    '| fault | how it is brought about | what lvslab does | tried on |',
    '| --- | --- | --- | --- |',
    ...scenarios.map(row),
    ...triedElsewhere.map(
      ({ fault, injected, answer, test }) => `| ${fault} | ${injected} | ${answer} | \`${test}\` |`,
    ),
    '',
  ].join('\n');
}

function row({ fault, injected, answer, place, flavours }: Scenario): string {
  return `| ${fault} | ${injected} | ${answer} | ${places[place]}, ${flavours.join(' and ')} |`;
}
