import { readFile } from 'node:fs/promises';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type Inventory } from '../../../src/inventory/inventory.ts';
import { labDefaults } from '../../../src/inventory/variables/lab-variables.ts';
import { labFrom } from '../../../src/lab/lab-from.ts';
import { type Answers } from '../../../src/wizard/answers/answers.ts';
import { completeAnswers } from '../../../src/wizard/answers/complete-answers.ts';
import { draftInventory } from '../../../src/wizard/inventory/draft-inventory.ts';
import { inventoryFrom } from '../../../src/wizard/inventory/inventory-from.ts';
import { readyAnswers } from '../../../src/wizard/answers/ready-answers.ts';
import { expectGolden } from '../../support/golden.ts';
import { loadText } from '../../support/inventory/load-inventory-text.ts';
import { givenFrom, questionContext } from './given-answers.ts';

// Each of many answers is judged by the lab that it makes.

function completed(given: Readonly<Record<string, unknown>>): Answers {
  const { complete, wrong, missing } = completeAnswers(givenFrom(given), questionContext(given));
  expect([...wrong, ...missing]).toEqual([]);
  return complete;
}

/** What an inventory means, places and defaults aside. */
function meaning(inventory: Inventory): unknown {
  return {
    lab: labFrom(inventory),
    hosts: [...inventory.hosts.values()].map(({ name, groups, connection }) => ({
      name,
      groups: [...groups].sort(),
      connection,
    })),
  };
}

describe('the tutorial as answers', () => {
  const tutorial = Object.fromEntries(
    [...readyAnswers.tutorial].map(([name, { value }]) => [name, value]),
  );

  test('means what inventory/centos7.yml means', async () => {
    const documented = await readFile(
      new URL('../../../inventory/centos7.yml', import.meta.url),
      'utf8',
    );
    const written = await loadText({ hosts: inventoryFrom(completed(tutorial)) });
    expect(meaning(written)).toEqual(meaning(await loadText({ hosts: documented })));
  });

  test('reads well', () => {
    expectGolden('wizard/tutorial.yml', inventoryFrom(completed(tutorial)));
  });

  test('no password is ever written, and the file says where to put it', async () => {
    const answers = new Map(
      completed({ ...tutorial, 'login.user': 'eve', 'login.method': 'password' }),
    )
      .set('login.password', 'hunter2')
      .set('login.sudo_password', 'hunter3');
    const text = inventoryFrom(answers);
    expect(text).not.toContain('hunter');
    expect(text).toContain('--ask-pass');
    const { hosts } = await loadText({ hosts: text });
    expect(hosts.get('rs1')?.connection).toEqual({
      type: 'ssh',
      host: '192.168.2.128',
      user: 'eve',
      become: true,
    });
  });
});

test('who logs in differently, and through whom, is said where it differs', async () => {
  const text = inventoryFrom(
    completed({
      'login.user': 'eve',
      'login.key_file': '~/.ssh/lab key',
      'director.address': 'root@gate.example:2222',
      'director.dip_interface': 'eth1',
      'director.dip': '10.9.0.1',
      'director.vip_interface': 'eth0',
      vip: '10.8.0.1',
      'login.through_director': 'yes',
      'real_servers.1.address': '10.9.0.2',
      'real_servers.1.interface': 'eth0',
      'real_servers.2.address': 'web',
      'real_servers.2.rip': '10.9.0.3',
      'real_servers.2.interface': 'eth0',
      'client.kind': 'controller',
      'client.cip': '10.8.0.9',
    }),
  );
  const { hosts } = await loadText({ hosts: text });
  const key = { privateKeyFile: '~/.ssh/lab key' };
  expect([...hosts].map(([name, { connection }]) => [name, connection])).toEqual([
    [
      'lvs-director',
      { type: 'ssh', host: 'gate.example', port: 2222, user: 'root', become: false, ...key },
    ],
    ...[
      ['rs1', '10.9.0.2'],
      ['rs2', 'web'],
    ].map(([name, host]) => [
      name,
      {
        type: 'ssh',
        host,
        user: 'eve',
        become: true,
        sshCommonArgs: '-o ProxyJump=root@gate.example:2222',
        ...key,
      },
    ]),
    ['controller', { type: 'local', host: 'controller', user: 'eve', become: true, ...key }],
  ]);
});

