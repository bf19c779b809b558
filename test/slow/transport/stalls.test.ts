import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { type Connection } from '../../../src/engine/model/connection.ts';
import { lockedKeys } from '../../../src/transport/keys/locked-keys.ts';
import { openConnection, type OpenOptions } from '../../../src/transport/open-connection.ts';
import { startEvilHost } from '../../support/evil/evil-host.ts';
import { isAlive, waitUntil } from '../../support/processes.ts';
import { connectTo, visit } from '../../support/ssh/ssh-client.ts';
import { startSshd, type TestSshd } from '../../support/ssh/sshd.ts';

const sockets = new Set<Socket>();
let server: Server | undefined;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lvslab-stalls-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server?.close();
  server = undefined;
});

/** Listens on loopback and does so with whoever connects; resolves to the port. */
async function listen(play: (socket: Socket) => void): Promise<number> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
    play(socket);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as { readonly port: number }).port;
}

function connectAt(
  port: number,
  options: OpenOptions & { commonArgs?: string } = {},
): Promise<Connection> {
  const { commonArgs = '', ...rest } = options;
  return openConnection(
    {
      host: 'rs1',
      address: '127.0.0.1',
      port,
      user: 'root',
      become: false,
      home: folder,
      commonArgs: `${commonArgs} -F /dev/null -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=none -o IdentityAgent=none -o IdentityFile=none`,
    },
    rest,
  );
}

/** Writes again and again, as fast as it is taken. */
function pour(socket: Socket, text: string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(text));
    if (!socket.destroyed) socket.once('drain', more);
  };
  more();
}

const BANNER = 'SSH-2.0-OpenSSH_9.9\r\n';

