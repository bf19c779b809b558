import {
  ansibleOnlyVariables,
  connectionAliases,
  connectionVariables,
} from './connection-variables.ts';
import { type Variable } from '../inventory.ts';
import { hasTemplate, TEMPLATES } from '../yaml/jinja.ts';
import { labVariables } from './lab-variables.ts';
import { type ProblemList } from '../problem-list.ts';
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

/** Checks the names and values of variables as they were set, wherever that was; other people's are none of our business. */
export function checkVariables(
  vars: Iterable<readonly [string, Variable]>,
  problems: ProblemList,
): void {
  for (const [name, variable] of vars) {
    const definition = definitions.get(name);
    if (definition === undefined) checkUnknown(name, variable, problems);
    else checkValue(name, variable, definition, problems);
  }
}

function checkUnknown(name: string, { at }: Variable, problems: ProblemList): void {
  if (OWN_PREFIX.test(name)) {
    const suggestion = didYouMean(name, knownNames) ?? 'docs/inventory.md lists all variables';
    problems.add(at, `unknown variable ${shown(name)}`, suggestion);
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
  if (secret !== true && hasTemplate(value)) problems.add(at, `${name}: ${TEMPLATES}`);
  else if (!schema.safeParse(value).success) {
    const isHidden = secret === true || hidden === true;
    problems.add(at, `${name} must be ${expected}${isHidden ? '' : `, not ${shown(value)}`}`);
  }
}
