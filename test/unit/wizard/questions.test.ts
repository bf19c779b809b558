import { readFile } from 'node:fs/promises';

import { describe, expect, test } from '@jest/globals';

import { type Answer, type HostKey } from '../../../src/wizard/answers/answers.ts';
import { completeAnswers } from '../../../src/wizard/answers/complete-answers.ts';
import { Interview, type InterviewContext } from '../../../src/wizard/questions/interview.ts';
import { inventoryFrom } from '../../../src/wizard/inventory/inventory-from.ts';
import { type FoundHost, type Question } from '../../../src/wizard/questions/question.ts';
import { questionsFor } from '../../../src/wizard/questions/questions.ts';
import { readyAnswers } from '../../../src/wizard/answers/ready-answers.ts';
import { nextOn, walkWith } from '../../../src/wizard/walk.ts';
import { director, type Given, givenFrom, oneServer, questionContext } from './given-answers.ts';

/** Asked next, after those answers, with what was found on the hosts. */
function next(given: Given, found: Partial<Record<HostKey, FoundHost>> = {}): Question | undefined {
  const context = {
    ...questionContext(),
    found: new Map(Object.entries(found)) as ReadonlyMap<HostKey, FoundHost>,
    logsIn: true,
  };
  let walk = walkWith({ given: new Map(Object.entries(given)) });
  for (;;) {
    const step = nextOn(walk, context);
    if (step.kind !== 'take') return step.kind === 'ask' ? step.question : undefined;
    walk = step.walk;
  }
}

function nics(...list: readonly (readonly [string, ...string[]])[]): FoundHost {
  return {
    system: 'Debian',
    nics: list.map(([device, ...addresses]) => ({ device, addresses })),
    warnings: [],
  };
}

function without(given: Given, ...names: readonly string[]): Given {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)));
}

describe('an nginx that was started by hand on a real server', () => {
  const given = { ...oneServer, 'real_servers.1.weight': 1 };
  const holding = (...ports: readonly number[]): Partial<Record<HostKey, FoundHost>> => ({
    'real_servers.1': { ...nics(['eth0', '10.0.0.2/24']), handStartedNginx: ports },
  });

  test('is asked about where it holds the port of the service, and nowhere else', () => {
    expect(next(given, holding(443, 80))).toMatchObject({
      name: 'real_servers.1.takeover',
      kind: 'confirm',
      default: false,
      message: expect.stringContaining('port 80'),
    });
    expect(next(given, holding(8080))?.name).toBe('client.kind');
    expect(next({ ...given, port: 8080 }, holding(8080))?.name).toBe('real_servers.1.takeover');
    expect(next({ ...given, 'real_servers.1.takeover': true }, holding(80))?.name).toBe(
      'client.kind',
    );
  });

  test.each([
    [true, /nginx_takeover: true/],
    [false, /^(?!.*nginx_takeover)/s],
  ])('the answer %s stands in the inventory', (takeover, expected) => {
    const answers = completeAnswers(
      givenFrom({ ...given, 'client.kind': 'none', 'real_servers.1.takeover': takeover }),
      questionContext(),
    );
    expect(answers.wrong).toEqual([]);
    expect(inventoryFrom(answers.complete)).toMatch(expected);
  });
});

