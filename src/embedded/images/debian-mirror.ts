import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { EmbeddedLabError, UsageError } from '../../engine/model/failures/errors.ts';
import { projectPath } from '../../project-files.ts';
import { type AptSource, machineSources } from './apt-archive.ts';

const packaged = projectPath('templates/embedded/debian');

/** Where the keyring of Debian's archive lies on machines that have it as a package. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** A list of mirrors that somebody keeps on this machine; it takes the place of the packaged one. */
const OWN_LIST = '/etc/lvslab/debian-mirrors';
const STEP = 'Debian mirror';
/** How long a mirror may take to answer, in milliseconds. */
const ANSWER_MS = 15_000;

export interface MirrorOptions {
  /** A mirror of Debian's main archive that was asked for: 'http://mirror.example/debian'. */
  readonly mirror?: string | undefined;
  readonly cache: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where the packages of the hosts come from: the mirror that was asked for, else where this machine gets Debian from, else
 * the first mirror of a list that answers. All of them are verified by the keyring of Debian's archive.
 * @throws UsageError for what can be no mirror, EmbeddedLabError when none answers.
 */
export async function debianSources(
  suite: string,
  { mirror, cache, signal }: MirrorOptions,
): Promise<readonly AptSource[]> {
  const keyring = await archiveKeyring(cache);
  if (mirror !== undefined) return [source(keyring, mirrorUrl(mirror), suite)];
  const own = await machineSources({ suite, keyring, signal });
  if (own.length > 0) return own;
  return [source(keyring, await firstThatAnswers(suite, signal), suite)];
}

function source(keyring: string, url: string, suite: string): AptSource {
  return `[signed-by=${keyring}] ${url} ${suite} main`;
}

/** Reads a mirror's URL; what apt would take for another word of its source line is none. */
function mirrorUrl(text: string): string {
  if (/^(https?|file):\/\/[^\s[\]#]+$/.test(text)) return text.replace(/\/+$/, '');
  throw new UsageError(`“${text.slice(0, 200)}” can't be a mirror of Debian`, {
    hint: 'Give its URL, as in `lvslab … --mirror http://ftp.debian.org/debian`.',
  });
}

/** The mirrors of a list: a URL a line, comments begin with '#'. */
export function parseMirrors(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const url = line.replace(/#.*/, '').trim();
    return url === '' ? [] : [mirrorUrl(url)];
  });
}

async function firstThatAnswers(suite: string, signal: AbortSignal | undefined): Promise<string> {
  const file = existsSync(OWN_LIST) ? OWN_LIST : path.join(packaged, 'mirrors');
  const mirrors = parseMirrors(await readFile(file, 'utf8'));
  for (const mirror of mirrors) if (await answers(mirror, suite, signal)) return mirror;
  throw new EmbeddedLabError(`no mirror of Debian answers: ${mirrors.join(', ')}`, {
    step: STEP,
    hint: `Check the network, or name a mirror with \`lvslab … --mirror URL\` or in ${OWN_LIST}.`,
  });
}

async function answers(
  mirror: string,
  suite: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const release = `${mirror}/dists/${suite}/InRelease`;
  if (mirror.startsWith('file:')) return existsSync(fileURLToPath(release));
  const late = AbortSignal.timeout(ANSWER_MS);
  const stop = signal === undefined ? late : AbortSignal.any([late, signal]);
  try {
    return (await fetch(release, { method: 'HEAD', signal: stop })).ok;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}

/** The keyring of this machine, or the one that comes with lvslab, where apt's own user can read it. */
async function archiveKeyring(cache: string): Promise<string> {
  if (existsSync(KEYRING)) return KEYRING;
  const folder = path.join(cache, 'keyrings');
  const keyring = path.join(folder, 'debian-archive-keyring.gpg');
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await copyFile(path.join(packaged, 'archive-keyring.gpg'), `${keyring}.half`);
  await rename(`${keyring}.half`, keyring);
  return keyring;
}
