import { sh } from '../../../src/engine/model/shell/script.ts';
import { section } from '../../../src/platforms/sections.ts';
import { observeIfupdown } from '../../../src/platforms/network/boot/ifupdown/ifupdown-boot.ts';
import { observeInitscripts } from '../../../src/platforms/network/boot/initscripts/initscripts-files.ts';
import { observeNetplan } from '../../../src/platforms/network/boot/netplan/netplan-boot.ts';
import { observeNetworkd } from '../../../src/platforms/network/boot/networkd/networkd-boot.ts';
import { observeNm } from '../../../src/platforms/network/boot/nm-boot.ts';
import { observeCloudInit } from '../../../src/platforms/network/cloud-init.ts';
import { networkBackends } from '../../../src/platforms/network/network-backends.ts';
import { observeOwner, observeOwners } from '../../../src/platforms/network/owners/nic-owner.ts';
import { settleRuntime } from '../../../src/resources/network/interface/interface-settle.ts';
import { type ScriptCollector } from './script-collector.ts';

const readers = {
  ifupdown: observeIfupdown('ens33'),
  initscripts: observeInitscripts,
  netplan: observeNetplan,
  networkd: observeNetworkd,
  NetworkManager: observeNm,
  owner: observeOwner('ens33'),
  owners: observeOwners,
  'cloud-init': observeCloudInit,
};

const change = {
  device: 'ens33',
  paths: [
    '/etc/one.nmconnection',
    '/etc/NetworkManager/system-connections/lvslab-ens33.nmconnection',
  ],
};

/** What those who configure NICs are told, and how a change of theirs ends. */
export function networkVerbs(collector: ScriptCollector): void {
  for (const [name, backend] of Object.entries(networkBackends)) {
    for (const [what, verb] of Object.entries({
      reload: backend.reload,
      activate: backend.activate,
      'at boot': backend.restoreAtBoot,
    })) {
      if (verb === undefined) continue;
      for (const paths of [change.paths, []]) {
        collector.add(
          `${name}: ${what}, ${paths.length} files`,
          sh`
          set -eu
          ${verb({ ...change, paths })}
        `,
        );
      }
    }
  }
  const from = {
    up: true,
    addresses: ['192.168.2.50/24', '192.168.2.60/24'],
    defaultRoutes: ['default via 192.168.2.1 dev ens33'],
  };
  const to = {
    up: true,
    addresses: ['192.168.2.50/24', '192.168.2.128/24'],
    defaultRoutes: ['default via 192.168.2.130 dev ens33'],
  };
  collector.add('a NIC settles', settleRuntime('ens33', from, to));
  const before = settleRuntime('ens33', from, to, { isGoingBack: true });
  collector.add('a NIC settles as it was before', before);
}

/** What reads the files of the network as the next boot will. */
export function networkScripts(collector: ScriptCollector): void {
  for (const [name, script] of Object.entries(readers)) {
    collector.add(
      `what the next boot reads, ${name}`,
      sh`
        export LC_ALL=C
        ${section('boot', script)}
      `,
    );
  }
}
