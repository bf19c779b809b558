import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, open, readdir, rename } from 'node:fs/promises';
import path from 'node:path';

import { EmbeddedLabError } from '../../engine/model/failures/errors.ts';
import { type Script, sh } from '../../engine/model/shell/script.ts';
import { type AptArchive } from './apt-archive.ts';
import { suite } from './recipes/image-recipe.ts';
import { initProgram, initrdDrivers, makeInitrd } from './initrd.ts';
import { type ProgramOptions, removeTree, runProgram } from '../machine/programs.ts';

/** The kernel of the director's virtual machine, as files on this machine. */
export interface VmKernel {
  /** An uncompressed ELF kernel, which QEMU starts without any boot loader. */
  readonly image: string;
  readonly initrd: string;
  /** A tree with the kernel's modules under usr/lib/modules, to be laid over the guest's root. */
  readonly modules: string;
}

/** Debian's kernel for virtual machines; it has IPVS with all of its schedulers, as modules. */
const KERNEL_PACKAGE = 'linux-image-cloud-amd64';

/** The name of the kernel's folder in the cache. */
export function kernelName(): string {
  const key = createHash('sha256')
    .update(JSON.stringify([suite, KERNEL_PACKAGE, initrdDrivers, initProgram([])]))
    .digest('hex')
    .slice(0, 16);
  return `kernel-${key}`;
}

/** Resolves to the kernel, made now or taken from the cache. It is never half made. */
export async function provideKernel(
  cache: string,
  {
    archive,
    ...running
  }: Pick<ProgramOptions, 'cgroup' | 'signal'> & { readonly archive: () => Promise<AptArchive> },
): Promise<VmKernel> {
  const folder = path.join(cache, kernelName());
  if (!existsSync(folder)) {
    const half = path.join(cache, '.half-made-kernel');
    await removeTree(half);
    await buildKernel(await archive(), half, { ...running, step: 'kernel' });
    await rename(path.join(half, 'kernel'), folder);
    await removeTree(half);
  }
  return {
    image: path.join(folder, 'vmlinux'),
    initrd: path.join(folder, 'initrd'),
    modules: path.join(folder, 'modules'),
  };
}

async function buildKernel(
  archive: AptArchive,
  half: string,
  options: ProgramOptions,
): Promise<void> {
  const packages = [await archive.firstDependency(KERNEL_PACKAGE), 'busybox-static'];
  const unpacked = path.join(half, 'unpacked');
  for (const deb of await archive.download(packages, path.join(half, 'debs'))) {
    await runProgram(['dpkg-deb', '--extract', deb, unpacked], options);
  }
  const version = await onlyEntry(path.join(unpacked, 'lib/modules'));
  await runProgram(['depmod', '-b', unpacked, version], options);
  const kernel = path.join(half, 'kernel');
  await mkdir(kernel, { recursive: true });
  await extractKernel(
    {
      bzImage: path.join(unpacked, 'boot', `vmlinuz-${version}`),
      file: path.join(kernel, 'vmlinux'),
    },
    options,
  );
  await makeInitrd(
    { tree: unpacked, version },
    { ...options, folder: path.join(half, 'initrd'), file: path.join(kernel, 'initrd') },
  );
  await cp(path.join(unpacked, 'lib/modules'), path.join(kernel, 'modules/usr/lib/modules'), {
    recursive: true,
  });
}

/**
 * Writes the ELF kernel that a bzImage holds compressed: its header says where (Documentation/arch/x86/boot.rst,
 * setup_sects, payload_offset, payload_length).
 */
async function extractKernel(
  { bzImage, file }: { readonly bzImage: string; readonly file: string },
  options: ProgramOptions,
): Promise<void> {
  const handle = await open(bzImage);
  const header = Buffer.alloc(0x250);
  try {
    await handle.read(header, 0, header.length, 0);
  } finally {
    await handle.close();
  }
  const offset = (header.readUInt8(0x1f1) + 1) * 512 + header.readUInt32LE(0x248);
  const length = header.readUInt32LE(0x24c);
  await runProgram(['sh', '-c', cutKernel({ bzImage, file, offset, length }).text], {
    ...options,
    hint: 'The kernel package may be compressed in a new way.',
  });
}

/** Shell that unpacks what lies at `offset` of a kernel's file, in bytes. */
export function cutKernel({
  bzImage,
  file,
  offset,
  length,
}: {
  readonly bzImage: string;
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}): Script {
  // The payload ends with four bytes that tell the unpacked size; lz4 would stumble over them.
  return sh`tail -c ${`+${offset + 1}`} ${bzImage} | head -c ${length - 4} | lz4 -dcq > ${file}`;
}

async function onlyEntry(folder: string): Promise<string> {
  const [entry, ...others] = await readdir(folder);
  if (entry !== undefined && others.length === 0) return entry;
  throw new EmbeddedLabError(`the kernel package has an unexpected layout: ${folder}`, {
    step: 'kernel',
  });
}
