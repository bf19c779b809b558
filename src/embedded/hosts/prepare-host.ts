import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { type Script, sh } from '../../engine/model/shell/script.ts';
import { containerProgram } from './container.ts';
import { hostFolder, labCgroup, type LabIdentity } from '../embedded-lab.ts';
import { type RootFile } from '../images/recipes/image-recipe.ts';
import { needsUnifiedHierarchy } from '../images/image-systemd.ts';
import { writeRootFiles } from '../images/root-files.ts';
import { packInitrd } from '../images/initrd.ts';
import { type LabHostSpec } from '../lab/lab-hosts.ts';
import { RUN_FILE, runFile } from './launch.ts';
import { removeTree, runProgram } from '../machine/programs.ts';
import { virtualMachineProgram } from './virtual-machine.ts';
import { type Accelerator } from '../machine/virtualization.ts';
import { type VmKernel } from '../images/vm-kernel.ts';

/** What the virtual machine of a host is made from. */
export interface VmParts {
  readonly kernel: VmKernel;
  /** The disk that is copied for the host. */
  readonly disk: string;
  readonly accelerator: Accelerator;
}

interface NewHost {
  readonly host: LabHostSpec;
  readonly files: readonly RootFile[];
  readonly signal?: AbortSignal | undefined;
}

/** Makes the folder of a host that runs as a container over the image. */
export async function prepareContainer(
  lab: LabIdentity,
  { host, files, image }: NewHost & { readonly image: string },
): Promise<void> {
  await makeHostFolder(lab, host, async (half) => {
    for (const folder of ['upper', 'work', 'root']) await mkdir(path.join(half, folder));
    await writeRootFiles(path.join(half, 'upper'), files);
    // This is the root directory of the host.
    await chmod(path.join(half, 'upper'), 0o755);
    const isUnified = await needsUnifiedHierarchy(image);
    return containerProgram(lab, { host, image, isUnified });
  });
}

/** Makes the folder of a host that runs as a virtual machine. */
export async function prepareVirtualMachine(
  lab: LabIdentity,
  { host, files, vm, signal }: NewHost & { readonly vm: VmParts },
): Promise<void> {
  await makeHostFolder(lab, host, async (half) => {
    const options = { host: host.name, step: 'disk', cgroup: labCgroup(lab, 'work'), signal };
    const tree = path.join(half, 'tree');
    await writeRootFiles(path.join(tree, 'host'), files);
    await packInitrd(tree, { ...options, file: path.join(half, 'initrd.host') });
    await runProgram(['sh', '-c', fillVirtualMachineFolder(half, vm).text], options);
    return virtualMachineProgram(lab, { host, ...vm });
  });
}

/** Shell that adds what a virtual machine starts from to the folder that has its `initrd.host`. */
export function fillVirtualMachineFolder(half: string, { kernel, disk }: VmParts): Script {
  return sh`
    set -eu
    cd ${half}
    ## The kernel unpacks archives that follow one another, one over the other.
    cat ${kernel.initrd} initrd.host > initrd
    cp --sparse=always --reflink=auto ${disk} disk
    rm -rf initrd.host tree
  `;
}

/** The folder appears whole or not at all; its run file is what the work resolves to. */
async function makeHostFolder(
  lab: LabIdentity,
  { name }: LabHostSpec,
  fill: (half: string) => Promise<Script>,
): Promise<void> {
  const folder = hostFolder(lab, name);
  const half = `${folder}.half-made`;
  await removeTree(half);
  await mkdir(half, { recursive: true });
  const program = await fill(half);
  await writeFile(path.join(half, RUN_FILE), runFile(lab, name, program));
  await rename(half, folder);
}
