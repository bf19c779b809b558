import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { loadInventory } from '../../../src/inventory/load-inventory.ts';
import { labFrom } from '../../../src/lab/lab-from.ts';
import { lvslab } from '../../support/lvslab.ts';
import { waitUntil } from '../../support/processes.ts';
import { openTerminal, type Terminal } from '../../support/terminal.ts';

const PROGRAM = fileURLToPath(new URL('../../../bin/lvslab.js', import.meta.url));

let folder = '';
let terminal: Terminal | undefined;

beforeAll(async () => {
  // Brings the program up to date with its sources, before anybody waits for a prompt.
  await lvslab('--version');
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lvslab-back-'));
  await writeFile(path.join(folder, 'ssh'), '#!/bin/sh\nexec /usr/bin/ssh -F /dev/null "$@"\n');
  await chmod(path.join(folder, 'ssh'), 0o755);
});
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
  await rm(folder, { recursive: true });
});

async function init(args: string, columns = 80): Promise<Terminal> {
  await terminal?.close();
  terminal = await openTerminal(
    `cd ${folder} && node ${PROGRAM} init ${args}; echo "exit $?"`,
    {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      XDG_STATE_HOME: path.join(folder, 'state'),
      SSH_AUTH_SOCK: '',
    },
    columns,
  );
  return terminal;
}

const stateFolder = (): string => path.join(folder, 'state', 'lvslab');

async function answerUpToVip({ answer }: Terminal): Promise<void> {
  await answer('User to log in to the hosts as (root)', 'Enter');
  await answer('How to log in', 'Enter');
  await answer('Where to log in to the director', '10.0.0.1', 'Enter');
  await answer("The director's NIC towards the real", 'eth1', 'Enter');
  // One mistake, taken back by what is typed.
  await answer('Its address there, the DIP', '10.0.0.9', 'Enter');
  await answer('Prefix length (24)', '<', 'Enter');
  await answer('Its address there, the DIP (10.0.0.9)', '10.0.0.1', 'Enter');
  await answer('Prefix length (24)', 'Enter');
  // One that is refused at its question.
  await answer("The director's NIC towards the clients", 'eth1', 'Enter');
}

async function answerFromVip({ answer }: Terminal): Promise<void> {
  await answer('The address that clients ask, the VIP', '10.1.0.1', 'Enter');
  await answer('Port of the service (80)', '8080', 'Enter');
  // Another one, taken back by a key.
  await answer('How many real servers (2)', 'Escape');
  await answer('Port of the service (8080)', '81', 'Enter');
  await answer('How many real servers (2)', '1', 'Enter');
  await answer('Must they be logged in to through', 'Enter');
  await answer('Where to log in to real server 1', '10.0.0.2', 'Enter');
  await answer("Its NIC in the director's network", 'eth0', 'Enter');
  await answer('Its weight (1)', '3', 'Enter');
  // A list has the way back among its choices; what was said is what Enter takes.
  await answer('Who sends the test traffic', '<', 'Enter');
  await answer('Its weight (3)', 'Enter');
  await answer('Who sends the test traffic', 'Enter');
  await answer('Where to log in to the client', '10.1.0.50', 'Enter');
  await answer('How the director chooses', 'Enter');
  await answer('How it hands packets on', 'Enter');
  await answer('nginx release to build (1.16.1)', 'Enter');
}

async function expectWhatWasSaid(): Promise<void> {
  expect(labFrom(await loadInventory(path.join(folder, 'lab.yml')))).toMatchObject({
    directors: [
      {
        outside: { device: 'eth0', address: '10.1.0.1' },
        inside: { device: 'eth1', address: '10.0.0.1' },
      },
    ],
    realServers: [{ name: 'rs1', weight: 3 }],
    clients: [{ name: 'client', address: '10.1.0.50' }],
    services: [{ port: 81 }],
  });
}

