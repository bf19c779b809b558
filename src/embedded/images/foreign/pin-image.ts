import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { EmbeddedLabError } from '../../../engine/model/failures/errors.ts';
import { type ProgramOptions, runProgram } from '../../machine/programs.ts';
import { type ImageReference } from './image-reference.ts';

/** An image as it was when a lab was made of it, whatever its name comes to mean. */
export interface PinnedImage {
  /** As it was given. */
  readonly reference: string;
  /** What names exactly this image: with a digest where there are registries. */
  readonly source: string;
  /** SHA-256 of what the image is made of, in hex. */
  readonly digest: string;
}

const STEP = 'image';

/**
 * Asks which image a name stands for now.
 * @throws EmbeddedLabError where there is none, or it can't be reached.
 */
export async function pinImage(
  reference: string,
  parsed: ImageReference,
  running: Pick<ProgramOptions, 'signal'>,
): Promise<PinnedImage> {
  if (parsed.kind === 'tarball') {
    const hash = createHash('sha256');
    await pipeline(createReadStream(parsed.file), hash, { signal: running.signal });
    return { reference, source: parsed.file, digest: hash.digest('hex') };
  }
  const argv = ['skopeo', 'inspect', ...tlsWords(parsed), '--format', '{{.Digest}}', parsed.source];
  const said = await runProgram(argv, {
    ...running,
    step: STEP,
    hint: 'Look whether `skopeo inspect` finds it; log in with `skopeo login` where the registry asks for that.',
  });
  const [, digest] = /^sha256:([0-9a-f]{64})$/.exec(said.trim()) ?? [];
  if (digest === undefined) {
    throw new EmbeddedLabError(`skopeo tells no digest of ${parsed.source}`, { step: STEP });
  }
  return { reference, source: pinned(parsed, digest), digest };
}

/** What skopeo is told of a registry on this machine, which speaks plain HTTP. */
export function tlsWords({ isLocal, kind }: { isLocal: boolean; kind: string }): readonly string[] {
  return isLocal && kind === 'registry' ? ['--tls-verify=false'] : [];
}

/** A name in a registry can come to mean another image meanwhile; its digest can't. */
function pinned(
  { kind, source }: { readonly kind: string; readonly source: string },
  digest: string,
): string {
  if (kind !== 'registry') return source;
  const name = source.replace(/@sha256:[0-9a-f]{64}$/, '').replace(/:[\w.-]+$/, '');
  return `${name}@sha256:${digest}`;
}
