import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cancelled } from '../engine/model/failures/cancellation.ts';
import { DownloadError } from '../engine/model/failures/errors.ts';
import { type Downloads, type SourceTarball } from '../resources/nginx/source-tarball.ts';
import { type DownloadLimits, saveUrl, usualLimits } from './save-url.ts';
import { SharedWork } from './shared-work.ts';

/**
 * The downloads of one invocation, kept in a folder on the controller: the local file, the cached one, or a fresh
 * download. A cached file that has gone bad is fetched anew; what has another checksum never gets its name.
 */
export function openDownloads(folder: string, limits: DownloadLimits = usualLimits): Downloads {
  const running = new SharedWork<string>();
  return {
    async fetch(tarball, { signal }) {
      if (tarball.local !== undefined) return await checkLocal(tarball.local, tarball, signal);
      const name = `${tarball.sha256.slice(0, 16)}-${path.basename(tarball.name)}`;
      const file = path.join(folder, name);
      return await running.share(file, signal, (shared) =>
        fromCacheOrUrl(tarball, file, { limits, signal: shared }),
      );
    },
  };
}

async function checkLocal(
  file: string,
  { sha256 }: SourceTarball,
  signal: AbortSignal,
): Promise<string> {
  const found = await sha256Of(file, signal).catch((cause: unknown) => {
    if (signal.aborted) throw cancelled(signal, { step: 'download' });
    throw new DownloadError(`${file} can't be read`, {
      cause,
      step: 'download',
      hint: 'Correct the path in nginx_tarball, or remove it to download the tarball.',
    });
  });
  if (found !== sha256) throw wrongChecksum(file, { found, sha256 });
  return file;
}

interface FetchOptions {
  readonly limits: DownloadLimits;
  readonly signal: AbortSignal;
}

async function fromCacheOrUrl(
  tarball: SourceTarball,
  file: string,
  options: FetchOptions,
): Promise<string> {
  try {
    if ((await cachedSum(file, options.signal)) === tarball.sha256) return file;
    await rm(file, { force: true });
    return await download(tarball, file, options);
  } catch (cause) {
    if (options.signal.aborted) throw cancelled(options.signal, { step: 'download' });
    if (cause instanceof DownloadError) throw cause;
    throw new DownloadError(`${tarball.url} could not be downloaded: ${reasonOf(cause)}`, {
      cause,
      step: 'download',
      hint: 'Check the way to the internet, or download it elsewhere and set nginx_tarball to the file.',
    });
  }
}

/** The checksum of the cached file; undefined where there is none. */
async function cachedSum(file: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await sha256Of(file, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function download(
  { url, sha256 }: SourceTarball,
  file: string,
  { limits, signal }: FetchOptions,
): Promise<string> {
  const part = `${file}.${randomUUID()}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await saveUrl(url, part, { limits, signal });
    const found = await sha256Of(part, signal);
    if (found !== sha256) throw wrongChecksum(url, { found, sha256 });
    await rename(part, file);
    return file;
  } finally {
    await rm(part, { force: true });
  }
}

async function sha256Of(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, { signal });
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
