import { isMapping } from '../../inventory/groups/inventory-tree.ts';
import { type Position } from '../../inventory/inventory-error.ts';
import { ProblemList } from '../../inventory/problem-list.ts';
import { readYamlFile } from '../../inventory/variables/vars-files.ts';
import { Vault } from '../../inventory/vault/vault.ts';

/** An answer as it was given, unchecked, and where. */
interface GivenAnswer {
  readonly value: unknown;
  readonly at: Position;
}

/** Answers that were given beforehand, by the names of their questions. */
export type GivenAnswers = ReadonlyMap<string, GivenAnswer>;

/** Deeper than 'real_servers.1.weight' no answer lies. */
const MAX_DEPTH = 4;

/**
 * Reads a file of answers: YAML whose keys, joined with dots, are the names of the questions; items of lists count from 1.
 * @throws InventoryError when it is no such file
 */
export async function readAnswersFile(file: string): Promise<GivenAnswers> {
  const problems = new ProblemList();
  const source = await readYamlFile(file, { problems, vault: new Vault() });
  if (source === undefined) return problems.stop();
  const start = source.at([]);
  if (!isMapping(source.data)) {
    problems.add(start, 'the file must hold answers by the names of their questions');
    return problems.stop();
  }
  const answers = flatten(source.data, []).map(({ path, value }): [string, GivenAnswer] => [
    path.join('.'),
    { value, at: source.at(path) },
  ]);
  return new Map(answers);
}

/** Reads answers that were given as 'name=value', each in an option of its own. */
export function readAnswerOptions(options: readonly string[]): GivenAnswers {
  return new Map(
    options.map((option, i): [string, GivenAnswer] => {
      const [name = '', ...value] = option.split('=');
      const at = { file: `--answer[${i + 1}]`, line: 1, column: 1 };
      return [name.trim(), { value: value.length === 0 ? undefined : value.join('='), at }];
    }),
  );
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

function flatten(value: unknown, path: readonly string[]): readonly Leaf[] {
  if (path.length < MAX_DEPTH && isMapping(value)) {
    return Object.entries(value).flatMap(([key, inner]) => flatten(inner, [...path, key]));
  }
  if (!Array.isArray(value)) return [{ path, value }];
  const items: readonly unknown[] = value;
  // A list of plain values is one answer: name servers.
  if (!items.some(isMapping)) return [{ path, value: items.join(', ') }];
  return items.flatMap((inner, i) => flatten(inner, [...path, String(i + 1)]));
}
