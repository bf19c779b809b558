import { type Connection, type RunResult } from '../model/connection.ts';
import { type EngineContext } from '../model/engine-context.ts';
import { ObserveError } from '../model/failures/errors.ts';
import { type Observed, type Resource, unknown } from '../model/resource.ts';
import { read, type ReadingLimits } from './reading.ts';
import { bodyOf, lines, type Script, sh, trusted } from '../model/shell/script.ts';
import { frontParts } from '../model/shell/script-front.ts';
import { printFullDisks } from './step-failure.ts';

/** Where programs are searched for on a host; the login shell's own PATH may lack the sbin paths. */
export const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What a reading of several parts needs: each is fenced by a random word. */
export type ReadingContext = ReadingLimits &
  Pick<EngineContext, 'random'> & {
    /** How many readings this one stands for; 1 unless told. */
    readonly readings?: number;
  };

/** What one part of a combined script printed, and how it ended. */
interface Section {
  readonly exitCode: number;
  readonly output: string;
}

/** A read-only script, and what it is called where the host hangs on it. */
export interface ReadingPart {
  readonly id: string;
  readonly script: Script;
}

/** What was read together with something else, before it was certain that it would be wanted: by the text of its script. */
export type ReadAhead = ReadonlyMap<string, { readonly section: Section; readonly errors: string }>;

/** What of a reading others may want, out of what `readParts` gave: the parts from `first` on. */
export function readAhead(
  parts: readonly ReadingPart[],
  { outputs, errors }: Pick<ReadParts, 'outputs' | 'errors'>,
  first: number,
): ReadAhead {
  return new Map(
    parts.flatMap(({ script }, i) => {
      const section = outputs.get(i);
      if (i < first || section === undefined) return [];
      return [[script.text, { section, errors: errors.get(i)?.output ?? '' }] as const];
    }),
  );
}

/**
 * Reads the state of all the resources in one session, and in none where all of it was read already.
 * @param ahead what was read of the host a moment ago.
 * @returns the observations by resource id.
 * @throws ObserveError when the script did not run to its end; TimeoutError with the resource that it hung on;
 * CancelledError.
 */
export async function observe(
  connection: Connection,
  resources: readonly Resource[],
  context: ReadingContext,
  ahead: ReadAhead = new Map(),
): Promise<ReadonlyMap<string, Observed<unknown>>> {
  const parts = resources
    .map(({ id, observe: script }) => ({ id, script }))
    .filter(({ script }) => !ahead.has(script.text));
  const read = parts.length === 0 ? ahead : await readNow(connection, parts, context);
  return new Map(
    resources.map((resource) => {
      const { text } = resource.observe;
      const found = ahead.get(text) ?? read.get(text);
      return [resource.id, interpret(resource, found?.section, found?.errors ?? '')];
    }),
  );
}

async function readNow(
  connection: Connection,
  parts: readonly ReadingPart[],
  context: ReadingContext,
): Promise<ReadAhead> {
  const read = await readParts(connection, parts, context);
  const { result, outputs } = read;
  if (outputs.size !== parts.length) {
    throw new ObserveError(
      `reading the host's state ended early (exit status ${result.exitCode ?? 'none'})`,
      { host: connection.host, step: 'observe', cause: lastLines(result.stderr) },
    );
  }
  return readAhead(parts, read, 0);
}

/**
 * Runs read-only scripts in one session, all of which have to succeed.
 * @returns what each has printed, by its id.
 * @throws ObserveError when one of them failed; TimeoutError, CancelledError.
 */
export async function readAll(
  connection: Connection,
  parts: readonly ReadingPart[],
  context: ReadingContext,
): Promise<ReadonlyMap<string, string>> {
  const { result, outputs, errors } = await readParts(connection, parts, context);
  return new Map(
    parts.map(({ id }, i) => {
      const section = outputs.get(i);
      if (section?.exitCode === 0) return [id, section.output];
      throw new ObserveError('what others need of it could not be told', {
        host: connection.host,
        step: id,
        cause: lastLines(errors.get(i)?.output ?? result.stderr),
        hint: 'Look at this on the host itself; nothing was changed there.',
      });
    }),
  );
}

/** By the places of the parts; those that did not end are missing. */
interface ReadParts {
  readonly result: RunResult;
  readonly outputs: ReadonlyMap<number, Section>;
  readonly errors: ReadonlyMap<number, Section>;
}

