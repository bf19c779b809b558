import { type Host, type Inventory, type Variable } from '../../inventory/inventory.ts';
import { InventoryError, type Position } from '../../inventory/inventory-error.ts';
import { connectionSettings, labSettings } from '../../inventory/variables/merge-variables.ts';
import { labFrom } from '../../lab/lab-from.ts';
import { type Answers } from '../answers/answers.ts';
import { planInventory, type PlannedVariable } from './plan-inventory.ts';

/** Something that keeps the answers from making a lab, and the question it stands at. */
export interface AnswerProblem {
  readonly answer: string;
  readonly message: string;
}

/** The place of everything that can only be wrong because it was not answered yet. */
const NOWHERE = place('');

/** The inventory that the answers so far make, as if it had been loaded; each place is the name of a question. */
export function draftInventory(answers: Answers): Inventory {
  const { variables, groups } = planInventory(answers);
  const hosts = groups.flatMap((group) =>
    group.hosts.map(({ name, variables: own }): [string, Host] => {
      const vars = new Map([...variables, ...group.variables, ...own].map(asVariable));
      const connection = connectionSettings(name, vars);
      const settings = labSettings(vars);
      return [name, { name, at: NOWHERE, groups: ['all', group.name], vars, settings, connection }];
    }),
  );
  return {
    file: '',
    hosts: new Map(hosts),
    groups: new Map(
      groups.map(({ name, hosts: members }) => [
        name,
        { name, at: NOWHERE, children: [], hosts: members.map((host) => host.name) },
      ]),
    ),
    warnings: [],
  };
}

/** Why the lab can't work with the answers so far; what is merely not answered yet is no problem. */
export function labProblems(answers: Answers): readonly AnswerProblem[] {
  if (answers.has('prefix')) return problemsWith(answers);
  // The default would judge addresses by networks that may be others: only what any prefix length leaves is a problem.
  const [widest, narrowest] = [1, 30].map((prefix) =>
    problemsWith(new Map(answers).set('prefix', prefix)),
  );
  const others = new Set(narrowest?.map(({ message }) => message));
  return widest?.filter(({ message }) => others.has(message)) ?? [];
}

function problemsWith(answers: Answers): readonly AnswerProblem[] {
  try {
    labFrom(draftInventory(answers));
    return [];
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error;
    return error.problems.flatMap(({ file, message, suggestion }) =>
      file === NOWHERE.file
        ? []
        : [
            {
              answer: file,
              message: suggestion === undefined ? message : `${message} (${suggestion})`,
            },
          ],
    );
  }
}

function asVariable({ name, value, answer }: PlannedVariable): [string, Variable] {
  return [name, { value, at: place(answer) }];
}

function place(answer: string): Position {
  return { file: answer, line: 1, column: 1 };
}
