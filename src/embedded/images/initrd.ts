import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { type Script, sh } from '../../engine/model/shell/script.ts';
import { type ProgramOptions, runProgram } from '../machine/programs.ts';

/** The unpacked packages of the kernel and of busybox. */
export interface UnpackedKernel {
  /** The folder that they are unpacked in. */
  readonly tree: string;
  /** '6.1.0-56-cloud-amd64'. */
  readonly version: string;
}

/** Loaded by the initial RAM disk: the drivers of all devices that the machine has. ext4 is built in. */
export const initrdDrivers = ['virtio_pci', 'virtio_blk', 'virtio_net', 'virtio_rng'];

/**
 * The first program of the guest. `/host` holds the files that make the image this one host; they are put in place at
 * the first boot only, because later boots must find what provisioning has changed.
 */
export function initProgram(modules: readonly string[]): string {
  const program = sh`
    #!/bin/busybox sh
    bb=/bin/busybox
    $bb mkdir -p /proc /sys /dev /root
    $bb mount -t devtmpfs dev /dev
    $bb mount -t proc proc /proc
    $bb mount -t sysfs sys /sys
    exec < /dev/console > /dev/console 2>&1
    for module in ${modules}; do $bb insmod "/modules/$module"; done
    until [ -b /dev/vda ]; do $bb sleep 0.05; done
    $bb mount -t ext4 /dev/vda /root || exec $bb sh
    if [ -d /host ] && ! [ -e /root/.host-files-written ]; then
      $bb cp -a /host/. /root/ && $bb sync && : > /root/.host-files-written
    fi
    $bb umount /proc
    $bb umount /sys
    exec $bb switch_root /root /sbin/init
  `;
  return `${program.text}\n`;
}

/** Makes the initial RAM disk of the virtual machine, from a folder that it fills, as a file. */
export async function makeInitrd(
  kernel: UnpackedKernel,
  { folder, file, ...options }: ProgramOptions & { readonly folder: string; readonly file: string },
): Promise<void> {
  const busybox = path.join(folder, 'bin/busybox');
  await mkdir(path.dirname(busybox), { recursive: true });
  await mkdir(path.join(folder, 'modules'));
  await copyFile(path.join(kernel.tree, 'bin/busybox'), busybox);
  const modules: string[] = [];
  for (const module of await driverFiles(kernel, options)) {
    const name = path.basename(module);
    await copyFile(module, path.join(folder, 'modules', name));
    modules.push(name);
  }
  await writeFile(path.join(folder, 'init'), initProgram(modules));
  for (const program of [busybox, path.join(folder, 'init')]) await chmod(program, 0o755);
  await packInitrd(folder, { file, ...options });
}

/** The modules of the drivers and what they need, in the order in which they load. */
async function driverFiles(
  { tree, version }: UnpackedKernel,
  options: ProgramOptions,
): Promise<readonly string[]> {
  const show = ['modprobe', '-d', tree, '-S', version, '--show-depends'];
  const shown = await Promise.all(
    initrdDrivers.map((driver) => runProgram([...show, driver], options)),
  );
  const files = [...shown.join('\n').matchAll(/^insmod (\S+)/gm)].map(([, file = '']) => file);
  return [...new Set(files)];
}

/** Packs a folder as an initial RAM disk, uncompressed: unpacking costs more under emulation than reading does. */
export async function packInitrd(
  folder: string,
  { file, ...options }: ProgramOptions & { readonly file: string },
): Promise<void> {
  await runProgram(['sh', '-c', packScript(file).text], { ...options, cwd: folder });
}

/** Shell that packs the current folder. */
export function packScript(file: string): Script {
  return sh`find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 > ${file}`;
}