describe('what is asked next', () => {
  test.each<[string, Given, string | undefined]>([
    ['nothing is known', {}, 'login.user'],
    [
      'a password is needed',
      { 'login.user': 'root', 'login.method': 'password' },
      'login.password',
    ],
    ['sudo may ask', { 'login.user': 'eve', 'login.method': 'keys' }, 'login.sudo_password'],
    ['the login is known', { 'login.user': 'root', 'login.method': 'keys' }, 'director.address'],
    ['a real server is reached at its RIP', oneServer, 'real_servers.1.weight'],
    [
      'nothing but its port was found on a real server',
      { ...oneServer, 'real_servers.1.weight': 1 },
      'client.kind',
    ],
    [
      'it is reached at another address',
      { ...oneServer, 'real_servers.1.address': '172.16.0.2' },
      'real_servers.1.rip',
    ],
    [
      'it is reached by a name',
      { ...oneServer, 'real_servers.1.address': 'web' },
      'real_servers.1.rip',
    ],
    [
      'a client is wanted',
      { ...oneServer, 'real_servers.1.weight': 1, 'client.kind': 'host' },
      'client.address',
    ],
    [
      'another nginx',
      {
        ...oneServer,
        'real_servers.1.weight': 1,
        'client.kind': 'none',
        scheduler: 'rr',
        mode: 'nat',
        'nginx.version': '1.22.1',
      },
      'nginx.sha256',
    ],
    [
      'all is answered',
      {
        ...oneServer,
        'real_servers.1.weight': 1,
        'client.kind': 'none',
        scheduler: 'rr',
        mode: 'nat',
        'nginx.version': '1.16.1',
      },
      undefined,
    ],
  ])('%s', (_, given, name) => {
    expect(next(given)?.name).toBe(name);
  });

  test('NICs that were found are offered, the second one without the first', () => {
    const found = { director: nics(['eth0'], ['eth1', '10.0.0.1/16']) };
    const start = without(
      director,
      'director.dip_interface',
      'director.dip',
      'prefix',
      'director.vip_interface',
      'vip',
      'port',
    );
    const first = next(start, found);
    expect(first?.choices?.map(({ value }) => value)).toEqual(['eth0', 'eth1']);
    const chosen = { ...start, 'director.dip_interface': 'eth1' };
    expect(next(chosen, found)).toMatchObject({ name: 'director.dip', default: '10.0.0.1' });
    const addressed = { ...chosen, 'director.dip': '10.0.0.1' };
    expect(next(addressed, found)).toMatchObject({ name: 'prefix', default: 16 });
    const second = next({ ...addressed, prefix: 16 }, found);
    expect(second?.choices?.map(({ value }) => value)).toEqual(['eth0']);
  });

  test('a missing second NIC is explained, and the host can be looked at again', () => {
    const question = next(without(director, 'director.vip_interface', 'vip', 'port'), {
      director: nics(['eth1', '10.0.0.1/24']),
    });
    expect(question).toMatchObject({ kind: 'input', probesAgain: 'director' });
    expect(question?.note).toContain('no NIC but eth1, and one more is needed');
  });
});

describe('without anybody to ask', () => {
  test('all that is wrong and all that is missing is told at once', () => {
    const given = {
      port: 0,
      'login.pasword': 'x',
      'login.password': 'x',
      vipp: '10.1.0.1',
      'client.address': '10.1.0.9',
      'real_servers.1.address': 'web',
    };
    const { wrong, missing } = completeAnswers(givenFrom(given), questionContext(given));
    expect(wrong).toEqual([
      '--answer: port must be a port from 1 to 65535, not 0',
      '--answer: login.pasword: there is no such answer, or it makes no sense beside the others',
      "--answer: login.password can't be given, it is asked for at a terminal only",
      '--answer: vipp: there is no such answer, or it makes no sense beside the others (did you mean vip?)',
    ]);
    expect(missing.map((line) => line.replace(/ is missing.*/, ''))).toEqual([
      'director.address',
      'director.dip_interface',
      'director.dip',
      'director.vip_interface',
      'vip',
      'real_servers.1.interface',
      'real_servers.1.rip',
    ]);
  });
});

