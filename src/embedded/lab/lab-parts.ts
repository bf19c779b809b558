import path from 'node:path';

import { type AptArchive, openAptArchive } from '../images/apt-archive.ts';
import { debianSources } from '../images/debian-mirror.ts';
import { labCgroup, type LabIdentity } from '../embedded-lab.ts';
import { provideImage } from '../images/build-image.ts';
import { provideForeignImage } from '../images/foreign/foreign-image.ts';
import { suite } from '../images/recipes/image-recipe.ts';
import { flavourOf, recipeOf } from '../images/recipes/recipes.ts';
import { type RunStep, type Tell } from './lab-event.ts';
import { type LabRecord } from './lab-record.ts';
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
  readonly record: Pick<LabRecord, 'flavour' | 'image'>;
  /** A mirror of Debian that was asked for. */
  readonly mirror?: string | undefined;
  readonly run: RunStep;
  readonly signal: AbortSignal;
}

/** How long another lab may take to make a part before we stop waiting for it: on a busy machine that is long. */
const MAKING_SECONDS = 3600;

/** The parts of a lab; all of them outlive it in the cache. */
export function labParts(
  lab: LabIdentity,
  { record, mirror, run, signal }: PartsOptions,
): LabParts {
  const { cache } = lab.paths;
  const running = { cgroup: labCgroup(lab, 'work'), signal };
  let opened: Promise<AptArchive> | undefined;
  const archive = (): Promise<AptArchive> => (opened ??= openArchive(lab, mirror, running));
  const part = <T>(step: string, make: () => Promise<T>): (() => Promise<T>) =>
    once(() => run({ step }, (tell) => locked({ cache, what: step, signal, tell }, make)));

  const image = once(() =>
    run({ step: `image ${record.image?.reference ?? record.flavour}` }, (tell) => {
      if (record.image !== undefined) {
        return provideForeignImage(record.image, { cache, tell, ...running });
      }
      const recipe = recipeOf(flavourOf(record));
      return provideImage(recipe, {
        ...{ cache, tell },
        ...running,
        sources: () => debianSources(recipe.suite ?? suite, { cache, mirror, signal }),
      });
    }),
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
  mirror: string | undefined,
  running: { readonly cgroup: string; readonly signal: AbortSignal },
): Promise<AptArchive> {
  const { signal } = running;
  const sources = await debianSources(suite, { cache: paths.cache, mirror, signal });
  const folder = path.join(paths.cache, `.archive-${name}`);
  return openAptArchive(sources, { folder, ...running });
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
