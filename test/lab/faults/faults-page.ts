import { devices } from '../../teeth/devices.ts';
import { mistakes } from '../../teeth/mistakes.ts';
import { type Place, type Scenario } from './course/scenario.ts';
import { type Behaviour } from '../../support/evil/evil-behaviour.ts';
import { behaviours } from '../../support/evil/evil-table.ts';
import { scenarios, triedElsewhere } from './course/tables.ts';

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
    '`npm run test:faults` tries them all, as root, and ends with `faults: N of N`. `FAULTS_ONLY` and `FAULTS_MOMENT` (regular expressions for the fault, and for',
    'what is printed of its moment) and `FAULTS_FLAVOUR` (`debian`, `el7`) narrow it down; a few of them are part of `npm run test:lab`. With `FAULTS_BOUNDARIES=all`, lvslab is killed at every step boundary of the director, too,',
    'which takes another half hour.',
    '',
    '| fault | how it is brought about | what lvslab does | tried on |',
    '| --- | --- | --- | --- |',
    ...scenarios.map(row),
    ...triedElsewhere.map(
      ({ fault, injected, answer, test }) => `| ${fault} | ${injected} | ${answer} | \`${test}\` |`,
    ),
    '',
    ...evilHostSection(),
    ...devicesSection(),
  ].join('\n');
}

function devicesSection(): readonly string[] {
  return [
    '## Safety devices',
    '',
    'Each of these is there for the sake of safety alone, and would be missed by nobody as long as nothing goes wrong. `npm run test:teeth`, as root, shows that each is',
    'needed: it switches the device off in a copy of the sources, by a replacement of text that has to be found exactly once, and a test that passes with the device has',
    'to fail without it. Nothing of that is in what is shipped: there is no switch. In the same way it plants mistakes that no test noticed once. It ends with these lines,',
    'after five to fifteen minutes; `-t` and a part of a name choose some of them.',
    '',
    '```text',
    `${devices.length} of ${devices.length} devices are needed`,
    `${mistakes.length} of ${mistakes.length} mistakes are noticed`,
    '```',
    '',
    'The loss of power is a real one as far as the file system is concerned: the host is on an ext4 disk whose image is copied at that moment, so what was not synced is not',
    'there. The cache of a disk itself is not simulated.',
    '',
    '| device | without it | switched off in these ways |',
    '| --- | --- | --- |',
    ...devices.map(
      ({ device, without, off }) =>
        `| ${device} | ${without} | ${off.map(({ what }) => what).join('; ')} |`,
    ),
    '',
  ];
}

function evilHostSection(): readonly string[] {
  return [
    '## A hostile host',
    '',
    'Everything that a host says is input. An SSH server made for it lets lvslab log in and then behaves as the table says, beside a second host that is honest. The',
    'commands run as a person runs them, and whatever the hostile host does:',
    '',
    '- the command ends by itself, with exit status 1 and an error that names the host, and leaves no process;',
    '- the other host is told of, changed and proved as if it were alone;',
    '- nothing that the host says reaches the screen with a control character in it, and none of it is called a mistake of lvslab;',
    '- no password is shown, nor sent to whoever shows another host key than the known one;',
    '- the process needs less than 300 MB.',
    '',
    '`npm run test:evil` tries them all, as root, and ends with the line below; `EVIL_ONLY` (a regular expression for what the host does) narrows it down, and a few of',
    'them are part of `npm run test:slow`. What is promised is in [SECURITY.md](../SECURITY.md).',
    '',
    '```text',
    `evil host: ${behaviours.length} of ${behaviours.length}`,
    '```',
    '',
    '| a host that | what lvslab does | commands tried |',
    '| --- | --- | --- |',
    ...behaviours.map(evilRow),
    '',
  ];
}

function evilRow({ name, answer, against }: Behaviour): string {
  return `| ${name} | ${answer} | ${against.join(', ')} |`;
}

function row({ fault, injected, answer, place, flavours }: Scenario): string {
  return `| ${fault} | ${injected} | ${answer} | ${places[place]}, ${flavours.join(' and ')} |`;
}
