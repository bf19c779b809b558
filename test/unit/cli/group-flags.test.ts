import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { groupFlags } from '../../../src/cli/group-flags.ts';
import {
  addAccessFlags,
  addChangeFlags,
  addHostFlags,
  addOutputFlags,
} from '../../../src/cli/options.ts';

/** The names under which Commander hands a command's options over. */
function namesOf(command: Command): readonly string[] {
  return command.options.map((option) => option.attributeName());
}

/** The same names with something given for each. */
function given(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, `given ${name}`]));
}

test.each([
  ['output', addOutputFlags],
  ['credentials', addAccessFlags],
  ['change', addChangeFlags],
] as const)('%s has all of its options, and no other group has any', (group, add) => {
  const flags = given(namesOf(add(new Command())));
  const nothing = { output: {}, inventory: {}, credentials: {}, change: {} };
  expect(groupFlags(flags)).toEqual({ ...nothing, [group]: flags });
});

test('a command on hosts: the inventory, the way in, and the output, each in its group', () => {
  const names = namesOf(addHostFlags(new Command()));
  const { output, inventory, credentials, change } = groupFlags(given(names));
  expect(Object.keys(inventory).toSorted()).toEqual(['extraVars', 'inventory', 'limit']);
  expect(change).toEqual({});
  const grouped = [output, inventory, credentials].flatMap((group) => Object.keys(group));
  expect(grouped.toSorted()).toEqual([...names].toSorted());
});

test("what stands in no group is the command's own", () => {
  expect(groupFlags({ playbook: 'own.ts', yes: true, only: ['file /a'] })).toEqual({
    output: {},
    inventory: {},
    credentials: {},
    change: { yes: true },
    playbook: 'own.ts',
    only: ['file /a'],
  });
});
