import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';

import { type Script, sh } from '../../engine/model/shell/script.ts';
import { type AptSource, whenOutOfReach } from './apt-archive.ts';
import { withLock } from '../lab/lab-lock.ts';
import { type Tell } from '../lab/lab-event.ts';
import { removeTree, runProgram } from '../machine/programs.ts';
import { customizeHooks } from './image-hooks.ts';
import { basePackages, type ImageRecipe, suite } from './recipes/image-recipe.ts';
import { writeRootFiles } from './root-files.ts';

export interface ImageOptions {
  readonly cache: string;
  readonly sources: () => Promise<readonly AptSource[]>;
  /** The control group in which the build runs. */
  readonly cgroup: string;
  readonly tell: Tell;
  readonly signal?: AbortSignal | undefined;
}

/** How long another build of the same image may take before we stop waiting for it; on a busy machine that is long. */
const BUILD_SECONDS = 3600;

/** The name of the image's folder in the cache. */
export function imageName(recipe: ImageRecipe): string {
  return `${recipe.flavour}-${imageKey(recipe)}`;
}

/** Names what the image is made of: two recipes with the same key make the same image. */
export function imageKey(recipe: ImageRecipe): string {
  const { include, offline, files } = recipe;
  const parts = [
    recipe.suite ?? suite,
    basePackages,
    include,
    offline,
    files,
    customizeHooks(recipe, ''),
    aptAndDpkg,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** Resolves to the root directory of the image, built now or taken from the cache. It is never half made. */
export async function provideImage(recipe: ImageRecipe, options: ImageOptions): Promise<string> {
  const { cache, tell } = options;
  const root = path.join(cache, 'images', imageName(recipe));
  if (existsSync(root)) {
    tell.note('from the cache');
    return root;
  }
  const file = path.join(cache, 'locks', `image-${recipe.flavour}`);
  const what = `the ${recipe.flavour} image`;
  const waiting = {
    waitSeconds: BUILD_SECONDS,
    onWait: (text: string) => {
      tell.progress(text);
    },
  };
  await withLock({ file, what, ...waiting, signal: options.signal }, async () => {
    // Another lab may have built it while we waited.
    if (!existsSync(root)) await buildImage(recipe, { ...options, root });
  });
  return root;
}

async function buildImage(
  recipe: ImageRecipe,
  { cache, sources, cgroup, tell, signal, root }: ImageOptions & { readonly root: string },
): Promise<void> {
  const half = path.join(cache, 'images', `.half-made-${recipe.flavour}`);
  await runProgram(['sh', '-c', unmountBelow(half).text], {
    step: `image ${recipe.flavour}`,
    signal,
  });
  await removeTree(half, { signal });
  await mkdir(path.join(half, 'files'), { recursive: true });
  await mkdir(path.join(cache, 'debs'), { recursive: true });
  await writeRootFiles(path.join(half, 'files'), recipe.files);
  const from = await sources();
  const argv = [
    ...PRIVATE_MOUNTS,
    ...mmdebstrap(recipe, { debs: path.join(cache, 'debs'), files: path.join(half, 'files') }),
    recipe.suite ?? suite,
    path.join(half, 'root'),
    ...from.map((source) => `deb ${source}`),
  ];
  await runProgram(argv, {
    cgroup,
    step: `image ${recipe.flavour}`,
    hint: whenOutOfReach(from),
    signal,
    limitMs: BUILD_SECONDS * 1000,
    onLine: (line) => {
      const text = progressText(line);
      if (text !== undefined) tell.progress(text);
    },
  });
  await rename(path.join(half, 'root'), root);
  await removeTree(half);
}

/** What is mounted for the build goes with its last process, also when that is killed. */
const PRIVATE_MOUNTS: readonly string[] = ['unshare', '--mount', '--propagation', 'private', '--'];

/** Shell that unmounts what a build without mounts of its own has left below a folder, where `rm` would stop. */
export function unmountBelow(folder: string): Script {
  // As proc(5) prints paths.
  const printed = folder.replaceAll(
    /[\\ \t\n]/g,
    (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return sh`
    ## %b takes up to three digits behind \0, so that a digit of the name itself would be one of them.
    below=${`${printed}/`} awk 'index($5, ENVIRON["below"]) == 1 { print $5 }' /proc/self/mountinfo |
      sort -r | sed 's/[\]/&0/g' |
      while IFS= read -r mounted; do umount -- "$(printf '%b' "$mounted")"; done
  `;
}

const aptAndDpkg: readonly string[] = [
  '--aptopt=Acquire::Languages "none"',
  '--aptopt=APT::Install-Recommends "false"',
  '--dpkgopt=path-exclude=/usr/share/man/*',
  '--dpkgopt=path-exclude=/usr/share/doc/*',
  '--dpkgopt=path-exclude=/usr/share/locale/*',
];

function mmdebstrap(
  recipe: ImageRecipe,
  { debs, files }: { readonly debs: string; readonly files: string },
): readonly string[] {
  return [
    'mmdebstrap',
    '--mode=root',
    '--variant=minbase',
    '--format=directory',
    // Keeps the .debs until they are copied into the cache, and the lists of the offline repository for good.
    '--skip=essential/unlink,cleanup/apt/lists',
    `--include=${[...basePackages, ...recipe.include].join(',')}`,
    ...aptAndDpkg,
    '--setup-hook=mkdir -p "$1"/var/cache/apt/archives',
    `--setup-hook=sync-in ${debs} /var/cache/apt/archives`,
    ...customizeHooks(recipe, files).map((hook) => `--customize-hook=${hook}`),
    `--customize-hook=sync-out /var/cache/apt/archives ${debs}`,
  ];
}

/** The stages that mmdebstrap announces, without the hooks' texts. */
function progressText(line: string): string | undefined {
  if (line.includes('hook in shell')) return 'setting up the image';
  const [, stage] = /^I: (.*?)(?:\.\.\.)?$/.exec(line) ?? [];
  return stage;
}
