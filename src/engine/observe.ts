import { type Connection } from './connection.ts';
import { ObserveError } from './errors.ts';
import { type Observed, type Resource, unknown } from './resource.ts';
import { lines, type Script, sh, trusted } from './script.ts';
import { printFullDisks } from './step-failure.ts';

/** Where programs are looked for on a host; the login shell's own PATH may lack the sbin folders. */
export const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What one part of a combined script printed, and how it ended. */
interface Section {
  readonly exitCode: number;
  readonly output: string;
}

/**
 * Reads the state of all the resources in one session.
 * @param nonce a word that no output can contain by chance.
 * @returns the observations by resource id.
 * @throws ObserveError when the script did not run to its end.
 */
export async function observe(
  connection: Connection,
  resources: readonly Resource[],
  nonce: string,
): Promise<ReadonlyMap<string, Observed<unknown>>> {
  const script = combine(
    resources.map((resource) => resource.observe),
    nonce,
  );
  const result = await connection.run(script);
  const outputs = sections(result.stdout, nonce);
  const errors = sections(result.stderr, nonce);
  if (outputs.size !== resources.length) {
    throw new ObserveError(
      `reading the host's state ended early (exit status ${result.exitCode ?? 'none'})`,
      { host: connection.host, step: 'observe', cause: lastLines(result.stderr) },
    );
  }
  return new Map(
    resources.map((resource, i) => [
      resource.id,
      interpret(resource, outputs.get(i), errors.get(i)?.output ?? ''),
    ]),
  );
}

/**
 * Puts read-only questions to a host in one session.
 * @returns the answers by id.
 * @throws ObserveError when one of them found no answer.
 */
export async function ask(
  connection: Connection,
  questions: readonly { readonly id: string; readonly script: Script }[],
  nonce: string,
): Promise<ReadonlyMap<string, string>> {
  const result = await connection.run(
    combine(
      questions.map(({ script }) => script),
      nonce,
    ),
  );
  const outputs = sections(result.stdout, nonce);
  const errors = sections(result.stderr, nonce);
  return new Map(
    questions.map(({ id }, i) => {
      const answer = outputs.get(i);
      if (answer?.exitCode === 0) return [id, answer.output];
      throw new ObserveError('what others need of it could not be told', {
        host: connection.host,
        step: id,
        cause: lastLines(errors.get(i)?.output ?? result.stderr),
        hint: 'Look at this on the host itself; nothing was changed there.',
      });
    }),
  );
}

/** All scripts as one, each in a subshell of its own and fenced by lines that carry the nonce. */
export function combine(scripts: readonly Script[], nonce: string): Script {
  const parts = scripts.map((script, i) =>
    lines(sh`lvslab_begin ${i}`, trusted('('), script, sh`) </dev/null`, sh`lvslab_end ${i} "$?"`),
  );
  return lines(
    sh`export LC_ALL=C PATH=${SEARCH_PATH}`,
    sh`lvslab_begin() { printf '%s begin %s\n' ${nonce} "$1"; printf '%s begin %s\n' ${nonce} "$1" >&2; }`,
    sh`lvslab_end() { [ "$2" = 0 ] || { ${printFullDisks}; } >&2; printf '\n%s end %s %s\n' ${nonce} "$1" "$2"; printf '\n%s end %s %s\n' ${nonce} "$1" "$2" >&2; }`,
    ...parts,
  );
}

/** Splits what a combined script printed, byte for byte; parts that did not end are missing. */
export function sections(output: string, nonce: string): ReadonlyMap<number, Section> {
  const fence = new RegExp(`^${nonce} begin (\\d+)\\n([^]*?)\\n${nonce} end \\1 (\\d+)$`, 'gm');
  return new Map(
    [...output.matchAll(fence)].map(([, index, text, exitCode]) => [
      Number(index),
      { exitCode: Number(exitCode), output: text ?? '' },
    ]),
  );
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
