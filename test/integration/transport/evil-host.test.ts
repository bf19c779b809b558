import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ServerChannel } from 'ssh2';

import { type Connection } from '../../../src/engine/model/connection.ts';
import { trusted } from '../../../src/engine/model/shell/script.ts';
import { Secret } from '../../../src/engine/model/secret.ts';
import { renderError } from '../../../src/reporters/render/render-error.ts';
import { type EvilHost, type Exec, startEvilHost } from '../../support/evil/evil-host.ts';
import { waitUntil } from '../../support/processes.ts';

const password = 'correct horse battery';
const lax = '-o StrictHostKeyChecking=no';

let host: EvilHost;

beforeEach(async () => {
  host = await startEvilHost();
});

afterEach(async () => {
  await host.stop();
});

describe('a password', () => {
  const becoming = { user: 'admin', become: true, becomePassword: new Secret(password) };
  const sudoAsks = ({ accept, nonce, command }: Exec): void => {
    const channel = accept();
    if (command.includes('sudo -H -n')) {
      channel.stderr.write('sudo: a password is required\n');
      channel.exit(1);
      channel.end();
      return;
    }
    channel.stderr.write(`${nonce}-password:`);
    // An honest sudo asks a second time; this one takes what it gets.
    channel.on('data', () => {
      channel.stderr.write(`${nonce}-password:`);
    });
  };

  test('for the login is not sent to a host whose key has changed', async () => {
    const passwords: string[] = [];
    host.behaviour.authenticate = (context) => {
      if (context.method === 'password') passwords.push(context.password);
      if (context.method === 'none') context.reject(['password', 'keyboard-interactive']);
      else context.accept();
    };
    await (await host.connect({ password: new Secret(password) })).close();
    expect(passwords).toEqual([password]);
    await host.changeKey();
    await expect(
      host.connect({ password: new Secret(password), commonArgs: lax }),
    ).rejects.toMatchObject({ code: 'E_AUTHENTICATION', host: 'rs1' });
    expect(passwords).toEqual([password]);
  });

  test('for sudo is not sent to a host whose key has changed', async () => {
    await host.changeKey();
    host.behaviour.exec = sudoAsks;
    const connection = await host.connect({ ...becoming, commonArgs: lax });
    const refusal = {
      code: 'E_AUTHENTICATION',
      host: 'rs1',
      step: 'sudo',
      message: 'sudo asks for a password, which is not sent to a host whose key has changed',
      hint: expect.stringContaining('ssh-keygen -R'),
    };
    await expect(connection.run(trusted('id'))).rejects.toMatchObject(refusal);
    const second = await connection.again();
    await expect(second.run(trusted('id'))).rejects.toMatchObject(refusal);
    await Promise.all([connection.close(), second.close()]);
    expect(host.received()).not.toContain(password);
  });

  test('for sudo is not sent over a connection made again that shows another key, known to no file', async () => {
    host.behaviour.exec = sudoAsks;
    const commonArgs = `${lax} -o UserKnownHostsFile=/dev/null`;
    const connection = await host.connect({ ...becoming, commonArgs });
    await host.changeKey();
    const second = await connection.again();
    await expect(second.run(trusted('id'))).rejects.toMatchObject({
      message: expect.stringContaining('not sent to a host whose key has changed'),
    });
    await Promise.all([connection.close(), second.close()]);
    expect(host.received()).not.toContain(password);
  });

  test('for sudo is sent once, when sudo asks, and not told where the host sends it back', async () => {
    host.behaviour.exec = ({ accept, nonce }) => {
      const channel = accept();
      channel.stderr.write(`Please tell me your secret.\n${nonce}-pass`);
      channel.stderr.write('word:');
      channel.on('data', () => {
        channel.stderr.write(`no such command: ${password}`);
        channel.exit(127);
        channel.end();
      });
    };
    const connection = await host.connect(becoming);
    const error = await failure(connection.run(trusted('id')));
    expect(error.message).toContain('no such command: [redacted]');
    expect(JSON.stringify([error.message, error.cause])).not.toContain(password);
    expect(host.received()).toBe(`${password}\n`);
    await connection.close();
  });

  test.each<[string, (channel: ServerChannel, nonce: string) => void]>([
    ['before it is asked for', (channel) => channel.write('Password: ')],
    ['for the prompt on standard output', (channel, nonce) => channel.write(`${nonce}-password:`)],
    ['for the prompt of another run', (channel) => channel.stderr.write('lvslab-0-password:')],
    [
      'for the prompt of a script',
      (channel, nonce) => {
        channel.write(`${nonce}-ready\n`);
        channel.stderr.write(`${nonce}-ready\n${nonce}-password:`);
      },
    ],
  ])('for sudo is not sent %s', async (_when, play) => {
    host.behaviour.exec = ({ accept, nonce }) => {
      const channel = accept();
      play(channel, nonce);
      setTimeout(() => {
        channel.exit(1);
        channel.end();
      }, 100);
    };
    const connection = await host.connect(becoming);
    await connection.run(trusted('id')).catch(() => undefined);
    await connection.close();
    expect(host.received()).not.toContain(password);
  });
});

