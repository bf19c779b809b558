import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { observe, readAhead, readAll, readParts } from '../../../src/engine/host/observe.ts';
import { evenWhenStopping, runShort } from '../../../src/engine/host/reading.ts';
import {
  ConnectionLostError,
  ObserveError,
  TimeoutError,
} from '../../../src/engine/model/failures/errors.ts';
import { type Resource, value } from '../../../src/engine/model/resource.ts';
import { type Script, sh } from '../../../src/engine/model/shell/script.ts';
import { onceForAll } from '../../../src/engine/model/shell/shared-shell.ts';
import { testContext } from '../../support/engine-context.ts';
import { ShellConnection } from '../../support/shell-connection.ts';

const context = testContext();

/** A resource of which only its state is of interest: what its script prints. */
function observed(id: string, script: Script): Resource {
  return {
    id,
    observe: script,
    parse: (output) => value(output),
    aim: (found) => found,
    diff: () => [],
    converge: () => sh``,
  };
}

const complaints = sh`
  echo half
  printf '%s\n' one two three four >&2
  exit 7
`;

describe('observing', () => {
  test('reads all in one session; what fails is unknown, for the reason that it gave last', async () => {
    const connection = new ShellConnection();
    const found = await observe(
      connection,
      [observed('a', sh`echo 1`), observed('b', complaints), observed('c', sh`exit 3`)],
      context,
    );
    expect([...found]).toEqual([
      ['a', value('1\n')],
      ['b', { kind: 'unknown', reason: 'two\nthree\nfour' }],
      ['c', { kind: 'unknown', reason: 'exit status 3' }],
    ]);
    expect(connection.sessions).toBe(1);
  });

  test('asks for nothing that was read ahead, whether it failed or not', async () => {
    const connection = new ShellConnection();
    const scripts = [sh`echo early`, sh`echo 1`, complaints];
    const parts = scripts.map((script, i) => ({ id: String(i), script }));
    const ahead = readAhead(parts, await readParts(connection, parts, context), 1);
    expect([...ahead.keys()]).toEqual([sh`echo 1`.text, complaints.text]);

    const [early, one, failing] = ['early', 'one', 'failing'].map((id, i) =>
      observed(id, scripts[i] ?? sh``),
    );
    if (!early || !one || !failing) throw new RangeError('three resources');
    const known = await observe(connection, [one, failing], context, ahead);
    expect(connection.sessions).toBe(1);
    expect([...known.values()]).toEqual([
      value('1\n'),
      { kind: 'unknown', reason: 'two\nthree\nfour' },
    ]);
    const all = await observe(connection, [early, one], context, ahead);
    expect([...all.values()]).toEqual([value('early\n'), value('1\n')]);
    expect(connection.asked[1]?.script.text).not.toContain('echo 1');
  });

  test('a shell that dies on the way is no state', async () => {
    const resources = [observed('a', sh`echo 1`), observed('b', sh`echo why >&2; kill -9 $$`)];
    await expect(observe(new ShellConnection(), resources, context)).rejects.toMatchObject({
      ...{ code: 'E_OBSERVE', host: 'rs1', step: 'observe' },
      message: expect.stringContaining('(exit status none)'),
      cause: expect.stringContaining('why'),
    });
  });

  test('what others need of it has to succeed, part by part', async () => {
    const whole = [
      { id: 'one', script: sh`echo 1` },
      { id: 'two', script: sh`echo 2` },
    ];
    const read = await readAll(new ShellConnection(), whole, context);
    expect([...read]).toEqual([
      ['one', '1\n'],
      ['two', '2\n'],
    ]);
    const broken = [...whole, { id: 'three', script: complaints }];
    const reading = readAll(new ShellConnection(), broken, context);
    await expect(reading).rejects.toThrow(ObserveError);
    await expect(reading).rejects.toMatchObject({ step: 'three', cause: 'two\nthree\nfour' });
  });
});

