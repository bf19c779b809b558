import { spawnSync } from 'node:child_process';

import {
  type Change,
  type Past,
  type Resource,
  type Stays,
  type Target,
} from '../../src/engine/model/resource.ts';
import { pastOf, undoTarget } from './undo-target.ts';

/** How a resource's scripts are run: by which program, and what in them stands for something else. */
export interface Stage {
  readonly shell?: string;
  /** A command that runs the shell somewhere else. */
  readonly inside?: readonly string[];
  /** Paths of the real system, and what the test has in their place. */
  readonly paths?: Readonly<Record<string, string>>;
}

/** Reads a resource's state for real, as the engine does: nothing stops a script but itself. */
export function observeFor<S>(resource: Resource<S>, stage: Stage = {}): Target<S> {
  const observed = resource.parse(runShell(`(\n${resource.observe.text}\n) </dev/null`, stage));
  if (observed.kind === 'unknown') throw new Error(`unknown: ${observed.reason}`);
  return observed;
}

/** How what is there differs from what is wanted. */
export function driftFor<S>(
  resource: Resource<S>,
  stage: Stage = {},
  past?: Past<S>,
): readonly Change[] {
  const found = observeFor(resource, stage);
  return resource.diff(found, resource.aim(found, past));
}

/** Makes what is there what is wanted. */
export function makeFor<S>(resource: Resource<S>, stage: Stage = {}, past?: Past<S>): string {
  const found = observeFor(resource, stage);
  return convergeFor(resource, resource.aim(found, past), stage);
}

/** Undoes a resource as a teardown does; tells what stays for the sake of others. */
export function undoFor<S>(resource: Resource<S>, past: Past<S>, stage: Stage = {}): Stays {
  const found = observeFor(resource, stage);
  const question = resource.undo?.askOthers?.(found, past);
  const stays =
    question?.settle(runShell(`(\n${question.script.text}\n) </dev/null`, stage)) ?? new Map();
  convergeFor(resource, undoTarget(resource, found, past, stays), stage);
  const after = observeFor(resource, stage);
  const left = resource.diff(after, undoTarget(resource, after, past, stays));
  if (left.length > 0) throw new Error(`not undone: ${JSON.stringify(left)}`);
  return stays;
}

/** Undoes what was made once from this state. */
export function undoTo<S>(resource: Resource<S>, before: Target<S>, stage: Stage = {}): void {
  undoFor(resource, pastOf(resource, before), stage);
}

/** Takes a resource to a state for real, as the engine does: the first failure ends it. */
export function convergeFor<S>(resource: Resource<S>, to: Target<S>, stage: Stage = {}): string {
  const script = resource.converge(observeFor(resource, stage), to).text;
  return runShell(`( set -eu; umask 022\n${script}\n) </dev/null`, stage);
}

/** Runs shell; throws what went wrong. */
function runShell(text: string, stage: Stage): string {
  const { shell = 'sh', inside = [] } = stage;
  const [program, ...words] = [...inside, shell, '-s'];
  const { status, stdout, stderr } = spawnSync(program, words, {
    input: `export LC_ALL=C\nlvslab_progress() { echo "progress $1 $2"; }\n${staged(text, stage)}\n`,
    encoding: 'utf8',
  });
  if (status === 0) return unstaged(stdout, stage);
  throw new Error(`exit status ${status ?? 'none'}: ${stdout}${stderr}`);
}

/** What was printed, with the paths of the real system in it. */
function unstaged(printed: string, { paths = {} }: Stage): string {
  // One of them may be a folder of another.
  const longestFirst = Object.entries(paths).toSorted(([, a], [, b]) => b.length - a.length);
  return longestFirst.reduce((text, [real, instead]) => text.replaceAll(instead, real), printed);
}

function staged(text: string, { paths = {} }: Stage): string {
  return Object.entries(paths).reduce(
    (script, [real, instead]) => script.replaceAll(real, instead),
    text,
  );
}
