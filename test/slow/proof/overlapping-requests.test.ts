import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { makeRequests, type RequestBatch } from '../../../src/verify/readings/request-batch.ts';

let server: Server;
/** What becomes of the n-th request. */
let answer: (place: number) => { readonly body: string; readonly afterMs?: number } | 'never';

beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    // On a busy machine they arrive in another order than they were made in.
    const given = answer(Number(url.slice(1)));
    if (given === 'never') return;
    setTimeout(() => response.end(given.body), given.afterMs ?? 0);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function ask(count: number): Promise<RequestBatch & { readonly seconds: number }> {
  const { port } = server.address() as AddressInfo;
  const urls = Array.from({ length: count }, (_, i) => `http://127.0.0.1:${port}/${i + 1}`);
  const [url = '', ...moreUrls] = urls;
  const order = {
    ...{ url, moreUrls, count, nonce: 'n0nce', maxPageBytes: 3000 },
    ...{ connectSeconds: 2, everySeconds: 0.1 },
  };
  const began = Date.now();
  const { signal } = new AbortController();
  const batch = await makeRequests(openLocalConnection({ host: 'client' }), order, { signal });
  return { ...batch, seconds: (Date.now() - began) / 1000 };
}

test('requests that hang do not wait for each other, and none is given up', async () => {
  answer = (place) => (place % 2 === 0 ? 'never' : { body: `page ${place}` });
  const { results, seconds } = await ask(12);
  expect(results.map(({ exitCode }) => exitCode)).toEqual(
    Array.from({ length: 12 }, (_, i) => (i % 2 === 1 ? 28 : 0)),
  );
  expect(results[10]?.body).toBe('page 11');
  // One after the other it would be 24 s.
  expect(seconds).toBeLessThan(15);
});

test('answers that overtake each other come in the order of their requests, none mixed with another', async () => {
  answer = (place) => ({ body: `${place} `.repeat(700).trim(), afterMs: 1200 - 100 * place });
  const { results } = await ask(10);
  expect(results.map(({ body }) => new Set(body.split(' ')).size)).toEqual(
    Array.from({ length: 10 }, () => 1),
  );
  expect(results.map(({ body, status }) => `${body.split(' ')[0]} ${status}`)).toEqual(
    Array.from({ length: 10 }, (_, i) => `${i + 1} 200`),
  );
});

test('pages that are too long, of many lines, or of zero bytes and percent signs are told as far as they are wanted', async () => {
  const pages = ['x'.repeat(9000), 'a\n\nb\n', '%s %n \\n\\0 $(id) `id`', ''];
  answer = (place) => ({ body: pages[place - 1] ?? '' });
  const { results } = await ask(4);
  expect(results[0]).toMatchObject({ isTooLong: true });
  expect(results.slice(1).map(({ body }) => body)).toEqual(['a\n\nb\n', pages[2], '']);
});
