import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { labCgroup, type LabIdentity } from '../../../src/embedded/embedded-lab.ts';
import { labParts, type LabParts } from '../../../src/embedded/lab/lab-parts.ts';
import { debianRecipe } from '../../../src/embedded/images/recipes/debian.ts';
import { debianSources } from '../../../src/embedded/images/debian-mirror.ts';
import { provideImage } from '../../../src/embedded/images/build-image.ts';
import { type ImageRecipe, suite } from '../../../src/embedded/images/recipes/image-recipe.ts';
import { makeCgroup } from '../../../src/embedded/machine/cgroups.ts';
import { runProgram } from '../../../src/embedded/machine/programs.ts';
import { probeVirtualization } from '../../../src/embedded/machine/virtualization.ts';
import { measureSlowness } from '../../../src/embedded/readiness/slowness.ts';
import { type Script, sh } from '../../../src/engine/model/shell/script.ts';
import { asController, layOutController, PACKAGES } from '../../support/lab/controller-image.ts';
import { guestScript } from './guest-script.ts';

/** How long nothing may be written by a guest on an idle machine before it counts as hung, in milliseconds. */
const SILENCE_MS = 600_000;

/** Debian as a person's machine, with Debian's kernel, which has IPVS. */
const guestRecipe: ImageRecipe = { ...asController(debianRecipe), offline: ['ipvsadm'] };

/** Makes the disk of a machine that has the project, Node.js and the caches in it, and what it is booted with. */
export async function makeGuest(
  lab: LabIdentity,
  { folder, project }: { readonly folder: string; readonly project: string },
): Promise<{ readonly disk: string; readonly kernel: string; readonly initrd: string }> {
  const { cache } = lab.paths;
  const cgroup = labCgroup(lab, 'work');
  await makeCgroup(cgroup);
  const { signal } = new AbortController();
  const parts = labParts(lab, {
    record: { flavour: 'debian' },
    run: (_step, work) => work({ progress: () => undefined, note: () => undefined }),
    signal,
  });
  const tell = { progress: () => undefined, note: () => undefined };
  const sources = () => debianSources(suite, { cache });
  const root = await provideImage(guestRecipe, { cache, sources, cgroup, tell });
  const [image, kernel, tarball] = await partsOf(parts);
  const extras = path.join(folder, 'extras');
  layOutController(extras, { project, script: guestScript });
  const bound: readonly (readonly [from: string, to: string])[] = [
    [image, `${cache}/images/${path.basename(image)}`],
    [path.dirname(tarball), `${cache}/nginx`],
    [path.join(project, 'node_modules'), PACKAGES],
  ];
  for (const [, to] of bound) mkdirSync(path.join(extras, to), { recursive: true });
  mkdirSync(path.join(folder, 'root'));
  const disk = path.join(folder, 'disk');
  const layers = [extras, kernel.modules, root];
  const script = guestDisk(folder, { layers, bound });
  await runProgram(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script.text], {
    step: 'disk of the guest',
  });
  return { disk, kernel: kernel.image, initrd: kernel.initrd };
}

async function partsOf(parts: LabParts) {
  const made = await Promise.all([parts.image(), parts.kernel(), parts.nginxTarball()]);
  await parts.close();
  return made;
}

function guestDisk(
  folder: string,
  {
    layers,
    bound,
  }: {
    readonly layers: readonly string[];
    readonly bound: readonly (readonly [string, string])[];
  },
): Script {
  const root = path.join(folder, 'root');
  const binds = bound.map(([from, to]) => sh`mount --bind ${from} ${path.join(root, to)}`.text);
  return sh`
    set -eu
    mount -t overlay overlay -o ${`ro,lowerdir=${layers.join(':')}`} ${root}
    sh -euc ${binds.join('\n')}
    mke2fs -q -t ext4 -J size=32 -d ${root} ${path.join(folder, 'disk')} 8G
  `;
}

/** Boots the guest, and resolves to its report once it has switched itself off. */
export async function runGuest(
  lab: LabIdentity,
  folder: string,
  {
    disk,
    kernel,
    initrd,
  }: { readonly disk: string; readonly kernel: string; readonly initrd: string },
): Promise<string> {
  const { kvm } = await probeVirtualization(lab.paths.cache);
  const accelerated = kvm.usable
    ? ['-machine', 'pc,accel=kvm', '-cpu', 'host']
    : ['-machine', 'pc', '-accel', 'tcg,tb-size=1024,thread=multi', '-cpu', 'max'];
  const [console, report] = ['console', 'report'].map((name) => path.join(folder, name));
  const words = [
    ...accelerated,
    ...['-smp', '2', '-m', '3072', '-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-no-reboot', '-serial', `file:${console}`, '-serial', `file:${report}`],
    ...['-device', 'virtio-rng-pci', '-kernel', kernel, '-initrd', initrd],
    ...['-append', 'root=/dev/vda console=ttyS0 quiet mitigations=off panic=-1'],
    ...['-drive', `file=${disk},format=raw,if=virtio,cache=unsafe`],
  ];
  const qemu = spawn('qemu-system-x86_64', words, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = once(qemu, 'close');
  const written = (): number =>
    [console, report].reduce((sum, file = '') => sum + (sizeOf(file) ?? 0), 0);
  let [size, since] = [0, performance.now()];
  while (qemu.exitCode === null && qemu.signalCode === null) {
    await Promise.race([ended, pause(2000)]);
    if (written() > size) [size, since] = [written(), performance.now()];
    if (performance.now() - since < SILENCE_MS) continue;
    if (performance.now() - since > SILENCE_MS * (await measureSlowness())) qemu.kill('SIGKILL');
  }
  await ended;
  return readFileSync(report ?? '', 'utf8').replaceAll('\r', '');
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}
