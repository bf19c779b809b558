import { type RootFile } from '../images/recipes/image-recipe.ts';
import { type LabHostSpec } from '../lab/lab-hosts.ts';

/** Units that a virtual machine has and a container hasn't; none of them does anything for a lab. */
const idleUnits: readonly string[] = [
  'dev-hugepages.mount',
  'dev-mqueue.mount',
  'getty-static.service',
  'kmod-static-nodes.service',
  'modprobe@configfs.service',
  'modprobe@dm_mod.service',
  'modprobe@drm.service',
  'modprobe@efi_pstore.service',
  'modprobe@fuse.service',
  'modprobe@loop.service',
  'sys-fs-fuse-connections.mount',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
];

/**
 * At boot, udev goes through every device of the machine once more. Under emulation that takes half of the boot, and
 * only these devices need it: the network cards, for their names, and the disk.
 */
const coldplug = `[Service]
ExecStart=
ExecStart=-udevadm trigger --type=devices --action=add --subsystem-match=net --subsystem-match=block
`;

/** What a host needs as a virtual machine, beside what it is as a host. */
export function virtualMachineFiles({ nics }: LabHostSpec): readonly RootFile[] {
  const etc = '/etc/systemd';
  return [
    ...nics.map(({ device, mac }) => ({
      path: `${etc}/network/10-${device}.link`,
      mode: 0o644,
      content: `[Match]\nMACAddress=${mac}\n\n[Link]\nName=${device}\n`,
    })),
    {
      path: `${etc}/system/systemd-udev-trigger.service.d/embedded-lab.conf`,
      mode: 0o644,
      content: coldplug,
    },
    ...idleUnits.map((unit) => ({
      path: `${etc}/system/${unit}`,
      mode: 0o644,
      content: '',
      link: '/dev/null',
    })),
  ];
}
