import path from 'node:path';

import { isSecretVariable } from './connection-variables.ts';
import { type Variable } from '../inventory.ts';
import { type Position } from '../inventory-error.ts';
import { parseYaml } from '../yaml/parse-yaml.ts';
import { type Reading } from '../reading.ts';
import { shown } from '../shown.ts';
import { variableOf } from './variable.ts';
import { readVarsFile, variablesOf } from './vars-files.ts';

/**
 * Reads the values of --extra-vars: 'key=value other="two words"', '{"json": 1}' or YAML in braces, '@file.yml'
 * (relative to `folder`). Later ones win. Problems name the value by its number: --extra-vars[1].
 */
export async function readExtraVars(
  values: readonly string[],
  folder: string,
  reading: Reading,
): Promise<Map<string, Variable>> {
  const merged = new Map<string, Variable>();
  for (const [i, value] of values.entries()) {
    const vars = await readOne(`--extra-vars[${i + 1}]`, value, folder, reading);
    for (const [name, variable] of vars) merged.set(name, variable);
  }
  return merged;
}

async function readOne(
  label: string,
  value: string,
  folder: string,
  reading: Reading,
): Promise<ReadonlyMap<string, Variable>> {
  const { problems } = reading;
  if (value.startsWith('@')) {
    if (!value.includes('\0')) return readVarsFile(path.resolve(folder, value.slice(1)), reading);
    problems.add({ file: label, line: 1, column: 1 }, 'a file name cannot contain a NUL byte');
    return new Map();
  }
  if (/^[[{]/.test(value)) {
    const source = parseYaml(label, value, problems);
    return source === undefined ? new Map() : variablesOf(source, problems);
  }
  return keysAndValues(label, value, problems);
}

/** It may be the second half of a password, so it is not shown. */
const AFTER_PASSWORD = 'this is no key=value; a value with blanks in it must stand in quotes';

/** Words with `=` in them; quotes keep blanks together and are taken off around a value. */
function keysAndValues(
  label: string,
  text: string,
  problems: Reading['problems'],
): ReadonlyMap<string, Variable> {
  const vars = new Map<string, Variable>();
  for (const { 0: word, index } of text.matchAll(
    /(?:\{\{.*?\}\}|[^\s'"]|'[^']*'|"[^"]*"|['"])+/g,
  )) {
    const at: Position = { file: label, line: 1, column: index + 1 };
    const equals = word.indexOf('=');
    if (equals <= 0) {
      if ([...vars.keys()].some(isSecretVariable)) problems.add(at, AFTER_PASSWORD);
      else problems.add(at, `${shown(word)} is no key=value`, fileHint(word));
      continue;
    }
    const name = word.slice(0, equals);
    vars.set(name, variableOf(name, unquoted(word.slice(equals + 1)), at));
  }
  return vars;
}

function unquoted(value: string): string {
  return /^(['"]).*\1$/s.test(value) && value.length > 1 ? value.slice(1, -1) : value;
}

function fileHint(word: string): string | undefined {
  return /^[./]/.test(word) ? `write @${word} to read a file` : undefined;
}
