import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Secret } from '../../../src/engine/model/secret.ts';
import { type EvilHost, startEvilHost } from '../../support/evil/evil-host.ts';
import { hostKeyPair } from '../../support/ssh/host-key-pair.ts';

const password = new Secret('correct horse battery');

let host: EvilHost;

beforeEach(async () => {
  host = await startEvilHost();
});

afterEach(async () => {
  await host.stop();
});

describe('what is tried to log in', () => {
  /** The ways that the host was asked for, in their order; `accepts` is the one that it lets in by, and what it says it does. */
  const waysTo = async (accepts: string, given: Parameters<EvilHost['connect']>[0]) => {
    const ways: string[] = [];
    host.behaviour.authenticate = (context) => {
      ways.push(context.method);
      if (context.method === accepts) context.accept();
      else context.reject(['publickey', 'password']);
    };
    const connection = await host.connect(given).catch(() => undefined);
    await connection?.close();
    return ways;
  };
  const withKey = async (): Promise<{ readonly privateKeyFile: string }> => {
    const privateKeyFile = path.join(host.folder, 'key');
    await writeFile(privateKeyFile, hostKeyPair().private, { mode: 0o600 });
    return { privateKeyFile };
  };

  test('is the key at once, where there is one', async () => {
    // Once to ask whether the key would do, and once with a signature.
    expect(await waysTo('publickey', await withKey())).toEqual(['publickey', 'publickey']);
  });

  test('is the password once the host has told that it takes one', async () => {
    expect(await waysTo('password', { password })).toEqual(['none', 'password']);
  });

  test('is the password after the key', async () => {
    const given = { ...(await withKey()), password };
    expect(await waysTo('password', given)).toEqual(['publickey', 'password']);
  });

  test('is nothing at all, at last, where the host lets in without', async () => {
    expect(await waysTo('none', await withKey())).toEqual(['publickey', 'none']);
  });

  test('is each way once, where none does', async () => {
    const given = { ...(await withKey()), password };
    expect(await waysTo('', given)).toEqual(['publickey', 'password', 'none']);
  });
});
