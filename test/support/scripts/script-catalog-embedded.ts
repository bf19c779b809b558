import { labNamed } from '../../../src/embedded/embedded-lab.ts';
import { containerProgram } from '../../../src/embedded/hosts/container.ts';
import { runFile } from '../../../src/embedded/hosts/launch.ts';
import { fillVirtualMachineFolder } from '../../../src/embedded/hosts/prepare-host.ts';
import { diskScript, virtualMachineProgram } from '../../../src/embedded/hosts/virtual-machine.ts';
import { unmountBelow } from '../../../src/embedded/images/build-image.ts';
import { adaptRoot, insideRoot } from '../../../src/embedded/images/foreign/adapt-root.ts';
import { customizeHooks } from '../../../src/embedded/images/image-hooks.ts';
import { flavours } from '../../../src/embedded/images/recipes/image-recipe.ts';
import { initProgram, packScript } from '../../../src/embedded/images/initrd.ts';
import { recipeOf } from '../../../src/embedded/images/recipes/recipes.ts';
import { cutKernel } from '../../../src/embedded/images/vm-kernel.ts';
import { labHosts } from '../../../src/embedded/lab/lab-hosts.ts';
import { bridgesScript } from '../../../src/embedded/lab/wires.ts';
import { readGreeting } from '../../../src/embedded/readiness/greets-on-ssh.ts';
import { inCgroup } from '../../../src/embedded/machine/cgroups.ts';
import { boundedGuest } from '../../../src/embedded/machine/virtualization.ts';
import { untilWeEnd } from '../../../src/embedded/lab/lab-lock.ts';
import { countScript } from '../../../src/embedded/readiness/slowness.ts';
import { type ScriptCollector } from './script-collector.ts';

/** What this machine runs for the embedded lab, and what its images and machines start with. */
export function embeddedScripts(collector: ScriptCollector): void {
  const lab = labNamed('lvlab');
  const kernel = { image: '/c/vmlinuz', initrd: '/c/initrd', modules: '/c/modules' };
  const half = '/l/director.half-made';
  collector.add('embedded: bridges', bridgesScript(lab, 'dr'));
  for (const host of labHosts) {
    collector.within(`embedded: ${host.name}`, () => {
      const container = containerProgram(lab, { host, image: '/c/image', isUnified: true });
      collector.add(`embedded: ${host.name}`, runFile(lab, host.name, container));
      const machine = virtualMachineProgram(lab, { host, kernel, accelerator: 'tcg' });
      collector.add(`embedded: ${host.name}, machine`, runFile(lab, host.name, machine));
    });
  }
  collector.add(
    'embedded: folder of a machine',
    fillVirtualMachineFolder(half, { kernel, disk: '/c/disk', accelerator: 'tcg' }),
  );
  collector.add('embedded: disk', diskScript(half, { image: '/c/image', modules: '/c/modules' }));
  for (const flavour of flavours) {
    for (const hook of customizeHooks(recipeOf(flavour), '/c/files')) {
      collector.add(`embedded: hook of ${flavour}`, hook);
    }
  }
  collector.add('embedded: foreign image', insideRoot('/c/half/root', adaptRoot));
  collector.add('embedded: inside a foreign image', adaptRoot);
  collector.add('embedded: image', unmountBelow('/c/images/half'));
  collector.add('embedded: init', initProgram(['virtio_blk.ko']));
  collector.add('embedded: initrd', packScript('/c/initrd'));
  const cut = { bzImage: '/c/bzImage', file: '/c/vmlinux', offset: 100, length: 200 };
  collector.add('embedded: kernel', cutKernel(cut));
  const [, , enter = ''] = inCgroup('lvlab', ['true']);
  collector.add('embedded: control group', enter);
  collector.add('embedded: guest', boundedGuest(['qemu-system-x86_64', '-m', '32']));
  collector.add('embedded: lock', untilWeEnd);
  collector.add('embedded: slowness', countScript);
  collector.add('embedded: greeting', readGreeting('lvlab', '192.168.2.128', 5));
}