describe('output without end', () => {
  const chunk = Buffer.alloc(32 * 1024, 'all work and no play\n');
  const flood = (write: (chunk: Buffer) => boolean, drained: NodeJS.EventEmitter): void => {
    const more = (): void => {
      while (write(chunk)) sent += chunk.length;
      sent += chunk.length;
      drained.once('drain', more);
    };
    more();
  };
  let sent = 0;
  let connection: Connection;

  beforeEach(async () => {
    sent = 0;
    connection = await host.connect();
  });

  afterEach(async () => {
    await connection.close();
  });

  test.each<[string, (channel: ServerChannel, nonce: string) => void]>([
    [
      'on standard output, before there is a shell',
      (channel) => {
        flood((c) => channel.write(c), channel);
      },
    ],
    [
      'on standard error, before there is a shell',
      (channel) => {
        flood((c) => channel.stderr.write(c), channel.stderr);
      },
    ],
    [
      'on standard output of a script',
      (channel, nonce) => {
        channel.write(`${nonce}-ready\n`);
        flood((c) => channel.write(c), channel);
      },
    ],
    [
      'on standard error of a script',
      (channel, nonce) => {
        channel.write(`${nonce}-ready\n`);
        channel.stderr.write(`${nonce}-ready\n`);
        flood((c) => channel.stderr.write(c), channel.stderr);
      },
    ],
    [
      'after the exit status',
      (channel, nonce) => {
        channel.write(`${nonce}-ready\n`);
        channel.exit(0);
        flood((c) => channel.write(c), channel);
      },
    ],
  ])('%s ends the session with an error', async (_where, play) => {
    let closed = false;
    host.behaviour.exec = ({ accept, nonce }) => {
      const channel = accept();
      channel.on('close', () => (closed = true));
      play(channel, nonce);
    };
    await expect(connection.run(trusted('id'))).rejects.toMatchObject({
      code: 'E_OUTPUT_TOO_LONG',
      host: 'rs1',
      message: expect.stringContaining('more than 8 MiB'),
      hint: expect.stringMatching(/\w/),
    });
    await waitUntil(() => closed);
    expect(closed).toBe(true);
    expect(sent).toBeLessThan(24 * 1024 * 1024);
  });

  test('is measured against what the caller allows, to the byte', async () => {
    host.behaviour.exec = ({ accept, nonce }) => {
      const channel = accept();
      channel.write(`${nonce}-ready\n1234567890`);
      channel.exit(0);
      channel.end();
    };
    const run = (maxOutputBytes: number): Promise<unknown> =>
      connection.run(trusted('id'), { maxOutputBytes });
    expect(await run(10)).toMatchObject({ stdout: '1234567890', exitCode: 0 });
    await expect(run(9)).rejects.toMatchObject({ code: 'E_OUTPUT_TOO_LONG' });
  });
});

describe('a session', () => {
  const play = async (
    exec: (exec: Exec) => void,
    options?: { readonly timeoutMs: number },
  ): Promise<Error> => {
    host.behaviour.exec = exec;
    const connection = await host.connect();
    const error = await failure(connection.run(trusted('id'), options));
    await connection.close();
    return error;
  };

  test('that is refused', async () => {
    expect(
      await play(({ reject }) => {
        reject();
      }),
    ).toMatchObject({ code: 'E_CONNECT', host: 'rs1' });
  });

  test('that is closed without an exit status is a lost one', async () => {
    const error = await play(({ accept, nonce }) => {
      const channel = accept();
      channel.write(`${nonce}-ready\nhalf of the out`);
      channel.close();
    });
    expect(error).toMatchObject({ code: 'E_CONNECTION_LOST', host: 'rs1' });
  });

  test('whose ready mark is on standard error alone is none', async () => {
    const error = await play(({ accept, nonce }) => {
      const channel = accept();
      channel.stderr.write(`${nonce}-ready\n`);
      channel.exit(0);
      channel.end();
    });
    expect(error).toMatchObject({ code: 'E_AUTHENTICATION', host: 'rs1' });
  });

  test('with the ready mark of another one is none, and its escape sequences are not printed', async () => {
    const error = await play(({ accept }) => {
      const channel = accept();
      channel.write('lvslab-000000000000000000000000-ready\n\u001b[2J\u001b]0;gotcha\u0007 ');
      channel.write(`welcome ${'\u202e'.repeat(5000)}`);
      channel.exit(1);
      channel.end();
    });
    expect(error).toMatchObject({ code: 'E_AUTHENTICATION', host: 'rs1' });
    expect(error.message.length).toBeLessThan(500);
    const text = renderError(error, { width: 80, color: false, verbose: true });
    // eslint-disable-next-line no-control-regex -- these are what it is about
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});

describe('keys of hosts that change during a run', () => {
  test('are refused, also where no file could take the first one', async () => {
    const connection = await host.connect({
      commonArgs: '-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=/dev/null',
    });
    await host.changeKey();
    await expect(connection.again()).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      message: expect.stringContaining('earlier login of this run'),
    });
    await connection.close();
  });
});

async function failure(promise: Promise<unknown>): Promise<Error> {
  const outcome: unknown = await promise.catch((error: unknown) => error);
  if (outcome instanceof Error) return outcome;
  throw new Error('expected a failure');
}
