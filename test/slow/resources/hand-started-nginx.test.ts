import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { absent } from '../../../src/engine/model/resource.ts';
import { handStartedNginx } from '../../../src/index.ts';
import { waitUntil } from '../../support/processes.ts';
import { driftFor, makeFor, observeFor, undoTo } from '../../support/run-resource.ts';

const canTry =
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['--mount', 'perl', '-MIO::Socket::INET', '-e', '1']).status === 0;

/** A server with a worker, as nginx has them; what it is called is what its file is called. */
const SERVER = [
  'my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => shift, Listen => 5, ReuseAddr => 1) or die;',
  'my $w = fork; if (!$w) { sleep 1 while getppid != 1; exit }',
  '$SIG{QUIT} = $SIG{TERM} = sub { kill "KILL", $w; exit }; sleep 1 while 1;',
].join(' ');

/** A real process in the place of nginx: perl, copied to where nginx would be. */
(canTry ? describe : describe.skip)('an nginx that somebody started by hand', () => {
  let folder = '';
  let binary = '';
  let port = 0;
  let given: readonly string[] = [];
  let started: ChildProcess | undefined;

  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'lvslab-hand-')));
    mkdirSync(path.join(folder, 'sbin'));
    binary = path.join(folder, 'sbin/nginx');
    copyFileSync('/usr/bin/perl', binary);
    port = await freePort();
    given = ['-MIO::Socket::INET', '-e', SERVER, String(port)];
  });

  afterEach(() => {
    makeFor(handStartedNginx({ port }));
    started?.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  async function start(...before: readonly string[]): Promise<void> {
    const [program = binary, ...words] = [...before, binary, ...given];
    started = spawn(program, words, { stdio: 'ignore', detached: true, cwd: folder });
    await waitUntil(() => isHeld(port));
  }

  test('is seen with all that starts it again, stopped, and started again as it was', async () => {
    const nginx = handStartedNginx({ port });
    expect(observeFor(nginx)).toEqual(absent);
    await start();
    const before = observeFor(nginx);
    expect(before).toEqual({
      kind: 'value',
      value: { binary, arguments: given, user: 'root', directory: folder, atBoot: [] },
    });
    expect(driftFor(nginx)).toEqual([{ field: 'process', from: [binary, ...given].join(' ') }]);
    makeFor(nginx);
    expect(observeFor(nginx)).toEqual(absent);
    expect(isHeld(port)).toBe(false);
    undoTo(nginx, before);
    expect(observeFor(nginx)).toEqual(before);
  });

  test('one whose file was replaced since it was started is seen, too', async () => {
    await start();
    rmSync(binary);
    copyFileSync('/usr/bin/perl', binary);
    expect(observeFor(handStartedNginx({ port }))).toMatchObject({ value: { binary } });
  });

  test('one of lvslab’s own build does not come back', async () => {
    const nginx = handStartedNginx({ port });
    writeFileSync(path.join(folder, '.lvslab-build'), 'version 1.16.1\n');
    await start();
    const before = observeFor(nginx);
    expect(before).toMatchObject({ value: { own: true } });
    makeFor(nginx);
    undoTo(nginx, before);
    expect(observeFor(nginx)).toEqual(absent);
  });

  test('one of another user comes back as that user’s', async () => {
    const nginx = handStartedNginx({ port });
    spawnSync('chmod', ['755', folder]);
    await start('setpriv', '--reuid', 'nobody', '--clear-groups', '--regid', 'nogroup');
    const before = observeFor(nginx);
    expect(before).toMatchObject({ value: { user: 'nobody' } });
    makeFor(nginx);
    undoTo(nginx, before);
    expect(observeFor(nginx)).toEqual(before);
  });

  test('one in a container, and another program, are none', async () => {
    await start('unshare', '--mount');
    expect(observeFor(handStartedNginx({ port }))).toEqual(absent);
    started?.kill('SIGKILL');
    await waitUntil(() => !isHeld(port));
    const other = path.join(folder, 'sbin/httpd');
    copyFileSync(binary, other);
    binary = other;
    await start();
    expect(observeFor(handStartedNginx({ port }))).toEqual(absent);
    started?.kill('SIGTERM');
  });

  test('one that can not be started again says why', async () => {
    const nginx = handStartedNginx({ port });
    await start();
    const before = observeFor(nginx);
    makeFor(nginx);
    rmSync(binary);
    expect(() => {
      undoTo(nginx, before);
    }).toThrow(`${binary} is not there any more`);
  });
});

function isHeld(port: number): boolean {
  return spawnSync('ss', ['-ltn', `sport = :${port}`]).stdout.includes('LISTEN');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
