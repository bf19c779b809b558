import { type Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { decodeText } from '../yaml/decode-text.ts';
import { type Variable } from '../inventory.ts';
import { isMapping } from '../groups/inventory-tree.ts';
import { parseYaml, type YamlFile } from '../yaml/parse-yaml.ts';
import { type ProblemList } from '../problem-list.ts';
import { type Reading } from '../reading.ts';
import { shown } from '../shown.ts';
import { variableOf } from './variable.ts';
import { isVaulted } from '../vault/vaulted-text.ts';

const EXTENSIONS = ['.yml', '.yaml', '.json'];
const MAX_DEPTH = 10;

/** Reads and parses one YAML file, which may be encrypted as a whole; undefined and problems when it can't be used. */
export async function readYamlFile(
  file: string,
  { problems, vault, isOutside }: Reading,
): Promise<YamlFile | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    problems.add({ file, line: 1, column: 1 }, `the file can't be read: ${errorCode(error)}`);
    return undefined;
  }
  const text = decodeText(file, bytes, problems);
  if (text === undefined) return undefined;
  if (!isVaulted(text)) return parseYaml(file, text, problems);
  const opened = await vault.open(text);
  if (opened.ok) return parseYaml(file, opened.plain.reveal(), problems, { hidden: true });
  if (isOutside !== true) {
    problems.add({ file, line: 1, column: 1 }, `the file ${opened.problem}`, opened.suggestion);
  }
  return undefined;
}

/** The variables of a file that holds nothing else; an empty file has none. */
export async function readVarsFile(file: string, reading: Reading): Promise<Map<string, Variable>> {
  const source = await readYamlFile(file, reading);
  return source === undefined ? new Map() : variablesOf(source, reading.problems);
}

/** The variables of a parsed file. */
export function variablesOf(source: YamlFile, problems: ProblemList): Map<string, Variable> {
  const data = source.data ?? {};
  if (!isMapping(data)) {
    const found = source.hidden ? '' : `, not ${shown(data)}`;
    problems.add(source.at([]), `variables must be a mapping${found}`);
    return new Map();
  }
  return new Map(
    Object.entries(data).map(([name, value]) => [
      name,
      { ...variableOf(name, value, source.at([name])), ...(source.hidden && { hidden: true }) },
    ]),
  );
}

/**
 * The files that hold the variables of the host or group, in the order in which they are merged. As Ansible does: the
 * name itself, a file or a folder, comes first, and hides NAME.yml, NAME.yaml and NAME.json.
 */
export async function findVarsFiles(
  folder: string,
  name: string,
  problems: ProblemList,
): Promise<readonly string[]> {
  // A name is no way out of the folder.
  if (/^\.{1,2}$|\//.test(name)) return [];
  for (const extension of ['', ...EXTENSIONS]) {
    const candidate = path.join(folder, `${name}${extension}`);
    const kind = await kindOf(candidate);
    if (kind === 'folder') return filesBelow(candidate, problems, MAX_DEPTH);
    if (kind === 'file') return [candidate];
  }
  return [];
}

async function filesBelow(
  folder: string,
  problems: ProblemList,
  depth: number,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name } of await listFolder(folder, problems)) {
    const extension = path.extname(name);
    const full = path.join(folder, name);
    const kind = await kindOf(full);
    if (kind === 'folder' && extension === '') {
      if (depth > 0) found.push(...(await filesBelow(full, problems, depth - 1)));
      else problems.add({ file: full, line: 1, column: 1 }, 'the folders are nested too deeply');
    } else if (kind === 'file' && ['', ...EXTENSIONS].includes(extension)) found.push(full);
  }
  return found;
}

/** Hidden files and editors' backups are no variables. */
async function listFolder(folder: string, problems: ProblemList): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter(({ name }) => !name.startsWith('.') && !name.endsWith('~'))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    problems.add(
      { file: folder, line: 1, column: 1 },
      `the folder can't be read: ${errorCode(error)}`,
    );
    return [];
  }
}

async function kindOf(file: string): Promise<'file' | 'folder' | undefined> {
  try {
    const stats = await stat(file);
    if (stats.isDirectory()) return 'folder';
    return stats.isFile() ? 'file' : undefined;
  } catch {
    // Not there, or out of reach: as if it were not there, the rule that Ansible follows.
    return undefined;
  }
}

function errorCode(error: unknown): string {
  const code =
    typeof error === 'object' && error !== null && 'code' in error
      ? String(error.code)
      : String(error);
  const texts: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a folder',
    EACCES: 'permission denied',
  };
  return texts[code] ?? code;
}
