import { existsSync } from 'node:fs';
import path from 'node:path';

import { type Script, sh } from '../../engine/model/shell/script.ts';
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
  {
    host,
    image,
    isUnified,
  }: {
    readonly host: LabHostSpec;
    readonly image: string;
    /** The systemd inside knows the unified hierarchy of control groups only; nspawn would give it what the machine has. */
    readonly isUnified: boolean;
  },
): Script {
  const folder = hostFolder(lab, host.name);
  const layers = [
    `lowerdir=${image}`,
    `upperdir=${path.join(folder, 'upper')}`,
    `workdir=${path.join(folder, 'work')}`,
  ];
  const root = path.join(folder, 'root');
  const environment = [
    'SYSTEMD_NSPAWN_TMPFS_TMP=0',
    ...(isUnified ? ['SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1'] : []),
  ];
  const life = sh`
    set -eu
    mount -t overlay overlay -o ${layers.join(',')} ${root}
    ## What nspawn leaves behind in /run goes away with this mount namespace.
    mkdir -p /run/systemd/nspawn
    mount -t tmpfs -o mode=755 tmpfs /run/systemd/nspawn
    exec env ${environment} ${nspawn(lab, host, root)}
  `;
  return sh`
    while :; do
      ${plugContainer(lab, host)}
      status=0
      (
        for procs in ${procsFiles(`${labCgroup(lab, host.name)}/machine`)}; do echo 0 > "$procs"; done
        ## In a mount namespace of its own nothing stays mounted when the container is killed.
        exec unshare --mount --propagation slave sh -c ${life.text}
      ) || status=$?
      [ "$status" = ${REBOOT} ] || exit "$status"
    done
  `;
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
