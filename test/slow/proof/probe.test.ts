import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { type Probe, startProbe } from '../../../src/verify/probe/start-probe.ts';
import { eventually } from '../../support/network/loopback-lab.ts';

// A host's /run is root's; the kernel and curl are this machine's.
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('a probe through a real curl', () => {
  let server: Server;
  let asked: number;
  const nonce = `t3st${process.pid}`;
  const interruption = new AbortController();

  async function listen(port = 0): Promise<number> {
    server = createServer((_request, response) => {
      asked += 1;
      response.end('a page\n');
    });
    // As patient as nginx; a busy client asks late.
    server.keepAliveTimeout = 75_000;
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  async function vanish(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  async function start(port: number, renews = false): Promise<Probe> {
    return await startProbe(openLocalConnection({ host: 'client', become: { kind: 'never' } }), {
      service: { address: '127.0.0.1', port },
      now: () => performance.now(),
      nonce: () => nonce,
      renews,
      signal: interruption.signal,
    });
  }

  const haveAsked = async (count: number): Promise<void> => {
    const goal = asked + count;
    await eventually(() => asked >= goal);
  };

  beforeEach(() => {
    asked = 0;
  });

  afterEach(async () => {
    if (server.listening) await vanish();
  });

  test('loses nothing of a server that is well, and says what was done meanwhile', async () => {
    const probe = await start(await listen());
    probe.mark('first this');
    await haveAsked(8);
    probe.mark('then that');
    await haveAsked(8);
    const { report, error } = await probe.stop();
    expect(error).toBeUndefined();
    expect(readdirSync('/run').filter((name) => name.includes(nonce))).toEqual([]);
    expect(report).toMatchObject({ lost: { refused: 0, timedOut: 0, otherwise: 0 }, held: 4 });
    expect(report.broken).toEqual([]);
    expect(report.requests).toBe(report.answered);
    expect(report.periods.map(({ what }) => what)).toEqual(['first this', 'then that']);
  });

  test('sees a server go away and come again: refused requests, a gap, broken connections', async () => {
    const port = await listen();
    const probe = await start(port, true);
    await haveAsked(12);
    await vanish();
    // Long enough for a busy client to ask some times.
    await sleep(4000);
    await listen(port);
    await haveAsked(12);
    const { report } = await probe.stop();
    expect(report.lost.refused).toBeGreaterThan(5);
    expect(report.lost.timedOut).toBe(0);
    expect(report.longestGapMs).toBeGreaterThan(1000);
    expect(report.broken.map(({ held }) => held).toSorted()).toEqual([1, 2, 3, 4]);
    expect(report.answered).toBeGreaterThan(5);
  });

  test('while it is paused nothing is asked, and a pause is no gap', async () => {
    const probe = await start(await listen());
    await haveAsked(8);
    await probe.pause();
    const then = asked;
    // Longer than any gap that a busy machine makes by itself.
    const pausedMs = 4000;
    await sleep(pausedMs);
    expect(asked).toBe(then);
    await probe.resume();
    await haveAsked(8);
    const { report } = await probe.stop();
    expect(report.lost).toEqual({ refused: 0, timedOut: 0, otherwise: 0 });
    expect(report.longestGapMs).toBeLessThan(pausedMs);
    expect(report.broken).toEqual([]);
  });

  test('nobody there from the beginning', async () => {
    const port = await listen();
    await vanish();
    const probe = await start(port);
    await sleep(500);
    const { report } = await probe.stop();
    expect(report).toMatchObject({ answered: 0, held: 0, broken: [] });
    expect(report.lost.refused).toBe(report.requests);
    await listen(port);
  });

  test('ends when nobody reads it any more', async () => {
    const port = await listen();
    const aborted = new AbortController();
    const connection = openLocalConnection({ host: 'client', become: { kind: 'never' } });
    const probe = await startProbe(connection, {
      service: { address: '127.0.0.1', port },
      ...{ now: () => performance.now(), nonce: () => nonce, renews: true, signal: aborted.signal },
    });
    await haveAsked(5);
    aborted.abort();
    const { error } = await probe.stop();
    expect(error).toMatchObject({ code: 'E_CANCELLED' });
    await eventually(() => !existsSync(`/run/lvslab-probe-${nonce}`));
    // A request that had begun may still come.
    await sleep(1500);
    const then = asked;
    await sleep(1500);
    expect(asked).toBe(then);
  });
});
