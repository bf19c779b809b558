import { describe, expect, test } from '@jest/globals';

import { type Inventory } from '../../../src/inventory/inventory.ts';
import { loadText, problemLines, problemsOf } from '../../support/inventory/load-inventory-text.ts';

function values(inventory: Inventory, host: string): Record<string, unknown> {
  const vars = inventory.hosts.get(host)?.vars ?? new Map<string, never>();
  return Object.fromEntries([...vars].map(([name, { value }]) => [name, value]));
}

describe('precedence', () => {
  // Each step sets one level more; the last one that is there wins.
  const levels = [
    'all',
    'parent',
    'child',
    'group_vars/all',
    'group_vars/parent',
    'group_vars/child',
    'host',
    'host_vars',
    '-e',
  ];

  test.each(levels.map((level, i) => [level, i] as const))(
    '%s wins over what comes before it',
    async (level, i) => {
      const at = (name: string): string => (levels.indexOf(name) <= i ? `{who: ${name}}` : '{}');
      const inventory = await loadText({
        hosts: `
all:
  vars: ${at('all')}
  children:
    parent:
      vars: ${at('parent')}
      children:
        child:
          vars: ${at('child')}
          hosts:
            web: ${at('host')}
`,
        files: {
          'group_vars/all.yml': at('group_vars/all'),
          'group_vars/parent/a.yml': at('group_vars/parent'),
          'group_vars/child': at('group_vars/child'),
          'host_vars/web.yaml': at('host_vars'),
        },
        extraVars: levels.indexOf('-e') <= i ? ['who=-e'] : [],
      });
      expect(values(inventory, 'web')).toEqual({ who: level });
    },
  );

  test('groups of one level go by priority, then by name', async () => {
    const hosts = (priority: number): string => `
a: {hosts: {web: }, vars: {who: a, ansible_group_priority: ${priority}}}
b: {hosts: {web: }, vars: {who: b}}`;
    expect(values(await loadText({ hosts: hosts(1) }), 'web')).toEqual({ who: 'b' });
    expect(values(await loadText({ hosts: hosts(2) }), 'web')).toEqual({ who: 'a' });
  });

  test('a file without extension hides those with one; hidden files and backups are no variables', async () => {
    const inventory = await loadText({
      hosts: 'all: {hosts: {web: }}',
      files: {
        'host_vars/web/b.yml': 'who: b',
        'host_vars/web/a.yml': 'who: a',
        'host_vars/web/.c.yml': 'who: c',
        'host_vars/web/d.yml~': 'who: d',
        'host_vars/web/e.txt': 'who: e',
        'host_vars/web.yml': 'who: hidden',
      },
    });
    expect(values(inventory, 'web')).toEqual({ who: 'b' });
  });
});

