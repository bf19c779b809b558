import { execFile } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Debian's archive for machines without a network: on a socket in their file system, for as long as it is open. */
export interface ArchiveMirror {
  /** Under which names it was asked so far: 'mirror.example/debian'. */
  asked(): ReadonlySet<string>;
  close(): Promise<void>;
}

/**
 * Opens a mirror whose files are packages that this machine's labs have fetched before, and else what this machine's own apt fetches
 * from `upstream`.
 */
export async function openArchiveMirror({
  socket,
  folder,
  upstream,
  debs,
}: {
  readonly socket: string;
  /** Where it keeps what it has fetched. */
  readonly folder: string;
  /** 'http://mirror.example/debian' */
  readonly upstream: string;
  /** A folder of .deb files, named as apt names them. */
  readonly debs: string;
}): Promise<ArchiveMirror> {
  const asked = new Set<string>();
  const fetched = new Map<string, Promise<string | undefined>>();
  const kept = new Map(
    readdirSync(debs).map((name) => [name.replace(/_\d+%3a/, '_'), path.join(debs, name)]),
  );
  mkdirSync(folder, { recursive: true });
  const fetchOnce = (file: string): Promise<string | undefined> => {
    const known =
      fetched.get(file) ??
      fetchFile(`${upstream.replace(/\/+$/, '')}/${file}`, folder, fetched.size);
    fetched.set(file, known);
    return known;
  };
  const server = createServer((request, response) => {
    const [, root = '', file] =
      /^\/(.+?)\/((?:dists|pool)\/[\w.+~/-]+)$/.exec(decodeURIComponent(request.url ?? '')) ?? [];
    asked.add(`${request.headers.host ?? ''}/${root}`);
    const found =
      file === undefined ? undefined : (kept.get(path.basename(file)) ?? fetchOnce(file));
    void Promise.resolve(found).then((source) => answer(response, request, source));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** apt's own user may not be able to enter the folder. */
const OPTIONS = ['-o', 'APT::Sandbox::User=root'];

/** By this machine's apt, which knows of its proxies. */
async function fetchFile(url: string, folder: string, number: number): Promise<string | undefined> {
  const target = path.join(folder, String(number));
  await run('/usr/lib/apt/apt-helper', [...OPTIONS, 'download-file', url, target]).catch(
    () => undefined,
  );
  return existsSync(target) ? target : undefined;
}

async function answer(
  response: ServerResponse,
  { method }: IncomingMessage,
  source: string | undefined,
): Promise<void> {
  if (source === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-length': statSync(source).size });
  if (method === 'HEAD') response.end();
  // A machine that is switched off meanwhile does not end the test.
  else await pipeline(createReadStream(source), response).catch(() => undefined);
}
