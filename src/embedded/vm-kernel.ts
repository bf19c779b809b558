import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, open, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { EmbeddedLabError } from '../engine/errors.ts';
import { quote } from '../engine/script.ts';
import { type AptArchive } from './apt-archive.ts';
import { suite } from './images/image-recipe.ts';
import { removeTree, runProgram } from './programs.ts';

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

/** Loaded by the initial RAM disk: the drivers of all devices that the machine has. ext4 is built in. */
const DRIVERS = ['virtio_pci', 'virtio_blk', 'virtio_net', 'virtio_rng'];

/**
 * The first program of the guest. `/host` holds the files that make the image this one host; they are put in place at
 * the first boot only, because later boots must find what provisioning has changed.
 */
const init = (insmods: string): string => `#!/bin/busybox sh
bb=/bin/busybox
$bb mkdir -p /proc /sys /dev /root
$bb mount -t devtmpfs dev /dev
$bb mount -t proc proc /proc
$bb mount -t sysfs sys /sys
exec < /dev/console > /dev/console 2>&1
${insmods}
until [ -b /dev/vda ]; do $bb sleep 0.05; done
$bb mount -t ext4 /dev/vda /root || exec $bb sh
if [ -d /host ] && ! [ -e /root/.host-files-written ]; then
  $bb cp -a /host/. /root/ && $bb sync && : > /root/.host-files-written
fi
$bb umount /proc
$bb umount /sys
exec $bb switch_root /root /sbin/init
`;

/** Resolves to the kernel, made now or taken from the cache. It is never half made. */
export async function provideKernel(
  cache: string,
  archive: () => Promise<AptArchive>,
): Promise<VmKernel> {
  const key = createHash('sha256')
    .update(JSON.stringify([suite, KERNEL_PACKAGE, DRIVERS, init('')]))
    .digest('hex')
    .slice(0, 16);
  const folder = path.join(cache, `kernel-${key}`);
  if (!existsSync(folder)) {
    const half = path.join(cache, '.half-made-kernel');
    await removeTree(half);
    await buildKernel(await archive(), half);
    await rename(path.join(half, 'kernel'), folder);
    await removeTree(half);
  }
  return {
    image: path.join(folder, 'vmlinux'),
    initrd: path.join(folder, 'initrd'),
    modules: path.join(folder, 'modules'),
  };
}

async function buildKernel(archive: AptArchive, half: string): Promise<void> {
  const packages = [await archive.firstDependency(KERNEL_PACKAGE), 'busybox-static'];
  const unpacked = path.join(half, 'unpacked');
  for (const deb of await archive.download(packages, path.join(half, 'debs'))) {
    await runProgram(['dpkg-deb', '--extract', deb, unpacked], { step: 'kernel' });
  }
  const version = await onlyEntry(path.join(unpacked, 'lib/modules'));
  await runProgram(['depmod', '-b', unpacked, version], { step: 'kernel' });
  const kernel = path.join(half, 'kernel');
  await mkdir(kernel, { recursive: true });
  await extractKernel(
    path.join(unpacked, 'boot', `vmlinuz-${version}`),
    path.join(kernel, 'vmlinux'),
  );
  await makeInitrd(
    { unpacked, version, tree: path.join(half, 'tree') },
    path.join(kernel, 'initrd'),
  );
  await cp(path.join(unpacked, 'lib/modules'), path.join(kernel, 'modules/usr/lib/modules'), {
    recursive: true,
  });
}

async function makeInitrd(
  { unpacked, version, tree }: { unpacked: string; version: string; tree: string },
  file: string,
): Promise<void> {
  await mkdir(path.join(tree, 'bin'), { recursive: true });
  await mkdir(path.join(tree, 'modules'), { recursive: true });
  await copyFile(path.join(unpacked, 'bin/busybox'), path.join(tree, 'bin/busybox'));
  const insmods: string[] = [];
  for (const module of await driverFiles(unpacked, version)) {
    const name = path.basename(module);
    await copyFile(module, path.join(tree, 'modules', name));
    insmods.push(`$bb insmod /modules/${name}`);
  }
  await writeFile(path.join(tree, 'init'), init(insmods.join('\n')));
  await chmod(path.join(tree, 'init'), 0o755);
  await chmod(path.join(tree, 'bin/busybox'), 0o755);
  await packInitrd(tree, file);
}

/** The modules of the drivers and what they need, in the order in which they load. */
async function driverFiles(unpacked: string, version: string): Promise<readonly string[]> {
  const shown = await Promise.all(
    DRIVERS.map((module) =>
      runProgram(['modprobe', '-d', unpacked, '-S', version, '--show-depends', module], {
        step: 'kernel',
      }),
    ),
  );
  const files = [...shown.join('\n').matchAll(/^insmod (\S+)/gm)].map(([, file = '']) => file);
  return [...new Set(files)];
}

/** Packs a folder as an initial RAM disk, uncompressed: unpacking costs more under emulation than reading does. */
export async function packInitrd(tree: string, file: string): Promise<void> {
  const pack = `find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 > ${quote(file)}`;
  await runProgram(['sh', '-c', pack], { step: 'initial RAM disk', cwd: tree });
}

/**
 * Writes the ELF kernel that a bzImage holds compressed: its header says where (Documentation/arch/x86/boot.rst,
 * setup_sects, payload_offset, payload_length).
 */
async function extractKernel(bzImage: string, file: string): Promise<void> {
  const handle = await open(bzImage);
  const header = Buffer.alloc(0x250);
  try {
    await handle.read(header, 0, header.length, 0);
  } finally {
    await handle.close();
  }
  const offset = (header.readUInt8(0x1f1) + 1) * 512 + header.readUInt32LE(0x248);
  const length = header.readUInt32LE(0x24c);
  // The payload ends with four bytes that tell the unpacked size; lz4 would stumble over them.
  const cut = `tail -c +${offset + 1} ${quote(bzImage)} | head -c ${length - 4} | lz4 -dcq > ${quote(file)}`;
  await runProgram(['sh', '-c', cut], {
    step: 'kernel',
    hint: 'The kernel package may be compressed in a new way.',
  });
}

async function onlyEntry(folder: string): Promise<string> {
  const [entry, ...others] = await readdir(folder);
  if (entry !== undefined && others.length === 0) return entry;
  throw new EmbeddedLabError(`the kernel package has an unexpected layout: ${folder}`, {
    step: 'kernel',
  });
}
