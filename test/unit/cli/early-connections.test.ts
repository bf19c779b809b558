import { describe, expect, test } from '@jest/globals';
import { type EngineHost } from '../../../src/engine/apply/survey.ts';
import { type Connection } from '../../../src/engine/model/connection.ts';
import { EarlyConnections } from '../../../src/cli/session/hosts/early-connections.ts';

/** A connection that says whether it was closed. */
function connection(host: string): Connection & { readonly isClosed: () => boolean } {
  let isClosed = false;
  const close = (): Promise<void> => {
    isClosed = true;
    return Promise.resolve();
  };
  return { host, close, isClosed: () => isClosed } as Connection & {
    readonly isClosed: () => boolean;
  };
}

const later = (host: string): Pick<EngineHost<unknown>, 'name' | 'connect'> => {
  let count = 0;
  return {
    name: host,
    connect: () => Promise.resolve(connection(`${host} ${(count += 1)}`)),
  };
};

describe('a connection that was begun early', () => {
  test('is given once, and then another is opened', async () => {
    const early = new EarlyConnections();
    const first = connection('early');
    early.begin('rs1', () => Promise.resolve(first));
    const host = early.given(later('rs1'));
    expect(await host.connect()).toBe(first);
    expect((await host.connect()).host).toBe('rs1 1');
    expect((await early.given(later('rs2')).connect()).host).toBe('rs2 1');
  });

  test('tells of its turn when that comes, or has come already, and not before', async () => {
    const early = new EarlyConnections();
    const beginTurn: (() => void)[] = [];
    for (const host of ['rs1', 'rs2']) {
      early.begin(host, ({ onTurn = () => undefined }) => {
        beginTurn.push(onTurn);
        return Promise.resolve(connection(host));
      });
    }
    const turns: string[] = [];
    const take = (host: string): Promise<Connection> =>
      early.given(later(host)).connect({ onTurn: () => turns.push(host) });
    beginTurn[1]?.();
    await Promise.all([take('rs1'), take('rs2')]);
    expect(turns).toEqual(['rs2']);
    beginTurn[0]?.();
    await Promise.resolve();
    expect(turns).toEqual(['rs2', 'rs1']);
  });

  test('tells whoever takes it why it failed, and nobody else', async () => {
    const early = new EarlyConnections();
    for (const host of ['rs1', 'rs2']) {
      early.begin(host, () => Promise.reject(new Error(`${host} refuses`)));
    }
    await expect(early.given(later('rs1')).connect()).rejects.toThrow('rs1 refuses');
    await early.leaveOthers();
  });

  test('is left when nobody wants it, made or not, and stays when somebody does', async () => {
    const early = new EarlyConnections();
    const [wanted, made] = [connection('wanted'), connection('made')];
    early.begin('rs1', () => Promise.resolve(wanted));
    early.begin('rs2', () => Promise.resolve(made));
    early.begin(
      'rs3',
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('stopped'));
          });
        }),
    );
    await early.leaveOthers(['rs1']);
    expect([wanted.isClosed(), made.isClosed()]).toEqual([false, true]);
    expect(await early.given(later('rs1')).connect()).toBe(wanted);
    await early.leaveOthers();
    expect(wanted.isClosed()).toBe(false);
  });
});
