import { spawnSync } from 'node:child_process';

import { type Answer, type Resource, type Target } from '../../src/engine/model/resource.ts';

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

/** What the host answers to what a resource asks before it goes to a state. */
export function answerFor<S>(
  resource: Resource<S>,
  to: Target<S>,
  stage: Stage = {},
): Answer | undefined {
  const question = resource.askOthers?.(observeFor(resource, stage), to);
  return question?.settle(runShell(`(\n${question.script.text}\n) </dev/null`, stage));
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
  if (status === 0) return stdout;
  throw new Error(`exit status ${status ?? 'none'}: ${stdout}${stderr}`);
}

function staged(text: string, { paths = {} }: Stage): string {
  return Object.entries(paths).reduce(
    (script, [real, instead]) => script.replaceAll(real, instead),
    text,
  );
}
