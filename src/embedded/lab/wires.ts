import { lines, type Script, sh, trusted } from '../../engine/model/script.ts';
import { hostNamespace, labCgroup, type LabIdentity } from '../embedded-lab.ts';
import { bridges, labPrefix, type LabHostSpec, type LabNic } from './lab-hosts.ts';
import { runProgram } from '../machine/programs.ts';

/** Makes the lab's network namespace with its two bridges, or what is missing of it. */
export async function makeBridges(lab: LabIdentity, signal?: AbortSignal): Promise<void> {
  const { name } = lab;
  const script = lines(
    trusted('set -eu'),
    ensureNamespace(name),
    sh`ip -n ${name} link set lo up`,
    ...bridges.map((bridge) =>
      lines(
        sh`ip -n ${name} link show ${bridge.name} >/dev/null 2>&1 || ip -n ${name} link add ${bridge.name} type bridge`,
        sh`ip -n ${name} address replace ${`${bridge.address}/${labPrefix}`} dev ${bridge.name}`,
        sh`ip -n ${name} link set ${bridge.name} up`,
      ),
    ),
    // Without this, the machine's own packet filter may see the frames that pass the bridges.
    sh`ip netns exec ${name} sh -c 'for f in /proc/sys/net/bridge/bridge-nf-call-*; do [ ! -e "$f" ] || echo 0 > "$f"; done'`,
  );
  await runProgram(['sh', '-c', script.text], {
    step: 'networks',
    cgroup: labCgroup(lab, 'work'),
    signal,
  });
}

/**
 * Gives a container new network cards in a new namespace, as a machine that starts has no addresses, routes or packet
 * filter from its last life.
 */
export function plugContainer(lab: LabIdentity, host: LabHostSpec): Script {
  const namespace = hostNamespace(lab, host.name);
  return lines(
    // The namespace of a container that has just ended goes away a little later, its cables with it.
    ...host.nics.map((nic) => sh`ip -n ${lab.name} link del ${cable(host, nic)} 2>/dev/null || :`),
    sh`ip netns del ${namespace} 2>/dev/null || :`,
    sh`ip netns add ${namespace}`,
    ...host.nics.map((nic) =>
      lines(
        sh`ip -n ${lab.name} link add ${cable(host, nic)} type veth peer name ${nic.device} address ${nic.mac} netns ${namespace}`,
        sh`ip -n ${lab.name} link set ${cable(host, nic)} master ${nic.bridge} up`,
      ),
    ),
  );
}

/** Makes the taps of a virtual machine; they stay while it is off. */
export function plugVirtualMachine({ name }: LabIdentity, host: LabHostSpec): Script {
  return lines(
    ...host.nics.map((nic) =>
      lines(
        sh`ip -n ${name} link show ${cable(host, nic)} >/dev/null 2>&1 || ip -n ${name} tuntap add dev ${cable(host, nic)} mode tap`,
        sh`ip -n ${name} link set ${cable(host, nic)} master ${nic.bridge} up`,
      ),
    ),
  );
}

/** The end of a host's cable at the bridge; 15 characters at most. */
export function cable({ name }: LabHostSpec, { device }: LabNic): string {
  return `${name}-${device}`;
}

// `ip netns add` that was killed halfway leaves a file that is no namespace.
function ensureNamespace(namespace: string): Script {
  return sh`ip -n ${namespace} link show lo >/dev/null 2>&1 || { ip netns del ${namespace} 2>/dev/null || :; ip netns add ${namespace}; }`;
}
