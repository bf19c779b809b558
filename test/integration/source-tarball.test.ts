import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { fetchTarball, type SourceTarball } from '../../src/resources/source-tarball.ts';

const content = Buffer.alloc(100_000, 'nginx');
const sha256 = createHash('sha256').update(content).digest('hex');

let folder = '';
let server: Server;
let requests = 0;
let tarball: SourceTarball;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lvslab-cache-'));
  requests = 0;
  server = createServer((request, response) => {
    requests += 1;
    if (request.url === '/gone') response.writeHead(404).end('gone');
    else if (request.url === '/half') {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 50_000), () => response.destroy());
    } else if (request.url === '/silent') {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 50_000));
    } else response.end(request.url === '/other' ? 'another file' : content);
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

function url(what: string): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${what}`;
}

test('is downloaded once, also when two hosts ask at the same time', async () => {
  const cache = path.join(folder, 'made/on/demand');
  const [one, two] = await Promise.all([
    fetchTarball(tarball, cache),
    fetchTarball(tarball, cache),
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
  await expect(fetchTarball(silent, folder, 200)).rejects.toThrow(
    /silent.* nothing came for 0.2 s/,
  );
  expect(readdirSync(folder)).toEqual([]);
});
