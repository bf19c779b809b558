import { spawnSync } from 'node:child_process';

import { type Resource, type Target } from '../../src/engine/resource.ts';

/** Runs shell as the engine does it for one step; throws what went wrong. */
export function runShell(text: string, { shell = 'sh', inside = [] as readonly string[] } = {}): string {
  const [program = shell, ...rest] = [...inside, shell, '-s'];
  const { status, stdout, stderr } = spawnSync(program, rest, {
    input: `export LC_ALL=C\nlvslab_progress() { echo "progress $1 $2"; }\n(\nset -eu; umask 022\n${text}\n) </dev/null\n`,
    encoding: 'utf8',
  });
  if (status === 0) return stdout;
  throw new Error(`exit status ${status ?? 'none'}: ${stdout}${stderr}`);
}

/** How a resource's scripts are run: by which program, and what in them stands for something else. */
export interface Stage {
  readonly shell?: string;
  /** A command that runs the shell somewhere else. */
  readonly inside?: readonly string[];
  /** Paths of the real system, and what the test has in their place. */
  readonly paths?: Readonly<Record<string, string>>;
}

/** Reads a resource's state for real. */
export function observeFor(resource: Resource, stage: Stage = {}): Target<unknown> {
  const observed = resource.parse(runShell(staged(resource.observe.text, stage), stage));
  if (observed.kind === 'unknown') throw new Error(`unknown: ${observed.reason}`);
  return observed;
}

/** Takes a resource to a state for real. */
export function convergeFor(resource: Resource, to: Target<unknown>, stage: Stage = {}): string {
  const from = observeFor(resource, stage);
  return runShell(staged(resource.converge(from, to).text, stage), stage);
}

function staged(text: string, { paths = {} }: Stage): string {
  return Object.entries(paths).reduce(
    (script, [real, instead]) => script.replaceAll(real, instead),
    text,
  );
}
