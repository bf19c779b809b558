import { expect, test } from '@jest/globals';

import { loadText, problemLines, problemsOf } from '../../support/inventory/load-inventory-text.ts';

test.each([
  ...['ansible_connection: winrm', 'ansible_connection: ansible.netcommon.network_cli'],
  ...['ansible_become_user: postgres', 'ansible_become_method: doas', 'ansible_port: "{{ p }}"'],
  ...["ansible_host: '{{ x }}'", 'nginx_worker_connections: 1024', 'nginx_version: "1.18"'],
  ...['lvs_page: [a]', 'ansible_usr: x', 'ansible_password: !vault "x"', 'ansible_user: [a]'],
])('%s of a host in no role is not checked', async (line) => {
  const lab = 'director: {hosts: {lvs: }}\nreal_servers: {hosts: {rs1: }}\n';
  const forms = [
    `${lab}others: {hosts: {db: {${line}}}}`,
    `${lab}others: {hosts: {db: }, vars: {${line}}}`,
    `${lab}site: {children: {others: {hosts: {db: }, vars: {${line}}}, real_servers: }}`,
  ];
  for (const hosts of forms) expect(problemLines(await problemsOf({ hosts }))).toEqual([]);
  const files = { 'group_vars/others.yml': line, 'host_vars/db/main.yml': line };
  expect(await problemsOf({ hosts: `${lab}others: {hosts: {db: }}`, files })).toEqual([]);
  // What comes to a host of the lab is, wherever it was set.
  expect(await problemsOf({ hosts: `${lab}clients: {hosts: {c1: {${line}}}}` })).toHaveLength(1);
});

test('what is set for all and overruled for every host of the lab is not checked', async () => {
  const hosts = (user: string): string => `
all: {vars: {ansible_user: '{{ who }}', ansible_connection: winrm}, hosts: {db: }}
director: {hosts: {lvs: }, vars: {ansible_user: root, ansible_connection: ssh}}
real_servers: {hosts: {rs1: }, vars: {${user}ansible_connection: ssh}}`;
  expect(await problemsOf({ hosts: hosts('ansible_user: root, ') })).toEqual([]);
  expect(problemLines(await problemsOf({ hosts: hosts('') })).join('\n')).toMatch(
    /^hosts.yml:2:14: ansible_user: templates/,
  );
});

test('hosts in no role may be called and reached as they like; lvslab does not log in there', async () => {
  const inventory = await loadText({
    hosts: `
director: {hosts: {lvs: }}
real_servers: {hosts: {rs1: }}
2nd floor: {hosts: {'2001:db8::10': , '[2001:db8::11]:22': , 'db 1/x': {ansible_connection: winrm}}}
web-servers.x: {hosts: {ok: }}`,
    files: { 'group_vars/x.yml': 'a: 1' },
  });
  expect([...inventory.hosts.keys()]).toEqual([
    ...['lvs', 'rs1', '2001:db8::10', '2001:db8::11', 'db 1/x', 'ok'],
  ]);
  expect(inventory.hosts.get('2001:db8::11')?.connection.port).toBe(22);
  expect(inventory.hosts.get('db 1/x')?.unusable).toMatch(/^ansible_connection must be ssh/);
  expect(inventory.hosts.get('ok')?.unusable).toBeUndefined();
  expect(problemLines(inventory.warnings)).toEqual([
    expect.stringMatching(/:4:1: "2nd floor" is an odd name for a group, of which Ansible warns/),
  ]);
  expect(
    await problemsOf({
      hosts: "director: {hosts: {'2001:db8::10': }}\nreal_servers: {hosts: {a: }}",
    }),
  ).toHaveLength(1);
});

test('a variable that may be of others, in a group with hosts of others, is a warning', async () => {
  const hosts = `
all: {vars: {nginx_worker_connections: 1, lvs_schedular: rr}, hosts: {db: }}
director: {hosts: {lvs: }}
real_servers: {hosts: {rs1: }}`;
  expect(problemLines(await problemsOf({ hosts })).join('\n')).toMatch(
    /^\S+ unknown variable "lvs_schedular".*$/,
  );
  const { warnings } = await loadText({ hosts: hosts.replace(', lvs_schedular: rr', '') });
  expect(warnings).toHaveLength(1);
});