/**
 * Runs read-only scripts in one session.
 * @param parts the scripts, with what each is called where the host hangs on it.
 * @returns what each has printed, by its place; parts that did not end are missing.
 * @throws TimeoutError, CancelledError
 */
export async function readParts(
  connection: Connection,
  parts: readonly ReadingPart[],
  context: ReadingContext,
): Promise<ReadParts> {
  const nonce = context.random();
  const scripts = parts.map(({ script }) => script);
  const result = await read(connection, combine(scripts, nonce), {
    ...context,
    hungOn: (stdout) => parts[begunLast(stdout, nonce) ?? -1]?.id ?? readLast(stdout, nonce),
  });
  return {
    result,
    outputs: sections(result.stdout, nonce),
    errors: sections(result.stderr, nonce),
  };
}

/** All scripts as one, each in a subshell of its own and fenced by lines that carry the nonce. */
export function combine(scripts: readonly Script[], nonce: string): Script {
  const parts = scripts.map(
    (script, i) => sh`
      lvslab_begin ${i}
      (
      ${bodyOf(script)}
      ) </dev/null
      lvslab_end ${i} "$?"
    `,
  );
  return sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    ${inFrontOf(scripts, nonce)}
    lvslab_begin() {
      printf '%s begin %s\n' ${nonce} "$1"
      printf '%s begin %s\n' ${nonce} "$1" >&2
    }
    lvslab_end() {
      [ "$2" = 0 ] || { ${printFullDisks}; } >&2
      printf '\n%s end %s %s\n' ${nonce} "$1" "$2"
      printf '\n%s end %s %s\n' ${nonce} "$1" "$2" >&2
    }
    ${lines(...parts)}
  `;
}

/** What all the scripts need in front of them, once; what a host hangs on there is told as well. */
function inFrontOf(scripts: readonly Script[], nonce: string): Script {
  return lines(
    ...frontParts(lines(...scripts).front).map(({ kind, name, body }) =>
      kind === 'function'
        ? trusted(body)
        : sh`
            printf '%s for all %s\n' ${nonce} ${name}
            {
            ${trusted(body)}
            } </dev/null
          `,
    ),
  );
}

/**
 * Splits what a combined script printed, byte for byte; parts that did not end are missing, and so is all that comes after
 * something that is no part. Takes time in proportion to the output's length: a host may print what it likes.
 */
export function sections(output: string, nonce: string): ReadonlyMap<number, Section> {
  const found = new Map<number, Section>();
  let at = 0;
  for (let index = 0; ; index++) {
    const begin = `${nonce} begin ${index}\n`;
    const start = startOfLine(begin, { output, at });
    if (start < 0) return found;
    const from = start + begin.length;
    const end = `\n${nonce} end ${index} `;
    const stop = output.indexOf(end, from);
    if (stop < 0) return found;
    const [exitCode] =
      /^\d{1,3}\n/.exec(output.slice(stop + end.length, stop + end.length + 4)) ?? [];
    if (exitCode === undefined) return found;
    found.set(index, { exitCode: Number(exitCode), output: output.slice(from, stop) });
    at = stop + end.length + exitCode.length;
  }
}

/** Where a line begins with this, from the beginning of the line at `at` on; -1 for nowhere. */
function startOfLine(
  text: string,
  { output, at }: { readonly output: string; readonly at: number },
): number {
  if (output.startsWith(text, at)) return at;
  const before = output.indexOf(`\n${text}`, at);
  return before < 0 ? -1 : before + 1;
}

/** Which part of a combined script had begun last when the output ended; undefined before the first. */
function begunLast(output: string, nonce: string): number | undefined {
  const at = output.lastIndexOf(`${nonce} begin `);
  if (at < 0) return undefined;
  const [, index] = /^\S+ begin (\d{1,6})\n/.exec(output.slice(at, at + nonce.length + 20)) ?? [];
  return index === undefined ? undefined : Number(index);
}

/** What is read for all scripts had begun last when the output ended. */
function readLast(output: string, nonce: string): string | undefined {
  const before = `${nonce} for all `;
  const at = output.lastIndexOf(before);
  if (at < 0) return undefined;
  return /^[\w ]{1,40}(?=\n)/.exec(output.slice(at + before.length))?.[0];
}

function interpret(
  resource: Resource,
  section: Section | undefined,
  stderr: string,
): Observed<unknown> {
  if (section === undefined) return unknown('not observed');
  if (section.exitCode !== 0) {
    return unknown(lastLines(stderr) || `exit status ${section.exitCode}`);
  }
  return resource.parse(section.output);
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join('\n');
}
