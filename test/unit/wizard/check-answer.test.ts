import { describe, expect, test } from '@jest/globals';

import { type Answer } from '../../../src/wizard/answers/answers.ts';
import { checkAnswer } from '../../../src/wizard/answers/check-answer.ts';
import { parseHostAddress } from '../../../src/wizard/inventory/host-address.ts';
import { questionsFor } from '../../../src/wizard/questions/questions.ts';
import { type Given, oneServer, questionContext } from './given-answers.ts';

describe('what can be answered', () => {
  function problem(name: string, given: Answer, before: Given): string | undefined {
    const answers = new Map(Object.entries(before));
    answers.delete(name);
    const context = { ...questionContext(), found: new Map(), logsIn: true };
    const question = questionsFor(answers, context).find((other) => other.name === name);
    if (question === undefined) throw new Error(`${name} is not asked`);
    const checked = checkAnswer(question, given, answers);
    return checked.ok ? undefined : checked.problem;
  }

  test.each<[string, Answer, RegExp]>([
    ['vip', '10.0.0.7', /VIP 10.0.0.7 is in the real servers' network/],
    ['vip', '10.1.0.300', /must be an IPv4 address/],
    ['director.dip', '10.7.0.1', /RIP 10.0.0.2 of rs1 is not in the network 10.7.0.0/],
    ['director.vip_interface', 'eth1', /it needs a NIC in each network/],
    ['director.name', 'rs1', /another host is called "rs1"/],
    ['director.name', 'localhost', /nor localhost/],
    ['real_servers.1.address', '10.1.0.1', /reached the same way as lvs-director/],
    ['real_servers.1.address', 'fe80::1', /must be a host name or an IPv4 address/],
    ['real_servers.1.address', 'x; reboot', /must be a host name/],
    ['real_servers.1.weight', '0', /every real server has the weight 0/],
    ['scheduler', 'wwr', /did you mean wrr/],
    ['dns', '8.8.8.8 nowhere', /at most 3 IPv4/],
  ])('%s %s is refused, and why', (name, given, reason) => {
    expect(problem(name, given, oneServer)).toMatch(reason);
  });

  test('what Ansible would take for a template is refused, and why', () => {
    const byKeyFile = { ...oneServer, 'login.method': 'key_file' };
    expect(problem('login.key_file', '~/{{ user }}', byKeyFile)).toMatch(/templates .* write the/);
  });

  test.each<[string, Answer]>([
    ['real_servers.1.address', 'eve@web.example:2222'],
    ['real_servers.1.address', '172.16.0.2'],
    ['real_servers.1.weight', '65535'],
    ['login.through_director', 'yes'],
  ])('%s %s is taken', (name, given) => {
    expect(problem(name, given, oneServer)).toBeUndefined();
  });
});

test.each([
  ['web', { host: 'web' }],
  ['eve@web:22', { host: 'web', user: 'eve', port: 22 }],
  ['eve@corp@web', { host: 'web', user: 'eve@corp' }],
  ['a:b:1', { host: 'a:b', port: 1 }],
])('%s has its parts', (text, parts) => {
  expect(parseHostAddress(text)).toEqual(parts);
});
