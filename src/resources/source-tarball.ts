import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DownloadError } from '../engine/errors.ts';

export interface SourceTarball {
  /** File name in the cache. */
  readonly name: string;
  readonly url: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** A file on the controller that is used instead of the download, absolute. */
  readonly local?: string;
}

/** Downloads that go on now, so that two hosts that want the same file wait for one of them. */
const running = new Map<string, Promise<string>>();

/** A download that has not ended after this time is given up. */
const PATIENCE_MS = 15 * 60 * 1000;

/** And one of which nothing more comes for this long. */
const SILENCE_MS = 30_000;

/**
 * The path on the controller of a tarball that has this checksum: the local file, the cached one, or a fresh download.
 * A cached file that has gone bad is fetched anew, once.
 * @param silenceMs how long nothing may come before the download is given up.
 * @throws DownloadError
 */
export async function fetchTarball(
  tarball: SourceTarball,
  cacheDir: string,
  silenceMs = SILENCE_MS,
): Promise<string> {
  if (tarball.local !== undefined) return await checkLocal(tarball.local, tarball);
  const file = path.join(cacheDir, `${tarball.sha256.slice(0, 16)}-${path.basename(tarball.name)}`);
  const pending = running.get(file) ?? fromCacheOrUrl(tarball, file, silenceMs);
  running.set(file, pending);
  try {
    return await pending;
  } finally {
    running.delete(file);
  }
}

async function checkLocal(file: string, { sha256 }: SourceTarball): Promise<string> {
  const found = await sha256Of(file).catch((cause: unknown) => {
    throw new DownloadError(`${file} can't be read`, {
      cause,
      step: 'download',
      hint: 'Correct the path in nginx_tarball, or remove it to download the tarball.',
    });
  });
  if (found !== sha256) throw wrongChecksum(file, { found, sha256 });
  return file;
}

async function fromCacheOrUrl(
  tarball: SourceTarball,
  file: string,
  silenceMs: number,
): Promise<string> {
  const cached = await access(file).then(
    () => true,
    () => false,
  );
  if (cached && (await sha256Of(file)) === tarball.sha256) return file;
  await rm(file, { force: true });
  return await download(tarball, file, silenceMs);
}

async function download(
  { url, sha256 }: SourceTarball,
  file: string,
  silenceMs: number,
): Promise<string> {
  const part = `${file}.${process.pid}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await save(url, part, silenceMs);
    const found = await sha256Of(part);
    if (found !== sha256) throw wrongChecksum(url, { found, sha256 });
    await rename(part, file);
    return file;
  } catch (cause) {
    if (cause instanceof DownloadError) throw cause;
    throw new DownloadError(`${url} could not be downloaded: ${reasonOf(cause)}`, {
      cause,
      step: 'download',
      hint: 'Check the way to the internet, or download it elsewhere and set nginx_tarball to the file.',
    });
  } finally {
    await rm(part, { force: true });
  }
}

async function save(url: string, part: string, silenceMs: number): Promise<void> {
  const silence = new AbortController();
  const listen = setTimeout(() => {
    silence.abort(new Error(`nothing came for ${silenceMs / 1000} s`));
  }, silenceMs);
  try {
    await receive(url, part, {
      signal: AbortSignal.any([silence.signal, AbortSignal.timeout(PATIENCE_MS)]),
      onChunk: () => listen.refresh(),
    });
  } finally {
    clearTimeout(listen);
  }
}

async function receive(
  url: string,
  part: string,
  { signal, onChunk }: { readonly signal: AbortSignal; readonly onChunk: () => void },
): Promise<void> {
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null) {
    throw new DownloadError(`${url} answered ${response.status} ${response.statusText}`, {
      step: 'download',
      hint: 'Correct nginx_url, or set nginx_tarball to a file on this machine.',
    });
  }
  const handle = await open(part, 'w');
  try {
    await pipeline(Readable.fromWeb(response.body), async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) {
        onChunk();
        await handle.writeFile(chunk);
      }
    });
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function wrongChecksum(
  where: string,
  { found, sha256 }: { readonly found: string; readonly sha256: string },
): DownloadError {
  return new DownloadError(`${where} has the SHA-256 ${found} instead of ${sha256}`, {
    step: 'download',
    hint: 'Nothing of it was used. Make sure that nginx_version and nginx_sha256 belong together.',
  });
}

/** The innermost cause: fetch itself says only 'fetch failed'. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { readonly message?: string; readonly cause?: unknown };
  return cause === undefined ? (message ?? String(error)) : reasonOf(cause);
}