describe('a host that does not come to the end', () => {
  const late = new TimeoutError('too late');
  const hanging = [
    { id: 'first', script: sh`echo 1` },
    { id: 'disks', script: sh`kill -9 $$` },
  ];

  test.each([
    ['the part that had begun', hanging, 'disks'],
    ['what is read for all', [{ id: 'a', script: onceForAll('links', sh`kill -9 $$`) }], 'links'],
    ['the reading, where nothing had begun', [], 'read'],
  ])('is told with %s', async (_, parts, step) => {
    const reading = readParts(new ShellConnection(late), parts, { ...context, readings: 2 });
    await expect(reading).rejects.toMatchObject({
      ...{ code: 'E_TIMEOUT', host: 'rs1', step, cause: late },
      message: `the host did not come to the end of '${step}' within 120 s`,
    });
  });

  test('and what else ends a reading stays what it is', async () => {
    const lost = new ConnectionLostError('lost');
    await expect(readParts(new ShellConnection(lost), hanging, context)).rejects.toBe(lost);
  });

  test('as many readings as one stands for have their time, and their room', async () => {
    const connection = new ShellConnection();
    await readParts(connection, hanging.slice(0, 1), { ...context, readings: 3 });
    await readParts(connection, hanging.slice(0, 1), { ...context, leastReadingMs: 5000 });
    expect(connection.asked.map(({ options }) => options)).toMatchObject([
      { timeoutMs: 180_000, maxOutputBytes: 3 * 8 * 1024 * 1024 },
      { timeoutMs: 5000, maxOutputBytes: 8 * 1024 * 1024 },
    ]);
  });
});

describe('writing something down while the person asks to stop', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** A connection whose run ends when it is told to. */
  class Waiting extends ShellConnection {
    readonly signals: (AbortSignal | undefined)[] = [];
    end: () => void = () => undefined;

    override run(_script: Script, { signal }: Parameters<ShellConnection['run']>[1] = {}) {
      this.signals.push(signal);
      return new Promise<{ exitCode: number; stdout: string; stderr: string }>((resolve) => {
        this.end = () => {
          resolve({ exitCode: 0, stdout: '', stderr: '' });
        };
      });
    }
  }

  test.each(['before', 'meanwhile'])(
    'it is not cut off, but has ten seconds left: %s',
    async (when) => {
      const [stop, connection] = [new AbortController(), new Waiting()];
      const reason = new Error('stop');
      if (when === 'before') stop.abort(reason);
      const writing = runShort(connection, sh`:`, { signal: stop.signal });
      if (when === 'meanwhile') stop.abort(reason);
      const [signal] = connection.signals;
      jest.advanceTimersByTime(9_999);
      expect(signal?.aborted).toBe(false);
      jest.advanceTimersByTime(1);
      expect(signal).toMatchObject({ aborted: true, reason });
      connection.end();
      await writing;
    },
  );

  test('nothing is left waiting once it is done', async () => {
    const [stop, connection] = [new AbortController(), new Waiting()];
    const writing = runShort(connection, sh`:`, { signal: stop.signal });
    stop.abort();
    connection.end();
    await expect(writing).resolves.toMatchObject({ exitCode: 0 });
    expect(jest.getTimerCount()).toBe(0);

    const again = runShort(connection, sh`:`, { signal: new AbortController().signal });
    connection.end();
    await again;
    expect(jest.getTimerCount()).toBe(0);
  });

  test('what has to be read even then is read under a signal of its own, in less time', () => {
    const stop = new AbortController();
    const before = evenWhenStopping({ signal: stop.signal, leastReadingMs: 60_000 });
    expect(before.leastReadingMs).toBe(60_000);
    stop.abort();
    expect(before.signal.aborted).toBe(false);
    const after = evenWhenStopping({ signal: stop.signal, leastReadingMs: 60_000 });
    expect(after.signal.aborted).toBe(false);
    expect(after.leastReadingMs).toBe(10_000);
  });
});
