import { SEARCH_PATH } from '../../engine/host/observe.ts';
import {
  countSteps,
  type HostPlan,
  type Plan,
  type PlannedPlay,
  type PlannedStep,
} from '../../engine/model/plan.ts';
import { type Change } from '../../engine/model/resource.ts';
import { sh } from '../../engine/model/shell/script.ts';
import { countNoun } from '../text/count-noun.ts';
import { printable } from '../text/printable-text.ts';

/**
 * What an apply would run, as commented shell to read, or to type by hand: one script for each host that has changes.
 * Several scripts in one text begin with a line that keeps the text from being run as a whole.
 */
export function exportScript(plan: Plan): string {
  const hosts = plan.hosts.filter((host) => countSteps(host) > 0);
  if (hosts.length === 0) return '# Nothing to do: everything is as it should be.\n';
  const scripts = hosts.map(exportHost);
  return hosts.length === 1 ? scripts.join('') : [GUARD, ...scripts].join('\n');
}

const GUARD = `# The scripts of several hosts, one after the other: take the part of one host and run it there.
echo 'These are the scripts of several hosts: take the part of one host and run it there.' >&2
exit 1
`;

function exportHost(host: HostPlan): string {
  return `${[
    '#!/bin/sh',
    comment(`On ${host.host}, as root: ${countNoun(countSteps(host), 'step')}.`),
    'set -eu; umask 022; cd /',
    sh`export LC_ALL=C PATH=${SEARCH_PATH}`.text,
    // What some steps tell their progress with; here it becomes a line on the screen.
    `lvslab_progress() { echo "$1 of $2"; }`,
    ...host.plays.filter(({ steps }) => steps.length > 0).map(exportPlay),
  ].join('\n')}\n`;
}

function exportPlay({ play, steps }: PlannedPlay): string {
  return ['', comment(`===== ${play} =====`), ...steps.map(exportStep)].join('\n');
}

function exportStep({ resource, from, to, changes }: PlannedStep): string {
  return [
    '',
    comment(resource.id),
    ...changes.map((change) => comment(`  ${describeChange(change)}`)),
    // What may have to be waited for is nothing that the step can't do without.
    ...(resource.uploads ?? [])
      .filter(({ late }) => late !== true)
      .map(({ path }) => comment(`  Needs a file of the controller, put there first: ${path}`)),
    '(',
    resource.converge(from, to).text,
    ') </dev/null',
  ].join('\n');
}

function describeChange({ field, from, to, knownAfterApply }: Change): string {
  const sides = [from, knownAfterApply ? '(known after apply)' : to]
    .filter((side) => side !== undefined)
    .map(shortened);
  return `${field === '' ? '' : `${field}: `}${sides.join(' -> ')}`;
}

/** A file's whole content stands in the commands already. */
function shortened(side: string): string {
  const lines = side.replace(/\n$/, '').split('\n');
  return lines.length > 1 ? `(${lines.length} lines)` : (lines[0] ?? '');
}

/** One comment line, whatever the text holds. */
function comment(text: string): string {
  return `# ${printable(text)}`.trimEnd();
}
