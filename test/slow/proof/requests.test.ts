import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { readAnswers } from '../../../src/verify/readings/answers.ts';
import { makeRequests, type RequestBatch } from '../../../src/verify/readings/request-batch.ts';
import { verifyLab } from '../../../src/verify/verify-lab.ts';
import { LoopbackLab } from '../../support/network/loopback-lab.ts';

let toy: LoopbackLab;

beforeEach(async () => {
  toy = new LoopbackLab();
  await toy.open();
});

afterEach(async () => {
  await toy.close();
});

describe('requests through a real curl', () => {
  async function request(url: string, count: number): Promise<RequestBatch> {
    const client = openLocalConnection({ host: 'client', become: { kind: 'never' } });
    const { signal } = toy.interruption;
    return await makeRequests(
      client,
      { url, count, nonce: 'n0nce', maxPageBytes: 4096 },
      { signal },
    );
  }

  test('every answer is kept byte for byte and in order, each over a connection of its own', async () => {
    const ports = new Set<number>();
    const bodies = ['one\n', 'two 0 200 127.0.0.1\n\n', '', '\n', 'ünï%code', 'six'];
    let turn = 0;
    const server = createServer((request, response) => {
      ports.add(request.socket.remotePort ?? 0);
      response.statusCode = turn === 5 ? 503 : 200;
      response.end(bodies[turn++]);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { results } = await request(`http://127.0.0.1:${port}/?a='$(reboot)'&b=[1-3]`, 6);
    server.close();
    expect(results.map(({ body }) => body)).toEqual(bodies);
    expect(results.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 503]);
    expect(new Set(results.map(({ clientAddress }) => clientAddress))).toEqual(
      new Set(['127.0.0.1']),
    );
    expect(ports.size).toBe(6);
  });

  test('many are made in order by few curls, from ports of their own, and what fails in between is told', async () => {
    const ports = new Set<number>();
    let asked = 0;
    const server = createServer((request, response) => {
      ports.add(request.socket.remotePort ?? 0);
      asked += 1;
      if (asked === 60) request.socket.destroy();
      else response.end(`${asked}\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { results } = await request(`http://127.0.0.1:${port}/`, 130);
    server.close();
    const expected = Array.from({ length: 130 }, (_, i) =>
      i === 59 ? [52, ''] : [0, `${i + 1}\n`],
    );
    expect(results.map(({ exitCode, body }) => [exitCode, body])).toEqual(expected);
    expect(asked).toBe(130);
    // One that is in use is passed over, so the next request may have the one that was taken instead.
    expect(ports.size).toBeGreaterThan(100);
  });

  test.each([
    ['that tells its length', { 'content-length': String(3 * 1024 ** 3) }],
    ['that does not', {}],
  ])('a page without end %s is cut short, and the server is blamed', async (_, headers) => {
    const page = Buffer.alloc(64 * 1024, 'x\n200 10.0.0.1 ');
    let sent = 0;
    const server = createServer((_request, response) => {
      response.writeHead(200, headers);
      const more = (): void => {
        while (!response.destroyed && response.write(page)) sent += page.length;
        response.once('drain', more);
      };
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const batch = await request(`http://127.0.0.1:${port}/`, 3);
    server.closeAllConnections();
    server.close();
    expect(batch.results.map(({ isTooLong }) => isTooLong)).toEqual([true, true, true]);
    expect(Math.max(...batch.results.map(({ body }) => body.length))).toBeLessThan(8192);
    expect(sent).toBeLessThan(64 * 1024 ** 2);
    expect(readAnswers(batch, toy.test.lab.realServers)[0]).toMatchObject({
      kind: 'strange',
      what: expect.stringMatching(/^a server behind the VIP sends a page that is longer/),
    });
  });

  test('a refused connection is status 7, and all of them are tried', async () => {
    const { results } = await request('http://127.0.0.1:1/', 12);
    expect(results.map(({ exitCode, body }) => [exitCode, body])).toEqual(Array(12).fill([7, '']));
  });

  test('time-outs cost seconds each, so five of them end the batch', async () => {
    toy.faults.set('client', 'curl() { [ "$i" -gt 3 ] || return 7; return 28; }');
    const { signal } = toy.interruption;
    const order = { url: 'http://127.0.0.1:1/', count: 300, nonce: 'n0nce', maxPageBytes: 99 };
    const { results, asked } = await makeRequests(toy.connection('client'), order, { signal });
    expect(results.map(({ exitCode }) => exitCode)).toEqual([
      7,
      7,
      7,
      ...Array<number>(5).fill(28),
    ]);
    expect(asked).toBe(300);
  });

  test('a client without curl is named', async () => {
    toy.faults.set('client', 'command() { return 1; }');
    await expect(verifyLab(toy.test, { requests: 3, restart: false })).rejects.toMatchObject({
      code: 'E_MISSING_ON_HOST',
      host: 'client',
    });
  });
});
