import { expect, test } from '@jest/globals';

import { problemsOf } from '../../support/inventory/load-inventory-text.ts';

test.each([
  ['[web]\t; the servers\nrs1\n', 1],
  ['rs1 ansible_host=192.168.2.128\nrs2:2222 ansible_host=192.168.2.129 # two\n', 1],
  ['# ungrouped\nmail.example.org\n\n[director]\nlvs ansible_user=root\n', 2],
  ['; x\r\n[all:vars]\r\nansible_user = root\r\n', 2],
  ['rs[1:3].example.org\nlvs\n[real servers]\nrs1\n', 1],
])('%j is an INI file, and the command that converts it is told', async (hosts, line) => {
  const [problem, ...others] = await problemsOf({ hosts });
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ line, message: 'this is an INI file, not YAML' });
  expect(problem?.suggestion).toMatch(
    /^`ansible-inventory -i \S*hosts.yml --list --yaml --export --output \S*hosts.yml` converts it$/,
  );
});
