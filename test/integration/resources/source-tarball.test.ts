import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { openDownloads } from '../../../src/downloads/fetch-tarball.ts';
import { type DownloadLimits, usualLimits } from '../../../src/downloads/save-url.ts';
import { type SourceTarball } from '../../../src/resources/nginx/source-tarball.ts';

const content = Buffer.alloc(100_000, 'nginx');
const sha256 = createHash('sha256').update(content).digest('hex');

let folder = '';
let server: Server;
let requests = 0;
let tarball: SourceTarball;
let begun: { readonly promise: Promise<void>; resolve: () => void };
let interruption: AbortController;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lvslab-cache-'));
  requests = 0;
  begun = gate();
  interruption = new AbortController();
  server = createServer((request, response) => {
    requests += 1;
    if (request.url === '/gone') response.writeHead(404).end('gone');
    else if (request.url === '/half') {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 50_000), () => response.destroy());
    } else if (request.url === '/silent') {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 50_000), () => {
        begun.resolve();
      });
    } else if (request.url === '/endless') {
      const more = (): void => {
        while (!response.destroyed && response.write(content));
        response.once('drain', more);
      };
      more();
    } else if (request.url === '/round') response.writeHead(302, { location: '/round' }).end();
    else if (request.url === '/file') {
      response.writeHead(302, { location: 'file:///etc/passwd' }).end();
    } else if (request.url === '/moved') response.writeHead(301, { location: '/good' }).end();
    else response.end(request.url === '/other' ? 'another file' : content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  tarball = { name: 'nginx-1.tar.gz', url: url('/good'), sha256 };
});
afterEach(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  rmSync(folder, { recursive: true, force: true });
});

function gate(): typeof begun {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

function fetchTarball(
  wanted: SourceTarball,
  cache: string,
  limits: Partial<DownloadLimits> = {},
): Promise<string> {
  const { signal } = interruption;
  return openDownloads(cache, { ...usualLimits, ...limits }).fetch(wanted, { signal });
}

function url(what: string): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${what}`;
}

test('is downloaded once, also when two hosts ask at the same time', async () => {
  const cache = path.join(folder, 'made/on/demand');
  const downloads = openDownloads(cache);
  const { signal } = interruption;
  const [one, two] = await Promise.all([
    downloads.fetch(tarball, { signal }),
    downloads.fetch(tarball, { signal }),
  ]);
  const three = await fetchTarball(tarball, cache);
  expect([two, three]).toEqual([one, one]);
  expect(readFileSync(one)).toEqual(content);
  expect(requests).toBe(1);
});

test('a cached file that has gone bad is fetched anew', async () => {
  const file = await fetchTarball(tarball, folder);
  writeFileSync(file, 'flipped');
  expect(readFileSync(await fetchTarball(tarball, folder))).toEqual(content);
  expect(requests).toBe(2);
});

test.each([
  ['/gone', '404'],
  ['/half', 'could not be downloaded'],
  ['/other', 'instead of'],
  ['/round', 'more than 5 redirects'],
  ['/file', 'leads to file:///etc/passwd'],
])('%s is a download error, and the cache stays empty', async (what, message) => {
  await expect(fetchTarball({ ...tarball, url: url(what) }, folder)).rejects.toMatchObject({
    code: 'E_DOWNLOAD',
    message: expect.stringContaining(message),
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('nobody listening is a download error that says so', async () => {
  const nowhere = { ...tarball, url: 'http://127.0.0.1:9/nginx' };
  await expect(fetchTarball(nowhere, folder)).rejects.toMatchObject({
    code: 'E_DOWNLOAD',
    message: expect.stringMatching(/ECONNREFUSED|bad port/),
  });
});

test('a local file is used where it lies, but only when it is the right one', async () => {
  const local = path.join(folder, 'mine.tar.gz');
  writeFileSync(local, content);
  await expect(fetchTarball({ ...tarball, local }, '/nowhere')).resolves.toBe(local);
  writeFileSync(local, 'wrong');
  await expect(fetchTarball({ ...tarball, local }, '/nowhere')).rejects.toMatchObject({
    code: 'E_DOWNLOAD',
  });
  expect(readFileSync(local, 'utf8')).toBe('wrong');
  await expect(
    fetchTarball({ ...tarball, local: path.join(folder, 'none') }, '/nowhere'),
  ).rejects.toMatchObject({ code: 'E_DOWNLOAD' });
  expect(requests).toBe(0);
});

test('a server that falls silent is given up, and nothing of it is kept', async () => {
  const silent = { ...tarball, url: url('/silent') };
  await expect(fetchTarball(silent, folder, { silenceMs: 200 })).rejects.toThrow(
    /silent.* nothing came for 0.2 s/,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('a file that has moved is fetched where it is now', async () => {
  const file = await fetchTarball({ ...tarball, url: url('/moved') }, folder);
  expect(readFileSync(file)).toEqual(content);
});

test('a file without end is given up at its limit, and nothing of it is kept', async () => {
  const endless = { ...tarball, url: url('/endless') };
  await expect(fetchTarball(endless, folder, { maxBytes: 1024 ** 2 })).rejects.toMatchObject({
    code: 'E_DOWNLOAD',
    message: expect.stringContaining('is more than 1 MiB'),
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('a request to stop ends it in the middle, and nothing of it is kept', async () => {
  const pending = fetchTarball({ ...tarball, url: url('/silent') }, folder);
  void begun.promise.then(() => {
    interruption.abort();
  });
  await expect(pending).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect(readdirSync(folder)).toEqual([]);
  await expect(fetchTarball(tarball, folder)).rejects.toMatchObject({ code: 'E_CANCELLED' });
});

test('one of two that gives up does not stop the other', async () => {
  const downloads = openDownloads(folder);
  const silent = { ...tarball, url: url('/silent') };
  const other = new AbortController();
  const one = downloads.fetch(silent, { signal: interruption.signal });
  const two = downloads.fetch(silent, { signal: other.signal });
  const ends = [one, two].map((end) => expect(end).rejects.toMatchObject({ code: 'E_CANCELLED' }));
  await begun.promise;
  while (readdirSync(folder).length === 0) await sleep(10);
  interruption.abort();
  await ends[0];
  expect(readdirSync(folder)).toHaveLength(1);
  other.abort();
  await ends[1];
  expect(readdirSync(folder)).toEqual([]);
  expect(requests).toBe(1);
});
