import {
  ansibleOnlyVariables,
  connectionAliases,
  connectionVariables,
} from './connection-variables.ts';
import { type Variable } from '../inventory.ts';
import { hasTemplate, TEMPLATES } from '../yaml/jinja.ts';
import { labVariables } from './lab-variables.ts';
import { ProblemList } from '../problem-list.ts';
import { shown } from '../shown.ts';
import { closest, didYouMean } from '../suggestion.ts';
import { type VariableDefinition } from './variable-definition.ts';

const definitions: ReadonlyMap<string, VariableDefinition> = new Map<string, VariableDefinition>([
  ...Object.entries(labVariables),
  ...Object.entries(connectionVariables),
  ...[...connectionAliases].map(([alias, name]): [string, VariableDefinition] => [
    alias,
    connectionVariables[name],
  ]),
]);
const knownNames = [...definitions.keys()];

/** Every variable that begins so is lvslab's; a name that it doesn't know is a slip. */
const OWN_PREFIX = /^(lvs|lvslab|nginx|selinux|el7)_/;

/** Two letters off a known name is a slip, whosever the name looks. */
const SLIP = 2;

/** Whether lvslab has a use for the variable. */
export function isKnownVariable(name: string): boolean {
  return definitions.has(name);
}

/**
 * Checks the names and values of variables as they were set, wherever that was; other people's are none of our business.
 * @param shared where hosts outside the lab have them as well: whether a variable comes to a host of the lab. What doesn't
 * is not checked, and a name that resembles none of lvslab's may be theirs.
 */
export function checkVariables(
  vars: Iterable<readonly [string, Variable]>,
  problems: ProblemList,
  shared?: (variable: Variable) => boolean,
): void {
  for (const [name, variable] of vars) {
    const definition = definitions.get(name);
    if (definition === undefined) checkUnknown(name, variable, problems, shared !== undefined);
    else if (shared?.(variable) !== false) checkValue(name, variable, definition, problems);
  }
}

/** What is wrong with the variables by which a host is reached, in one sentence; undefined where nothing is. */
export function connectionProblem(vars: Iterable<readonly [string, Variable]>): string | undefined {
  const problems = new ProblemList();
  for (const [name, variable] of vars) {
    const definition = definitions.get(name);
    if (definition !== undefined && isConnectionVariable(name)) {
      checkValue(name, variable, definition, problems);
    }
  }
  return problems.all.map(({ message }) => message).join('; ') || undefined;
}

/** The variables whose values lvslab can read. */
export function withoutUnreadable(
  vars: ReadonlyMap<string, Variable>,
): ReadonlyMap<string, Variable> {
  return new Map(
    [...vars].filter(([name, variable]) => {
      const definition = definitions.get(name);
      if (definition === undefined) return true;
      const problems = new ProblemList();
      checkValue(name, variable, definition, problems);
      return problems.all.length === 0;
    }),
  );
}

function isConnectionVariable(name: string): boolean {
  return Object.hasOwn(connectionVariables, name) || connectionAliases.has(name);
}

function checkUnknown(
  name: string,
  { at }: Variable,
  problems: ProblemList,
  isShared: boolean,
): void {
  if (OWN_PREFIX.test(name)) {
    const meant = didYouMean(name, knownNames);
    const suggestion = meant ?? 'docs/inventory.md lists all variables';
    if (meant === undefined && isShared) {
      problems.warn(at, `${shown(name)} is no variable of lvslab's`, suggestion);
    } else problems.add(at, `unknown variable ${shown(name)}`, suggestion);
  } else if (!ansibleOnlyVariables.includes(name)) {
    const match = closest(name, knownNames, SLIP);
    if (match !== undefined)
      problems.add(at, `unknown variable ${shown(name)}`, `did you mean ${match}?`);
  }
}

function checkValue(
  name: string,
  { value, at, hidden }: Variable,
  { schema, expected, secret }: VariableDefinition,
  problems: ProblemList,
): void {
  if (secret !== true && hasTemplate(value)) {
    problems.add(at, `${name}: ${TEMPLATES}`);
    return;
  }
  const { error } = schema.safeParse(value);
  if (error === undefined) return;
  const isHidden = secret === true || hidden === true;
  const inside = isHidden ? [] : error.issues.filter(isOwnMessage);
  for (const { path, message } of inside) problems.add(at, `${name}${placeIn(path)} ${message}`);
  if (inside.length > 0) return;
  problems.add(at, `${name} must be ${expected}${isHidden ? '' : `, not ${shown(value)}`}`);
}

/** Whether an issue says in words of lvslab's own what is wrong with a part of the value. */
function isOwnMessage({
  path,
  message,
}: {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}): boolean {
  return path.length > 0 && /^(must be|has no) /.test(message);
}

/** '[1].servers.rs1.weight': where in a value something stands, counted as people do. */
function placeIn(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part + 1}]` : `.${keyText(part)}`))
    .join('');
}

function keyText(key: PropertyKey): string {
  const text = String(key);
  return /^[\w.-]{1,60}$/.test(text) ? text : shown(text);
}