describe('a host that', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['says nothing', () => undefined, 'did not answer in time'],
    ['sends half a banner', (socket) => socket.write('SSH-2.0-Open'), 'did not answer in time'],
    [
      'sends a line now and then, and no banner',
      (socket) => {
        const timer = setInterval(() => socket.write('please wait\r\n'), 20);
        socket.on('close', () => {
          clearInterval(timer);
        });
      },
      'did not answer in time',
    ],
    [
      'sends lines without end',
      (socket) => {
        pour(socket, 'please wait\r\n'.repeat(1000));
      },
      'does not speak SSH as expected: it sends other things without end',
    ],
    [
      'sends one line without end',
      (socket) => {
        pour(socket, 'SSH-2.0-'.repeat(100));
      },
      'does not speak SSH as expected: it sends other things without end',
    ],
    [
      'stops after its banner',
      (socket) => socket.write(BANNER),
      'stalled in the key exchange: it was not over within 3 s of its first answer',
    ],
    [
      'hangs up',
      (socket) => socket.end(),
      'does not speak SSH as expected: it closed the connection without a word',
    ],
  ])('%s ends in an error that says so', async (_what, play, message) => {
    const port = await listen(play);
    await expect(connectAt(port, { connectTimeoutMs: 1000 })).rejects.toMatchObject({
      code: 'E_CONNECT',
      host: 'rs1',
      step: 'connect',
      message: expect.stringContaining(`127.0.0.1:${port} ${message}`),
      hint: expect.stringMatching(/\w/),
    });
    await waitUntil(() => sockets.size === 0);
    expect(sockets.size).toBe(0);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['says nothing', () => undefined],
    ['sends half a banner', (socket) => socket.write('SSH-2.0-Open')],
    ['stops after its banner', (socket) => socket.write(BANNER)],
  ])('%s is left at once on request', async (_what, play) => {
    const stop = new AbortController();
    const port = await listen((socket) => {
      play(socket);
      setTimeout(() => {
        stop.abort();
      }, 100);
    });
    await expect(connectAt(port, { signal: stop.signal })).rejects.toMatchObject({
      code: 'E_CANCELLED',
      host: 'rs1',
    });
    await waitUntil(() => sockets.size === 0);
    expect(sockets.size).toBe(0);
  });

  test('never ends the login has three times the limit, and no more', async () => {
    const host = await startEvilHost();
    host.behaviour.authenticate = () => undefined;
    await expect(host.connect({ connectTimeoutMs: 500 })).rejects.toMatchObject({
      code: 'E_CONNECT',
      message: expect.stringContaining('stalled in the login as root'),
    });
    await waitUntil(() => host.clients.size === 0);
    expect(host.clients.size).toBe(0);
    const stop = new AbortController();
    host.behaviour.authenticate = () => {
      stop.abort();
    };
    await expect(host.connect({ signal: stop.signal })).rejects.toMatchObject({
      code: 'E_CANCELLED',
    });
    await host.stop();
  });
});

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('a way to a real sshd', () => {
  let sshd: TestSshd;

  beforeAll(async () => {
    sshd = await startSshd();
  });

  afterAll(async () => {
    await sshd.stop();
  });

  test('that passes on every byte by itself is a slow one, and no broken one', async () => {
    const relay = path.join(folder, 'drip.mjs');
    await writeFile(
      relay,
      `import { connect } from 'node:net';
       const socket = connect({ port: Number(process.argv[2]), host: '127.0.0.1', noDelay: true });
       process.stdin.pipe(socket);
       let first = true; let queue = Promise.resolve();
       socket.on('data', (chunk) => {
         const pieces = first ? [...chunk].map((byte) => Buffer.from([byte])) : [chunk];
         first = false;
         for (const piece of pieces) {
           queue = queue.then(() => new Promise((done) => process.stdout.write(piece, () => setTimeout(done, 2))));
         }
       });`,
    );
    const commonArgs = `-o 'ProxyCommand=${process.execPath} ${relay} ${sshd.port}'`;
    expect(await visit(sshd, { commonArgs })).toBe('root');
  });

  test('through a ProxyCommand that hangs, and does not listen to signals, ends in time and is gone', async () => {
    const pidFile = path.join(folder, 'proxy-pid');
    const script = path.join(folder, 'proxy');
    await writeFile(
      script,
      `#!/bin/sh\ntrap '' TERM\necho $$ >${pidFile}\nwhile :; do sleep 1; done\n`,
      { mode: 0o755 },
    );
    const commonArgs = `-o ProxyCommand=${script}`;
    await expect(connectTo(sshd, { commonArgs, connectTimeoutMs: 500 })).rejects.toMatchObject({
      code: 'E_CONNECT',
      message: expect.stringContaining('did not answer in time'),
    });
    const pid = Number(await readFile(pidFile, 'utf8'));
    await waitUntil(() => !isAlive(pid));
    expect(isAlive(pid)).toBe(false);
  });

  test("through an ssh_config whose 'Match exec' hangs ends in time, or on request, and nothing is left", async () => {
    const pidFile = path.join(folder, 'match-pid');
    const config = path.join(folder, 'ssh_config');
    await writeFile(config, `Match exec "echo $PPID $$ >${pidFile}; sleep 60; true"\n Port 1\n`);
    const commonArgs = `-F ${config}`;
    await expect(connectTo(sshd, { commonArgs, connectTimeoutMs: 500 })).rejects.toMatchObject({
      code: 'E_CONNECT',
      host: 'rs1',
      step: 'connect',
      message: expect.stringContaining('ssh -G, which reads your ssh_config, was ended'),
    });
    await expect(
      connectTo(sshd, { commonArgs, signal: AbortSignal.timeout(300) }),
    ).rejects.toMatchObject({ code: 'E_CANCELLED', host: 'rs1' });
    const pids = (await readFile(pidFile, 'utf8')).trim().split(' ').map(Number);
    await waitUntil(() => !pids.some(isAlive));
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('with an agent that hangs is left on request, and its socket is closed', async () => {
    const socket = path.join(folder, 'agent');
    const open = new Set<Socket>();
    const agent = createServer((client) => {
      open.add(client);
      client.resume().on('close', () => open.delete(client));
    });
    await new Promise<void>((resolve) => agent.listen(socket, resolve));
    const commonArgs = `-o IdentityAgent=${socket}`;
    const signal = AbortSignal.timeout(500);
    await expect(connectTo(sshd, { commonArgs, signal })).rejects.toMatchObject({
      code: 'E_CANCELLED',
    });
    const settings = { host: 'rs1', address: '127.0.0.1', become: false, home: folder };
    const locked = lockedKeys(
      { ...settings, commonArgs: `-F /dev/null ${commonArgs}` },
      { signal: AbortSignal.timeout(300) },
    );
    await expect(locked).rejects.toMatchObject({ code: 'E_CANCELLED' });
    await waitUntil(() => open.size === 0);
    expect(open.size).toBe(0);
    agent.close();
  });
});