const word = fc.stringMatching(/^[a-zA-Z_]\w{0,8}$/);
const nic = fc.stringMatching(/^[a-zA-Z0-9]\w{0,8}$/);
const octets = fc.uniqueArray(fc.integer({ min: 2, max: 254 }), { minLength: 4, maxLength: 7 });

/** Answers to all questions, whatever they are, that make a lab. */
const validAnswers = fc
  .record({
    octets,
    user: fc.oneof(fc.constant('root'), word),
    method: fc.constantFrom('keys', 'key_file', 'password'),
    keyFile: fc.stringMatching(/^[ -~]{1,20}$/).filter((text) => !/\{[{%#]/.test(text)),
    nics: fc.uniqueArray(nic, { minLength: 2, maxLength: 2 }),
    names: fc.uniqueArray(word, {
      minLength: 9,
      maxLength: 9,
      selector: (name) => name.toLowerCase(),
    }),
    weight: fc.integer({ min: 1, max: 65535 }),
    port: fc.option(fc.integer({ min: 1, max: 65535 })),
    through: fc.boolean(),
    client: fc.constantFrom('host', 'controller', 'none'),
    scheduler: fc.constantFrom('rr', 'wrr', 'sed', 'mh'),
    nginx: fc.constantFrom(labDefaults.nginx_version, '1.22.1', '1.10.0'),
    dns: fc.constantFrom('', '8.8.8.8', '8.8.8.8,9.9.9.9'),
  })
  .filter(
    ({ names, nics }) =>
      !names.some((name) =>
        ['all', 'localhost', 'ungrouped', 'director', 'clients'].includes(name.toLowerCase()),
      ) && !nics.some((device) => ['lo', 'all', 'default'].includes(device)),
  )
  .map((made): Readonly<Record<string, unknown>> => {
    const [dip, vip, cip, ...rips] = made.octets;
    const [inside, outside] = made.nics;
    const port = made.port === null ? '' : `:${made.port}`;
    return {
      'login.user': made.user,
      'login.method': made.method,
      ...(made.method === 'key_file' && { 'login.key_file': made.keyFile }),
      'director.name': made.names[0],
      'director.address': `10.1.0.${vip}${port}`,
      'director.dip': `10.0.0.${dip}`,
      'director.dip_interface': inside,
      'director.vip_interface': outside,
      vip: `10.1.0.${vip}`,
      ...(made.port !== null && { port: made.port }),
      'login.through_director': made.through,
      dns: made.dns,
      ...(Object.fromEntries(
        rips.flatMap((rip, i) => [
          [`real_servers.${i + 1}.name`, made.names[i + 1]],
          [`real_servers.${i + 1}.address`, `${made.user}@10.0.0.${rip}`],
          [`real_servers.${i + 1}.interface`, inside],
          [`real_servers.${i + 1}.weight`, made.weight],
        ]),
      ) as Readonly<Record<string, unknown>>),
      'client.kind': made.client,
      ...(made.client === 'host' && { 'client.address': `10.1.0.${cip}` }),
      ...(made.client === 'controller' && { 'client.cip': `10.1.0.${cip}` }),
      scheduler: made.scheduler,
      'nginx.version': made.nginx,
      ...(made.nginx !== labDefaults.nginx_version && { 'nginx.sha256': 'A'.repeat(64) }),
    };
  });

test('whatever is answered, the file loads and is the lab that the answers meant', async () => {
  await fc.assert(
    fc.asyncProperty(validAnswers, async (given) => {
      const answers = completed(given);
      const loaded = await loadText({ hosts: inventoryFrom(answers) });
      expect(meaning(loaded)).toEqual(meaning(draftInventory(answers)));
    }),
    { numRuns: 20 },
  );
});
