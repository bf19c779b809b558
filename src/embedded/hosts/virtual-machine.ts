import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';

import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { consoleLog, hostFolder, labCgroup, type LabIdentity } from '../embedded-lab.ts';
import { type LabHostSpec } from '../lab/lab-hosts.ts';
import { removeTree, runProgram } from '../machine/programs.ts';
import { type Accelerator } from '../machine/virtualization.ts';
import { type VmKernel } from '../images/vm-kernel.ts';
import { cable, plugVirtualMachine } from '../lab/wires.ts';

const DISK_SIZE = '3G';

const KERNEL_ARGUMENTS = [
  'root=/dev/vda',
  'console=ttyS0',
  'quiet',
  'mitigations=off',
  'net.ifnames=0',
  'panic=-1',
];

/** The shell program that runs a host as a virtual machine. */
export function virtualMachineProgram(
  lab: LabIdentity,
  {
    host,
    kernel,
    accelerator,
  }: { readonly host: LabHostSpec; readonly kernel: VmKernel; readonly accelerator: Accelerator },
): Script {
  const folder = hostFolder(lab, host.name);
  const qemu = [
    'qemu-system-x86_64',
    ...['-name', `${lab.name}-${host.name}`],
    ...accelerated[accelerator],
    ...['-smp', '1', '-m', '768', '-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-chardev', `file,id=console,append=on,path=${consoleLog(lab, host.name)}`],
    ...['-serial', 'chardev:console'],
    ...['-device', 'virtio-rng-pci'],
    ...['-kernel', kernel.image, '-initrd', path.join(folder, 'initrd')],
    ...['-append', KERNEL_ARGUMENTS.join(' ')],
    // Written through to the machine's page cache at once: what the guest has synced survives a power cut.
    ...['-drive', `file=${path.join(folder, 'disk')},format=raw,if=virtio,cache=writeback`],
    ...host.nics.flatMap((nic) => networkCard(cable(host, nic), nic.mac)),
  ];
  return lines(plugVirtualMachine(lab, host), sh`exec ip netns exec ${lab.name} ${qemu}`);
}

const accelerated: Readonly<Record<Accelerator, readonly string[]>> = {
  kvm: ['-machine', 'pc,accel=kvm', '-cpu', 'host'],
  tcg: ['-machine', 'pc', '-accel', 'tcg,tb-size=512', '-cpu', 'max'],
};

function networkCard(tap: string, mac: string): readonly string[] {
  return [
    ...['-netdev', `tap,id=${tap},ifname=${tap},script=no,downscript=no`],
    // No boot ROM: nothing boots from the network here.
    ...['-device', `virtio-net-pci,netdev=${tap},mac=${mac},romfile=`],
  ];
}

/** The name of a disk in the cache, of an image and a kernel there. */
export function diskName(image: string, kernel: string): string {
  return `${image}-${kernel}`;
}

/** Resolves to a disk with the image and the kernel's modules on it, made now or taken from the cache. */
export async function provideDisk(
  lab: LabIdentity,
  { image, kernel, signal }: { image: string; kernel: VmKernel; signal?: AbortSignal | undefined },
): Promise<string> {
  const folder = path.join(lab.paths.cache, 'disks');
  const key = diskName(path.basename(image), path.basename(path.dirname(kernel.image)));
  const disk = path.join(folder, key);
  if (existsSync(disk)) return disk;
  const half = path.join(folder, `.half-made-${lab.name}`);
  await removeTree(half, { signal });
  await mkdir(path.join(half, 'root'), { recursive: true });
  const script = diskScript(half, { image, modules: kernel.modules });
  const argv = ['unshare', '--mount', 'sh', '-c', script.text];
  await runProgram(argv, {
    step: 'disk image',
    cgroup: labCgroup(lab, 'work'),
    signal,
  });
  await rename(path.join(half, 'disk'), disk);
  await removeTree(half);
  return disk;
}

/** Shell that makes `half`/disk of the image and the kernel's modules over it, in a mount namespace of its own. */
export function diskScript(
  half: string,
  { image, modules }: { readonly image: string; readonly modules: string },
): Script {
  return sh`
    set -eu
    mount -t overlay overlay -o ${`ro,lowerdir=${modules}:${image}`} ${`${half}/root`}
    mke2fs -q -t ext4 -J size=16 -d ${`${half}/root`} ${`${half}/disk`} ${DISK_SIZE}
  `;
}
