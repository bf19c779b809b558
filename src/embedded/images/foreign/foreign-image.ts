import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';

import { EmbeddedLabError } from '../../../engine/model/failures/errors.ts';
import { type Tell } from '../../lab/lab-event.ts';
import { withLock } from '../../lab/lab-lock.ts';
import { type ProgramOptions, removeTree, runProgram } from '../../machine/programs.ts';
import { systemdRelease } from '../image-systemd.ts';
import { adaptRoot, insideRoot } from './adapt-root.ts';
import { type ImageReference, parseImageReference } from './image-reference.ts';
import { type PinnedImage, tlsWords } from './pin-image.ts';

const STEP = 'image';
/** Downloads and a package manager on a busy machine, in seconds. */
const MAKING_SECONDS = 3600;

export interface ForeignImageOptions extends Pick<ProgramOptions, 'signal'> {
  readonly cache: string;
  readonly cgroup: string;
  readonly tell: Tell;
}

/** The name of the image's folder in the cache. */
function foreignImageName({ digest }: PinnedImage): string {
  return `image-${digest.slice(0, 16)}`;
}

/**
 * Resolves to the root directory of somebody else's image that has what a host needs, made now or taken from the cache.
 * It is never half made.
 * @throws EmbeddedLabError
 */
export async function provideForeignImage(
  image: PinnedImage,
  options: ForeignImageOptions,
): Promise<string> {
  const { cache, tell, signal } = options;
  const name = foreignImageName(image);
  const root = path.join(cache, 'images', name);
  if (existsSync(root)) tell.note('from the cache');
  else {
    const file = path.join(cache, 'locks', name);
    const what = `the image ${image.reference}`;
    await withLock({ file, waitSeconds: MAKING_SECONDS, what, signal }, async () => {
      if (!existsSync(root)) await make(image, { ...options, root });
    });
  }
  await checkHierarchy(root, image);
  return root;
}

async function make(
  image: PinnedImage,
  { cache, cgroup, tell, signal, root }: ForeignImageOptions & { readonly root: string },
): Promise<void> {
  const half = path.join(cache, 'images', `.half-made-${path.basename(root)}`);
  const running = { step: STEP, cgroup, signal, limitMs: MAKING_SECONDS * 1000 };
  await removeTree(half, { signal });
  await mkdir(half, { recursive: true });
  tell.progress('fetching');
  const unpacked = await unpack(sourceOf(image), half, running);
  tell.progress('adding what a host needs');
  const script = insideRoot(unpacked, adaptRoot);
  await runProgram([...PRIVATE, 'sh', '-c', script.text], {
    ...running,
    hint: 'What the image lacks is installed from its own mirrors: check the network, or take an image that has systemd and sshd.',
    onLine: (line) => {
      tell.progress(line.slice(0, 100));
    },
  });
  await rename(unpacked, root);
  await removeTree(half, { signal });
}

/** What is mounted and started for the image goes with the first process of it. */
const PRIVATE: readonly string[] = [
  ...['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--'],
];

/** The reference again, by its digest where it has one. */
function sourceOf({ reference, source }: PinnedImage): ImageReference {
  const parsed = parseImageReference(reference);
  return parsed.kind === 'tarball' ? { ...parsed, file: source } : { ...parsed, source };
}

/** Resolves to the folder of the image's files. */
async function unpack(
  image: ImageReference,
  half: string,
  running: ProgramOptions,
): Promise<string> {
  if (image.kind === 'tarball') {
    const root = path.join(half, 'root');
    await mkdir(root);
    const words = ['--numeric-owner', '--xattrs', '--xattrs-include=*', '-xpf', image.file];
    await runProgram(['tar', '-C', root, ...words], running);
    return root;
  }
  const layout = `oci:${path.join(half, 'layout')}:image`;
  const tls = tlsWords(image).map((word) => `--src${word.slice(1)}`);
  await runProgram(['skopeo', 'copy', '--quiet', ...tls, image.source, layout], running);
  const bundle = path.join(half, 'bundle');
  const from = `${path.join(half, 'layout')}:image`;
  await runProgram(['umoci', 'unpack', '--image', from, bundle], running);
  return path.join(bundle, 'rootfs');
}

/** systemd before 230 knows nothing of the unified hierarchy of control groups. */
async function checkHierarchy(root: string, { reference }: PinnedImage): Promise<void> {
  const isUnified = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const release = await systemdRelease(root);
  if (!isUnified || (release !== undefined && release >= 230)) return;
  throw new EmbeddedLabError(
    `the systemd of ${reference} is too old for containers on this machine, which has the unified hierarchy of control groups only`,
    { step: STEP, hint: 'Take another image, or `lvslab … --flavour el7` for a CentOS 7.' },
  );
}
