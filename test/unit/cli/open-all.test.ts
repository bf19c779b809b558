import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { openAll } from '../../../src/cli/session/hosts/open-all.ts';
import { cancelled } from '../../../src/engine/model/failures/cancellation.ts';
import { type Connection } from '../../../src/engine/model/connection.ts';
import { CancelledError, ConnectError } from '../../../src/engine/model/failures/errors.ts';

/** Hosts that answer as they are told to, and what has become of their connections. */
class Hosts {
  readonly open = new Set<string>();

  connection(host: string): Connection {
    this.open.add(host);
    const close = (): Promise<void> => {
      this.open.delete(host);
      return Promise.resolve();
    };
    return { host, close } as unknown as Connection;
  }

  /** 'refuses', 'accepts', 'accepts late', 'never answers' */
  readonly connect = async (host: string, signal: AbortSignal): Promise<Connection> => {
    if (host.startsWith('refuses')) throw new ConnectError(`${host} refused`, { host });
    if (host === 'accepts late') await sleep(20);
    if (host === 'never answers') {
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(cancelled(signal, { host }));
        });
      });
    }
    return this.connection(host);
  };
}

describe('connecting to all hosts', () => {
  const { signal } = new AbortController();

  test('gives every connection', async () => {
    const hosts = new Hosts();
    const opened = await openAll(['accepts', 'accepts late', 'accepts'], hosts.connect, signal);
    expect('connections' in opened && [...opened.connections.keys()]).toEqual([
      'accepts',
      'accepts late',
    ]);
    expect([...hosts.open]).toEqual(['accepts', 'accepts late']);
  });

  test('tells all that fail, and leaves nothing open, not even what came later', async () => {
    const hosts = new Hosts();
    const names = ['accepts', 'refuses', 'accepts late', 'refuses, too'];
    const opened = await openAll(names, hosts.connect, signal);
    expect('failures' in opened && opened.failures.map(({ host }) => host)).toEqual([
      'refuses',
      'refuses, too',
    ]);
    expect([...hosts.open]).toEqual([]);
  });

  test('does not wait for a host that may never answer, and blames it for nothing', async () => {
    const opened = await openAll(['refuses', 'never answers'], new Hosts().connect, signal, 10);
    expect(opened).toEqual({ failures: [{ host: 'refuses', error: expect.any(ConnectError) }] });
  });

  test('ends when it is asked to, and leaves nothing open', async () => {
    const hosts = new Hosts();
    const stop = new AbortController();
    const opening = openAll(['accepts', 'never answers'], hosts.connect, stop.signal);
    stop.abort();
    await expect(opening).rejects.toThrow(CancelledError);
    expect([...hosts.open]).toEqual([]);
  });

  test('a mistake in lvslab itself is thrown, and leaves nothing open', async () => {
    const hosts = new Hosts();
    const connect = async (host: string, abort: AbortSignal): Promise<Connection> => {
      if (host === 'wrong') throw new TypeError('oops');
      return await hosts.connect(host, abort);
    };
    await expect(openAll(['wrong', 'accepts late'], connect, signal)).rejects.toThrow('oops');
    expect([...hosts.open]).toEqual([]);
  });
});
