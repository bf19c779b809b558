import path from 'node:path';

import { type AptArchive, aptSources, openAptArchive } from '../images/apt-archive.ts';
import { labCgroup, type LabIdentity } from '../embedded-lab.ts';
import { provideImage } from '../images/build-image.ts';
import { type Flavour, suite } from '../images/image-recipe.ts';
import { recipeOf } from '../images/recipes.ts';
import { type RunStep, type Tell } from './lab-event.ts';
import { withLock } from './lab-lock.ts';
import { provideNginxTarball } from '../images/nginx-tarball.ts';
import { provideDisk } from '../hosts/virtual-machine.ts';
import { provideKernel, type VmKernel } from '../images/vm-kernel.ts';

/** What the hosts of a lab are made from, each made at most once, when it is first asked for. */
export interface LabParts {
  readonly image: () => Promise<string>;
  readonly kernel: () => Promise<VmKernel>;
  /** The disk that a virtual machine's own one is copied from. */
  readonly disk: () => Promise<string>;
  readonly nginxTarball: () => Promise<string>;
  /** To be called when no more parts are asked for. */
  readonly close: () => Promise<void>;
}

export interface PartsOptions {
  readonly flavour: Flavour;
  readonly run: RunStep;
  readonly signal: AbortSignal;
}

/** How long another lab may take to make a part before we stop waiting for it: on a busy machine that is long. */
const MAKING_SECONDS = 3600;

/** The parts of a lab; all of them outlive it in the cache. */
export function labParts(lab: LabIdentity, { flavour, run, signal }: PartsOptions): LabParts {
  const { cache } = lab.paths;
  const running = { cgroup: labCgroup(lab, 'work'), signal };
  let opened: Promise<AptArchive> | undefined;
  const archive = (): Promise<AptArchive> => (opened ??= openArchive(lab, running));
  const part = <T>(step: string, make: () => Promise<T>): (() => Promise<T>) =>
    once(() => run({ step }, (tell) => locked({ cache, what: step, signal, tell }, make)));

  const image = once(() =>
    run({ step: `image ${flavour}` }, (tell) =>
      provideImage(recipeOf(flavour), {
        ...{ cache, tell },
        ...running,
        sources: () => aptSources(suite, signal),
      }),
    ),
  );
  const kernel = part('kernel', () => provideKernel(cache, { archive, ...running }));
  return {
    image,
    kernel,
    disk: once(async () => {
      const [root, vmKernel] = await Promise.all([image(), kernel()]);
      return part('disk image', () =>
        provideDisk(lab, { image: root, kernel: vmKernel, signal }),
      )();
    }),
    nginxTarball: part('nginx tarball', () => provideNginxTarball(cache, archive)),
    close: async () => {
      const left = await opened?.catch(() => undefined);
      await left?.close();
    },
  };
}

async function openArchive(
  { name, paths }: LabIdentity,
  running: { readonly cgroup: string; readonly signal: AbortSignal },
): Promise<AptArchive> {
  const folder = path.join(paths.cache, `.archive-${name}`);
  return openAptArchive(await aptSources(suite, running.signal), { folder, ...running });
}

/** Several labs share the cache; only one of them makes a part. */
function locked<T>(
  {
    cache,
    what,
    signal,
    tell,
  }: {
    readonly cache: string;
    readonly what: string;
    readonly signal: AbortSignal;
    readonly tell: Tell;
  },
  make: () => Promise<T>,
): Promise<T> {
  const file = path.join(cache, 'locks', what.replaceAll(' ', '-'));
  const onWait = (text: string): void => {
    tell.progress(text);
  };
  return withLock({ file, waitSeconds: MAKING_SECONDS, what: `the ${what}`, onWait, signal }, make);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
