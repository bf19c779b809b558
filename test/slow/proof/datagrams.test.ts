import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { type DatagramOrder, sendDatagrams } from '../../../src/verify/readings/datagrams.ts';
import { type RequestBatch } from '../../../src/verify/readings/request-batch.ts';

let server: Socket;
const ports = new Set<number>();

beforeEach(async () => {
  ports.clear();
  server = createSocket('udp4');
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.close();
});

async function send(
  count: number,
  { port = server.address().port, ...more }: Partial<DatagramOrder> = {},
): Promise<RequestBatch> {
  const client = openLocalConnection({ host: 'client', become: { kind: 'never' } });
  const order = { address: '127.0.0.1', port, count, nonce: 'n0nce', maxPageBytes: 100, ...more };
  return await sendDatagrams(client, order, { signal: new AbortController().signal });
}

test('each datagram comes from a port of its own, and its answer is kept byte for byte', async () => {
  const bodies = ['192.168.2.128\n', '0 n0nce', 'two words\n\n', ''];
  server.on('message', (_, { port }) => {
    server.send(bodies[ports.size] ?? '', port);
    ports.add(port);
  });
  const { results, asked } = await send(4);
  expect(asked).toBe(4);
  expect(results.map(({ exitCode, body }) => [exitCode, body])).toEqual(
    bodies.map((body) => [0, body]),
  );
  expect(ports.size).toBe(4);
});

test('no port is used twice, nor one that is taken, however few are left', async () => {
  const [first = 0, last = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
    .split('\t')
    .map(Number);
  const free = 9000;
  const taken = Array.from({ length: last - first - free }, (_, i) => first + i);
  server.on('message', (_, { port }) => {
    server.send(ports.has(port) || taken.includes(port) ? 'known' : 'new', port);
    ports.add(port);
  });
  const { results } = await send(200, { taken });
  expect(results.filter(({ body }) => body !== 'new')).toEqual([]);
  expect(results).toHaveLength(200);
}, 60_000);

test('what nobody listens for is refused', async () => {
  const other = createSocket('udp4');
  other.bind(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address();
  other.close();
  await once(other, 'close');
  expect((await send(2, { port })).results.map(({ exitCode }) => exitCode)).toEqual([7, 7]);
});

test('what is not answered times out, and five of these are enough', async () => {
  const { results } = await send(7);
  expect(results.map(({ exitCode }) => exitCode)).toEqual(Array(5).fill(28));
}, 60_000);
