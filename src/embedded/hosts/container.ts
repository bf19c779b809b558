import { existsSync } from 'node:fs';
import path from 'node:path';

import { lines, type Script, sh, trusted } from '../../engine/model/script.ts';
import { procsFiles } from '../machine/cgroups.ts';
import { hostFolder, hostNamespace, labCgroup, type LabIdentity } from '../embedded-lab.ts';
import { type LabHostSpec } from '../lab/lab-hosts.ts';
import { plugContainer } from '../lab/wires.ts';

/** Not there where the kernel has no modules at all. */
const MODULES = '/lib/modules';

/** systemd-nspawn's exit status for "the system inside asked for a reboot" (with --keep-unit). */
const REBOOT = 133;

/** The shell program that runs a host as a container, and starts it again each time it reboots. */
export function containerProgram(
  lab: LabIdentity,
  { host, image }: { readonly host: LabHostSpec; readonly image: string },
): Script {
  const folder = hostFolder(lab, host.name);
  const layers = [
    `lowerdir=${image}`,
    `upperdir=${path.join(folder, 'upper')}`,
    `workdir=${path.join(folder, 'work')}`,
  ];
  const root = path.join(folder, 'root');
  const life = lines(
    trusted('set -eu'),
    sh`mount -t overlay overlay -o ${layers.join(',')} ${root}`,
    // What nspawn leaves behind in /run goes away with this mount namespace.
    trusted('mkdir -p /run/systemd/nspawn'),
    trusted('mount -t tmpfs -o mode=755 tmpfs /run/systemd/nspawn'),
    sh`exec env SYSTEMD_NSPAWN_TMPFS_TMP=0 ${nspawn(lab, host, root)}`,
  );
  return lines(
    trusted('while :; do'),
    plugContainer(lab, host),
    trusted('status=0'),
    trusted('('),
    enterGroup(`${labCgroup(lab, host.name)}/machine`),
    // In a mount namespace of its own nothing stays mounted when the container is killed.
    sh`exec unshare --mount --propagation slave sh -c ${life.text}`,
    trusted(') || status=$?'),
    sh`[ "$status" = ${REBOOT} ] || exit "$status"`,
    trusted('done'),
  );
}

function enterGroup(group: string): Script {
  return lines(...procsFiles(group).map((file) => sh`echo 0 > ${file}`));
}

function nspawn(lab: LabIdentity, host: LabHostSpec, root: string): readonly string[] {
  return [
    'systemd-nspawn',
    '--quiet',
    '--settings=no',
    `--directory=${root}`,
    '--boot',
    `--machine=${lab.name}-${host.name}`,
    `--hostname=${host.hostname}`,
    '--register=no',
    '--keep-unit',
    '--private-users=no',
    // Both: only --private-network makes /proc/sys/net writable and keeps CAP_NET_ADMIN.
    '--private-network',
    `--network-namespace-path=/run/netns/${hostNamespace(lab, host.name)}`,
    '--resolv-conf=off',
    '--timezone=off',
    '--link-journal=no',
    '--console=read-only',
    // IPVS is loaded by the machine; inside, modprobe must be able to see that it is there.
    ...(host.group === 'director' && existsSync(MODULES) ? [`--bind-ro=${MODULES}`] : []),
  ];
}
