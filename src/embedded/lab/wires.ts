import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { hostNamespace, labCgroup, type LabIdentity } from '../embedded-lab.ts';
import { isRouted, type LabMode } from './lab-modes.ts';
import { bridges, labPrefix, type LabHostSpec, type LabNic } from './lab-hosts.ts';
import { runProgram } from '../machine/programs.ts';

/** Makes the lab's network namespace with its two bridges, or what is missing of it. */
export async function makeBridges(
  lab: LabIdentity,
  {
    mode,
    signal,
  }: { readonly mode?: LabMode | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  await runProgram(['sh', '-c', bridgesScript(lab, mode).text], {
    step: 'networks',
    cgroup: labCgroup(lab, 'work'),
    signal,
  });
}

/** Shell for `makeBridges`. */
export function bridgesScript({ name }: LabIdentity, mode?: LabMode): Script {
  // Replies from the VIP come in on the real servers' side, where the address does not belong: rp_filter would drop them.
  const route = sh`
    for filter in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > "$filter"; done
    echo ${isRouted(mode) ? '1' : '0'} > /proc/sys/net/ipv4/ip_forward
  `;
  // Without this, the machine's own packet filter may see the frames that pass the bridges.
  const passFilter = sh`
    for switch in /proc/sys/net/bridge/bridge-nf-call-*; do
      [ ! -e "$switch" ] || echo 0 > "$switch"
    done
  `;
  return sh`
    set -eu
    ${ensureNamespace(name)}
    ip -n ${name} link set lo up
    ${lines(...bridges.map((bridge) => ensureBridge(name, bridge)))}
    ip netns exec ${name} sh -c ${passFilter.text}
    ip netns exec ${name} sh -c ${route.text}
  `;
}

function ensureBridge(namespace: string, { name, address }: (typeof bridges)[number]): Script {
  return sh`
    ip -n ${namespace} link show ${name} >/dev/null 2>&1 ||
      ip -n ${namespace} link add ${name} type bridge
    ip -n ${namespace} address replace ${`${address}/${labPrefix}`} dev ${name}
    ip -n ${namespace} link set ${name} up
  `;
}

/**
 * Gives a container new network cards in a new namespace, as a machine that starts has no addresses, routes or packet
 * filter from its last life.
 */
export function plugContainer(lab: LabIdentity, host: LabHostSpec): Script {
  const namespace = hostNamespace(lab, host.name);
  const cables = host.nics.map((nic) => cable(host, nic));
  const plug = host.nics.map(
    (nic) => sh`
      ip -n ${lab.name} link add ${cable(host, nic)} \
        type veth peer name ${nic.device} address ${nic.mac} netns ${namespace}
      ip -n ${lab.name} link set ${cable(host, nic)} master ${nic.bridge} up
    `,
  );
  return sh`
    ## The namespace of a container that has just ended goes away a little later, its cables with it.
    for cable in ${cables}; do ip -n ${lab.name} link del "$cable" 2>/dev/null || :; done
    ip netns del ${namespace} 2>/dev/null || :
    ip netns add ${namespace}
    ${lines(...plug)}
  `;
}

/** Makes the taps of a virtual machine; they stay while it is off. */
export function plugVirtualMachine({ name }: LabIdentity, host: LabHostSpec): Script {
  return lines(
    ...host.nics.map(
      (nic) => sh`
        ip -n ${name} link show ${cable(host, nic)} >/dev/null 2>&1 ||
          ip -n ${name} tuntap add dev ${cable(host, nic)} mode tap
        ip -n ${name} link set ${cable(host, nic)} master ${nic.bridge} up
      `,
    ),
  );
}

/** The end of a host's cable at the bridge; 15 characters at most. */
export function cable({ name }: LabHostSpec, { device }: LabNic): string {
  return `${name}-${device}`;
}

// `ip netns add` that was killed halfway leaves a file that is no namespace.
function ensureNamespace(namespace: string): Script {
  return sh`
    if ! ip -n ${namespace} link show lo >/dev/null 2>&1; then
      ip netns del ${namespace} 2>/dev/null || :
      ip netns add ${namespace}
    fi
  `;
}