describe('groups and hosts', () => {
  test('ranges, ports, hosts in several groups, and those in none', async () => {
    const inventory = await loadText({
      hosts: `
web: {hosts: {'rs[01:03:2]': {x: 1}, 'jump:2222': }}
db: {hosts: rs01}
all: {hosts: {lonely: }}
`,
    });
    expect([...inventory.hosts.keys()]).toEqual(['rs01', 'rs03', 'jump', 'lonely']);
    expect(inventory.hosts.get('rs01')?.groups).toEqual(['all', 'db', 'web']);
    expect(inventory.groups.get('ungrouped')?.hosts).toEqual(['lonely']);
    expect(inventory.groups.get('all')?.hosts).toHaveLength(4);
    expect(inventory.hosts.get('jump')?.connection).toEqual({
      type: 'ssh',
      host: 'jump',
      port: 2222,
      become: false,
    });
  });

  test('connection variables under all their names, numbers and truth values in quotes too', async () => {
    const inventory = await loadText({
      hosts: `
all:
  hosts:
    web:
      ansible_host: 10.0.0.1
      ansible_user: deploy
      ansible_become: 'yes'
      ansible_become_pass: s3cret
      ansible_private_key_file: ~/.ssh/id
      ansible_ssh_common_args: -o ProxyCommand="nc %h %p"
      ansible_python_interpreter: /usr/bin/python3
`,
      extraVars: ['ansible_port=2200'],
    });
    const { becomePassword, ...connection } = inventory.hosts.get('web')?.connection ?? {};
    expect(becomePassword?.reveal()).toBe('s3cret');
    expect(connection).toEqual({
      type: 'ssh',
      host: '10.0.0.1',
      port: 2200,
      user: 'deploy',
      become: true,
      privateKeyFile: '~/.ssh/id',
      sshCommonArgs: '-o ProxyCommand="nc %h %p"',
    });
  });

  test('variables know where they were set, those that come by a merge key as well', async () => {
    const inventory = await loadText({
      hosts:
        'all:\n  vars: &common\n    lvs_port: 8080\n  hosts:\n    web:\n      <<: *common\n      lvs_weight: "2"\n',
      extraVars: ['a=1 lvs_page="I am here"'],
    });
    const host = inventory.hosts.get('web');
    const place = (name: string): unknown => {
      const { line, column, file } = host?.vars.get(name)?.at ?? { line: 0, column: 0, file: '' };
      return [file.replace(/.*\//, ''), line, column];
    };
    expect(place('lvs_weight')).toEqual(['hosts.yml', 7, 7]);
    expect(place('lvs_port')).toEqual(['hosts.yml', 6, 7]);
    expect(place('lvs_page')).toEqual(['--extra-vars[1]', 1, 5]);
    expect(host?.settings).toEqual({ lvs_port: 8080, lvs_weight: 2, lvs_page: 'I am here' });
  });
});

describe('--extra-vars', () => {
  test('all forms, the last wins', async () => {
    const inventory = await loadText({
      hosts: 'all: {hosts: {web: }}',
      files: { 'more.yml': 'c: file\nd: [1, 2]\n' },
      extraVars: ['a=1 b="two words" c=\'x\'', '{"b": {"json": true}}', '@more.yml', 'e==', ''],
    });
    expect(values(inventory, 'web')).toEqual({
      a: '1',
      b: { json: true },
      c: 'file',
      d: [1, 2],
      e: '=',
    });
  });

  test('what is none of them', async () => {
    const problems = await problemsOf({
      hosts: 'all: {hosts: {web: }}',
      extraVars: ['a=1 nonsense', './vars.yml', '@missing.yml', '[1]', '{"a": '],
    });
    expect(problemLines(problems)).toEqual([
      '--extra-vars[1]:1:5: "nonsense" is no key=value',
      '--extra-vars[2]:1:1: "./vars.yml" is no key=value (write @./vars.yml to read a file)',
      "missing.yml:1:1: the file can't be read: there is no such file",
      '--extra-vars[4]:1:1: variables must be a mapping, not [1]',
      expect.stringMatching(/^--extra-vars\[5\]:1:\d+: /),
    ]);
  });
});

describe('mistakes', () => {
  test('are told all at once, each with its place and a suggestion', async () => {
    const problems = await problemsOf({
      hosts: `
all:
  vars:
    lvs_schedular: wrr
    lvs_vip: 192.168.4
    lv_dip: 192.168.2.130
    ansible_usr: root
    my_own_variable: 1
    lvs_page: '{{ inventory_hostname }}'
  host:
    web: {}
real_servers:
  hosts:
    - rs1
    - rs2
director:
  hosts:
    ../etc: {}
    'rs[3:1]':
    d1:
      lvs_weight: 70000
      nginx_prefix: /usr/local
      nginx_configure_args: [--prefix=/]
      ansible_become_password: [s3cret]
`,
      files: { 'group_vars/director.yml': 'lvs_dip_interface: eth 0\n' },
    });
    expect(problemLines(problems)).toMatchInlineSnapshot(`
     [
       "hosts.yml:4:5: unknown variable "lvs_schedular" (did you mean lvs_scheduler?)",
       "hosts.yml:5:5: lvs_vip must be an IPv4 address such as 192.168.4.133, not "192.168.4"",
       "hosts.yml:6:5: unknown variable "lv_dip" (did you mean lvs_dip?)",
       "hosts.yml:7:5: unknown variable "ansible_usr" (did you mean ansible_user?)",
       "hosts.yml:9:5: lvs_page: templates ({{ … }}) are not supported, write the value itself",
       "hosts.yml:10:3: group all has no section "host", only hosts, vars and children (did you mean hosts?)",
       "hosts.yml:13:3: hosts of group real_servers must be a mapping, not ["rs1","rs2"] (write 'name:' on a line of its own, not '- name')",
       "hosts.yml:18:5: host "../etc": "../etc" can't be the name of one",
       "hosts.yml:19:5: host "rs[3:1]": the range ends before it begins",
       "hosts.yml:21:7: lvs_weight must be a whole number from 0 to 65535, not 70000",
       "hosts.yml:22:7: nginx_prefix must be an absolute path of its own such as /usr/local/nginx, of letters, digits and . _ + -, not "/usr/local"",
       "hosts.yml:23:7: nginx_configure_args must be a list of options of ./configure other than --prefix, --user and --group, not ["--prefix=/"]",
       "hosts.yml:24:7: ansible_become_password must be a password on one line",
       "group_vars/director.yml:1:1: lvs_dip_interface must be the name of a network interface: 1 to 15 letters, digits, dots, dashes, underscores, not "eth 0"",
     ]
    `);
    expect(JSON.stringify(problems)).not.toContain('s3cret');
  });

  test.each([
    ['', 'hosts.yml:1:1: the inventory must be a mapping, not null'],
    ['# mine\n[web]\nrs1 ansible_host=1\n', /^hosts.yml:2:1: this is an INI file, not YAML/],
    ['all: {hosts: {}}', 'hosts.yml:1:1: there is no host in the inventory'],
    ['all:\n  hosts: {a: }\n  hosts: {b: }', 'hosts.yml:3:3: this key is in the mapping twice'],
    [
      'a: {children: {b: }, hosts: {h: }}\nb: {children: {a: }}',
      /^hosts.yml:1:1: group a contains itself/,
    ],
    ['a: &a {children: {b: *a}}', /refers to itself/],
    ['all:\n  hosts:\n    web: !safe abc', /^hosts.yml:3:10: Unresolved tag: !safe/],
    [
      'all:\n  hosts:\n    web: !vault abc',
      /^hosts.yml:3:5: host web must be a mapping, not "an encrypted value"/,
    ],
    ['all:\n  vars: {lvs_vip: {{ vip }}}', /^hosts.yml:2:\d+: templates/],
    ['all: {hosts: {"rs[1:9999999]": }}', /more than 1000 hosts/],
    ['all: {hosts: {web: 1}}', 'hosts.yml:1:15: host web must be a mapping, not 1'],
    [
      'all: {hosts: {web: {ansible_connection: docker}}}',
      /ansible_connection must be ssh or local, not "docker"/,
    ],
    ['plugin: aws_ec2', /^hosts.yml:1:1: this configures an inventory plugin/],
    ['all: {hosts: {w: }}\n---\nall: {}', /several YAML documents/],
  ])('%j', async (hosts, expected) => {
    expect(problemLines(await problemsOf({ hosts })).join('\n')).toMatch(expected);
  });

  test('variables of Ansible itself are no slips of the pen', async () => {
    const hosts =
      'all: {hosts: {web: {ansible_scp_extra_args: -l, ansible_su_user: x, ansible_ssh_args: "-4"}}}';
    expect(await problemsOf({ hosts })).toEqual([]);
  });

  test('a missing file is a problem with a place', async () => {
    const hosts = 'all: {hosts: {web: }}';
    const problems = await problemsOf({ hosts, extraVars: ['@/nowhere/x.yml'] });
    expect(problemLines(problems)).toEqual([
      "/nowhere/x.yml:1:1: the file can't be read: there is no such file",
    ]);
  });
});
