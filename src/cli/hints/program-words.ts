import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** What the system tells of how this program was started. */
export interface ProcessFacts {
  /** The path of the program, absolute. */
  readonly script: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The words that start this program again from the shell that it was started from. */
export function programWords({ script, cwd, env }: ProcessFacts): readonly string[] {
  const folder = path.dirname(script);
  if (folder.endsWith('/node_modules/.bin')) return ['npx', path.basename(script)];
  const isFound = (env['PATH'] ?? '').split(':').includes(folder);
  if (isFound) return [path.basename(script)];
  const event = env['npm_lifecycle_event'] ?? '';
  // npm has gone to the project's folder, from which the files that were given are meant.
  if (event === 'dev') return ['npm', 'run', 'dev', '--'];
  const shown = shortest(script, event === '' ? cwd : (env['INIT_CWD'] ?? cwd));
  return isExecutable(script) ? [shown] : ['node', shown];
}

/** With a '/' in it in any case: a bare name would be looked for in the PATH. */
function shortest(script: string, from: string): string {
  const relative = path.relative(from, script);
  if (relative.length >= script.length) return script;
  return relative.includes('/') ? relative : `./${relative}`;
}

function isExecutable(script: string): boolean {
  try {
    accessSync(script, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