describe('the interview', () => {
  const answersOf = (given: Given): ReadonlyMap<string, Answer> => new Map(Object.entries(given));

  test('ready answers leave nothing to ask, and no host is logged in to', async () => {
    const { given } = completeAnswers(readyAnswers.tutorial, questionContext());
    const nobody: InterviewContext = {
      ask: () => Promise.reject(new Error('asked')),
      tell: () => Promise.resolve(),
      probe: () => Promise.reject(new Error('looked')),
    };
    const interview = new Interview(walkWith({ given }), questionContext(), nobody);
    expect((await interview.run()).get('vip')).toBe('192.168.4.133');
  });

  test('a host that could not be looked at is looked at again with the next login, and its password goes nowhere else', async () => {
    const looks: unknown[] = [];
    const script: Readonly<Record<string, Answer>> = {
      'What now with lvs-director': 'login',
      'User to log in to the hosts as': 'eve',
      'How to log in': 'password',
      Password: 'hunter2',
      'Password for sudo (empty where it asks for none)': '',
      'Its address there, the DIP': '10.0.0.1',
      'How the director chooses a real server': 'rr',
      'How it hands packets on': 'nat',
      'nginx release to build': '1.16.1',
    };
    const told: string[] = [];
    const given = { ...oneServer, 'real_servers.1.weight': 1, 'client.kind': 'none' };
    const start = walkWith({ given: answersOf(without(given, 'director.dip')) });
    const interview = new Interview(start, questionContext(), {
      ask: ({ message }) => Promise.resolve(script[message]),
      tell: (text) => {
        told.push(text);
        return Promise.resolve();
      },
      probe: ({ name, connection: { user, password, become } }) => {
        looks.push([name, user, password?.reveal(), become]);
        return Promise.resolve(
          password === undefined
            ? { ok: false, problem: 'refused' }
            : { ok: true, found: nics(['eth0'], ['eth1', '10.0.0.1/24']) },
        );
      },
    });
    const answers = await interview.run();
    expect(looks).toEqual([
      ['lvs-director', 'root', undefined, false],
      ['lvs-director', 'eve', 'hunter2', true],
    ]);
    expect(told).toContain('refused');
    expect(told).toContain('lvs-director: Debian; eth0 without an address; eth1 10.0.0.1/24');
    expect(inventoryFrom(answers)).not.toContain('hunter2');
  });
});

test.each([
  ['el7', false],
  ['debian12', true],
  [undefined, true],
])('schedulers that the kernel %s lacks are not offered', (kernel, hasMaglev) => {
  const host = {
    ...nics(['eth0'], ['eth1', '10.0.0.1/24']),
    ...(kernel !== undefined && { kernel }),
  };
  const given = {
    ...oneServer,
    'real_servers.1.weight': 1,
    'client.kind': 'none',
  };
  const question = next(given, { director: host });
  expect(question?.name).toBe('scheduler');
  const names = question?.choices?.map(({ value }) => value) ?? [];
  expect(names).toContain('wrr');
  expect(names.includes('mh')).toBe(hasMaglev);
});

test.each([
  ['10.1.0.1', '10.1.0.77'],
  ['10.2.0.1', undefined],
])('beside the VIP %s, this machine has the address %s', (vip, expected) => {
  const given = {
    ...oneServer,
    vip,
    'real_servers.1.weight': 1,
    'client.kind': 'controller',
  };
  expect(next(given)).toMatchObject({ name: 'client.cip' });
  expect(next(given)?.default).toBe(expected);
});

test('docs/getting-started.md lists every answer, and no other', async () => {
  const page = await readFile(new URL('../../../docs/getting-started.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| `([\w.]+)` +\|/gm)].map(([, name]) => name);
  const answers: readonly Given[] = [
    {
      'login.user': 'eve',
      'login.method': 'key_file',
      'client.kind': 'host',
      'nginx.version': '1.22.1',
    },
    { 'client.kind': 'controller', mode: 'dr' },
  ];
  const given = { 'real_servers.1.rip': '', 'client.cip': '' };
  const context = { ...questionContext(given), found: new Map(), logsIn: false };
  const asked = answers.flatMap((some) =>
    questionsFor(new Map(Object.entries({ ...some, 'real_servers.count': 2 })), context),
  );
  const names = asked.map(({ name }) => name.replace(/\.[12]\./, '.N.'));
  expect([...listed].sort()).toEqual([...new Set(names)].sort());
});
