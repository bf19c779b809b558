import { type Measurement, type Result } from '../measure/result.ts';
import { renderChart } from './chart.ts';
import { measurementsOf, type Row, table } from './figures.ts';
import { fleetLines, renderFleet } from './fleet-tables.ts';
import { renderEmbedded, renderRoundTrips, renderStart, renderTasks } from './host-tables.ts';
import { renderLongest } from './longest.ts';
import { renderOnPaper } from './on-paper.ts';
import { renderTargets } from './targets.ts';
import { renderWhereItGoes } from './where-it-goes.ts';

/** Where the page and its chart lie in the project. */
export const PAGE = 'docs/performance.md';
export const CHART = 'docs/drawings/performance-fleet.svg';

/** What the results come to, as files of the project by their names. Nothing is read and nothing written. */
export function renderPage(results: readonly Result[]): Readonly<Record<string, string>> {
  const all = measurementsOf(results);
  const parts = [INTRODUCTION, renderTargets(all), machines(results), ...sections(all)];
  return {
    [PAGE]: `${parts.join('\n\n')}\n`,
    [CHART]: renderChart({
      title: 'Time for each host, by how many hosts there are',
      xTitle: 'hosts',
      yTitle: 'milliseconds for each host',
      lines: fleetLines(all),
    }),
  };
}

const INTRODUCTION = `# Performance

\`npm run bench\` has measured all of this, and has written this page: no number is copied by hand. What is compared took turns on
one machine, so that what disturbed the machine disturbed both; ratios are the middle of the ratios of runs that followed each other,
times are medians with the shortest and the longest run. Absolute times are those of this machine, with controller and hosts on
the same cores; ratios are what counts. Processor times are those of whole process trees and, of the lab's hosts, of their control groups.

\`npm run bench -- start\`, \`embedded\`, \`fleet\` or \`two\` measures one part again; \`--repeats\`, \`--hosts 10,50\` and \`--task\` narrow it down
(\`npm run bench -- --help\`); \`page\` only writes this page again. It needs root, python3 and what the embedded lab needs; with
\`ansible-core\` and \`ansible-mitogen\` installed, they take part.

## Targets`;

function machines(results: readonly Result[]): string {
  const rows = results.map(({ part, date, machine, versions }): Row => [
    part,
    date,
    `${machine.cores} × ${machine.processor}`,
    `${(machine.memoryMiB / 1024).toFixed(0)} GiB`,
    machine.kernel,
    machine.load.toFixed(1),
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  ]);
  const head = ['part', 'date', 'cores', 'memory', 'kernel', 'load before it', 'versions'];
  return `## Machine\n\n${table([head, ...rows])}\n\nA load of more than nothing is what else the machine did: times are longer by that, for everybody.`;
}

function sections(all: readonly Measurement[]): readonly string[] {
  return [
    TASKS,
    renderTasks(all),
    ROUND_TRIPS,
    renderRoundTrips(all),
    WHERE_IT_GOES,
    renderWhereItGoes(all),
    LONGEST,
    renderLongest(all),
    FLEET,
    renderFleet(all),
    CHART_LINK,
    EMBEDDED_LAB,
    renderEmbedded(all),
    START,
    renderStart(all),
    ON_PAPER,
    renderOnPaper(all),
  ];
}

const TASKS = `## Two real servers

The embedded lab: two real servers in containers, and the director, an emulated machine where this kernel has no IPVS. Ansible, with pipelining
and forks enough, runs \`bench/ansible\`: what \`playbooks/real-servers.ts\` does, with the same files, on the same hosts. The lean script
(\`bench/two/question.sh\`) asks a real server what a plan has to know, with few processes and no judgement. _First apply_ begins without
a compiler and ends with nginx in service; OpenSSH beside it only builds, on one host that has the compiler.`;

const ROUND_TRIPS = `### A long way to the hosts

The same over a cable that adds to each round trip what the columns say. Round trips are what the delay adds to the time, in delays: those
of TCP and SSH, and those of the question itself. Sessions are counted by the host's own SSH server.`;

const WHERE_IT_GOES = `### Where the time of a green plan goes

One more plan, with \`node --cpu-prof\`, which takes longer by that. Loading is reading, compiling and evaluating the program, the libraries
for SSH and the playbook. On the host, each process that a reading starts costs more than what it is asked; what lvslab asks beyond the lean script is
who configures each network card, extended attributes, what holds ports, what the next boot will start, its own journal and jobs, and
isolation: a subshell for each resource. Beyond the round trips of \`true\`, ssh2 has the host prove its other keys, and the script is longer
than what TCP sends before it has heard anything; trying the key at once saves one.`;

const LONGEST = `### Where the time of the others goes

What a run of middle length was busy with longest, by the events that it printed itself (\`--json\`); of \`--help\`, by a profiler. Hosts work at the same time, so the parts may come to
more than the whole. The director's are those of the machine that it is: where it is emulated, each process costs it ten times as much or more.`;

const FLEET = `## Many hosts

SSH servers in network namespaces of their own, on this machine, with its root file system. \`lvslab plan\` for a playbook of six resources that are
as they should be (\`bench/fleet/fleet-playbook.ts\`), beside \`xargs -P\` with an \`ssh\` for each host: as many at a time as were fastest
(2 to 64 were tried), with a lean script that asks the same (\`bench/fleet/question.sh\`), and with \`true\`. The hosts share one table of
processes: what looks through it takes longer on each of them the more there are, which it would not on hosts of their own.`;

const CHART_LINK = `![Time for each host, by how many hosts there are](drawings/performance-fleet.svg)`;

const EMBEDDED_LAB = `## The embedded lab

Packages at hand means that they were downloaded already. \`lab up\` counts until the last host lets people in; the demo is all of it, with the nginx that
the real servers compile, or get from what an earlier demo has compiled, and the removal at its end.`;

const START = `## Start`;

const ON_PAPER = `## 5,000 hosts, on paper

A straight line through the smallest and the largest fleet says what 5,000 hosts would use of the controller. The
first row is what is used up first.`;
