import { open } from 'node:fs/promises';
import { DownloadError } from '../engine/model/failures/errors.ts';

/** What a download may take; there is no limit on its whole time, for a line may be slow. */
export interface DownloadLimits {
  /** It is given up when nothing has come for this long. */
  readonly silenceMs: number;
  readonly maxBytes: number;
  readonly maxRedirects: number;
}

/** A release of nginx has one or two MiB. */
export const usualLimits: DownloadLimits = {
  silenceMs: 30_000,
  maxBytes: 64 * 1024 ** 2,
  maxRedirects: 5,
};

/**
 * Writes what a URL gives into a new file, and on to the disk.
 * @throws DownloadError, and what `fetch` throws; the file may be there in part then.
 */
export async function saveUrl(
  url: string,
  file: string,
  { limits, signal }: { readonly limits: DownloadLimits; readonly signal: AbortSignal },
): Promise<void> {
  const silence = new AbortController();
  const listen = setTimeout(() => {
    silence.abort(new Error(`nothing came for ${limits.silenceMs / 1000} s`));
  }, limits.silenceMs);
  try {
    const either = AbortSignal.any([signal, silence.signal]);
    const body = await follow(url, { limits, signal: either, onAnswer: () => listen.refresh() });
    await save(body, file, { url, limits, onChunk: () => listen.refresh() });
  } finally {
    clearTimeout(listen);
  }
}

/** The body of what the URL leads to in the end. */
async function follow(
  url: string,
  {
    limits,
    signal,
    onAnswer,
  }: {
    readonly limits: DownloadLimits;
    readonly signal: AbortSignal;
    readonly onAnswer: () => void;
  },
): Promise<ReadableStream<Uint8Array>> {
  let at = url;
  for (let redirects = 0; redirects <= limits.maxRedirects; redirects += 1) {
    const response = await fetch(at, { signal, redirect: 'manual' });
    onAnswer();
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      at = nextUrl(at, location);
      continue;
    }
    if (response.ok && response.body !== null) return response.body;
    await response.body?.cancel();
    throw refused(`${at} answered ${response.status} ${response.statusText}`);
  }
  throw refused(`${url} leads on and on: more than ${limits.maxRedirects} redirects`);
}

function nextUrl(from: string, location: string): string {
  const next = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (next !== undefined && /^https?:$/.test(next.protocol)) return next.href;
  throw refused(`${from} leads to ${location}, which is no address on the web`);
}

async function save(
  body: ReadableStream<Uint8Array>,
  file: string,
  {
    url,
    limits: { maxBytes },
    onChunk,
  }: { readonly url: string; readonly limits: DownloadLimits; readonly onChunk: () => void },
): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const chunk of body) {
      onChunk();
      bytes += chunk.length;
      if (bytes > maxBytes) throw refused(`${url} is more than ${maxBytes / 1024 ** 2} MiB`);
      await handle.writeFile(chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function refused(message: string): DownloadError {
  return new DownloadError(message, {
    step: 'download',
    hint: 'Correct nginx_url, or set nginx_tarball to a file on this machine.',
  });
}