describe('lvslab init, there and back', () => {
  test.each([80, 120])(
    'mistakes are taken back, on %d columns; what is written is what was said last',
    async (columns) => {
      const shown = await init('--no-probe lab.yml', columns);
      await answerUpToVip(shown);
      await shown.see('it needs a NIC');
      await shown.press('C-u', 'eth0', 'Enter');
      await answerFromVip(shown);
      // Back from behind the drawing, too.
      await shown.answer('Plan now?', 'Escape');
      await shown.answer('nginx release to build (1.16.1)', 'Enter');
      await shown.answer('Plan now?', 'Enter');
      const screen = await shown.see('exit 0');
      await expectWhatWasSaid();
      // Lines that the terminal had to break are one line here.
      const tooWide = screen.split('\n').filter((line) => line.trimEnd().length > columns);
      expect(tooWide).toEqual([]);
      expect(await readdir(stateFolder())).toEqual([]);
    },
    300_000,
  );

  test('who leaves finds the answers again, and no other user does', async () => {
    const first = await init('--no-probe lab.yml');
    await answerUpToVip(first);
    await first.see('it needs a NIC');
    await first.press('C-c');
    await first.see('exit 130');
    expect(await readdir(folder)).not.toContain('lab.yml');
    expect((await stat(stateFolder())).mode & 0o777).toBe(0o700);
    expect(await readdir(stateFolder())).toEqual(['init-draft.json']);
    expect((await stat(path.join(stateFolder(), 'init-draft.json'))).mode & 0o777).toBe(0o600);

    const second = await init('--no-probe lab.yml');
    await second.answer('Go on with the answers of', 'Enter');
    await second.answer("The director's NIC towards the clients", 'eth0', 'Enter');
    await second.see('? The address that clients ask');
    // The terminal is closed: the draft holds all the same.
    const third = await init('--no-probe lab.yml');
    await third.answer('Go on with the answers of', 'Enter');
    await answerFromVip(third);
    await third.answer('Plan now?', 'Enter');
    await third.see('exit 0');
    await expectWhatWasSaid();
    expect(await readdir(stateFolder())).toEqual([]);
  }, 300_000);

  test('from the first question, the way back is out, once a person says so', async () => {
    const { answer, see } = await init('--no-probe lab.yml');
    await answer('User to log in to the hosts as (root)', 'Escape');
    await answer('There is no question before. Leave', 'n', 'Enter');
    await answer('User to log in to the hosts as (root)', '<', 'Enter');
    await answer('There is no question before. Leave', 'Enter');
    await see('exit 130');
    expect(await readdir(folder)).not.toContain('lab.yml');
  }, 120_000);
});

describe('while a host is looked at', () => {
  let silent: Server;
  let callers: Socket[];

  beforeEach(async () => {
    callers = [];
    silent = createServer((socket) => {
      callers.push(socket.on('error', () => undefined));
    }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
  });
  afterEach(() => {
    for (const socket of callers) socket.destroy();
    silent.close();
  });

  async function lookAtSilentHost(): Promise<Terminal> {
    const address = silent.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const shown = await init('lab.yml');
    await shown.answer('User to log in to the hosts as (root)', 'Enter');
    await shown.answer('How to log in', 'Enter');
    await shown.answer('Where to log in to the director', `127.0.0.1:${port}`, 'Enter');
    await shown.see('Probing lvs-director');
    await waitUntil(() => callers.length > 0);
    return shown;
  }

  test('what is typed answers nothing that is asked later, and shows nowhere', async () => {
    const { press, answer, see } = await lookAtSilentHost();
    await press('Down', 'Enter', 'zzz', 'Enter', 'qqq');
    for (const socket of callers) socket.destroy();
    const screen = await see('go on without having seen it');
    expect(screen).toContain('❯ try again');
    expect(screen).not.toMatch(/zzz|qqq/);
    await answer('What now with lvs-director', 'Up', 'Down', 'Down', 'Down', 'Enter');
    await answer("The director's NIC towards the real", 'eth7', 'Enter');
    expect(await see('? Its address there')).toContain('real servers eth7');
  }, 120_000);

  test('Ctrl-C ends it at once, whatever the host does', async () => {
    const { press, see } = await lookAtSilentHost();
    await press('abc', 'C-c');
    // Far less than a silent host may take to answer.
    await see('exit 130', 8_000);
    expect(await readFile(path.join(stateFolder(), 'init-draft.json'), 'utf8')).toContain(
      'director.address',
    );
  }, 120_000);
});
