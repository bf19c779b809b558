import { sh } from '../../src/engine/model/script.ts';
import { section } from '../../src/platforms/sections.ts';
import { observeIfupdown } from '../../src/platforms/network/boot/ifupdown-boot.ts';
import { observeInitscripts } from '../../src/platforms/network/boot/initscripts-files.ts';
import { observeNetplan } from '../../src/platforms/network/boot/netplan-boot.ts';
import { observeNetworkd } from '../../src/platforms/network/boot/networkd-boot.ts';
import { observeNm } from '../../src/platforms/network/boot/nm-boot.ts';
import { observeOwner } from '../../src/platforms/network/owners/nic-owner.ts';
import { type ScriptCollector } from './script-collector.ts';

const readers = {
  ifupdown: observeIfupdown('ens33'),
  initscripts: observeInitscripts,
  netplan: observeNetplan,
  networkd: observeNetworkd,
  NetworkManager: observeNm,
  owner: observeOwner('ens33'),
};

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
