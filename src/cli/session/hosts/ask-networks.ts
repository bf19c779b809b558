import { type Connection } from '../../../engine/model/connection.ts';
import { type Script, sh } from '../../../engine/model/shell/script.ts';
import { readWay } from '../../../diagnose/readings/host-scripts.ts';
import {
  parseAddresses,
  parseLinks,
  parseWay,
} from '../../../diagnose/readings/parse/parse-network.ts';
import { type Inventory } from '../../../inventory/inventory.ts';
import { shown } from '../../../inventory/shown.ts';
import { type LabSettings } from '../../../inventory/variables/lab-variables.ts';
import { type HostNetwork, hostsToAsk, waysToAsk, withTold } from '../../../lab/told-settings.ts';
import { isIpv4 } from '../../../net/ip-address.ts';
import { observeParts } from '../../../verify/readings/observe-parts.ts';
import { type Screen } from '../../terminal/screen.ts';
import { randomWord } from '../engine-context.ts';
import { type Access } from './access.ts';
import { connect } from './connect.ts';
import { openEach } from './open-each.ts';

/**
 * Asks the hosts of a lab for what its inventory leaves out and they can tell, changing nothing, and says what was taken
 * from whom; who can't be reached tells nothing.
 * @throws CancelledError
 */
export async function askForLeftOut(
  inventory: Inventory,
  access: Access,
  screen: Screen,
): Promise<Inventory> {
  const open = async (name: string, signal: AbortSignal): Promise<Connection> => {
    const host = inventory.hosts.get(name);
    if (host === undefined) throw new RangeError(`there is no host ${name}`);
    return await connect(host, access, { ...screen, signal });
  };
  const names = hostsToAsk(inventory);
  const { connections, failures } = await openEach(names, open, screen.signal);
  try {
    const ways = waysToAsk(inventory);
    const networks = await Promise.all(
      [...connections].map(
        async ([name, connection]) =>
          [name, await askNetwork(connection, ways, screen.signal)] as const,
      ),
    );
    const { inventory: complete, told } = withTold(inventory, new Map(networks));
    for (const name of names) {
      const reason = failures.get(name);
      const text = printed(told.get(name) ?? {});
      if (reason !== undefined) {
        screen.reporter.say(`${name} can't be asked for what the inventory leaves out: ${reason}`);
      } else if (text !== '') {
        screen.reporter.say(`${name} has ${text}: the inventory leaves it out.`);
      }
    }
    return complete;
  } finally {
    await Promise.allSettled([...connections.values()].map((connection) => connection.close()));
  }
}

const READ: readonly Script[] = [
  sh`ip -o -4 addr show`,
  sh`ip -o link show`,
  sh`printf '%s\n' "\${SSH_CONNECTION-}"`,
];

/** What a host tells of its network, in one session; nothing of what it doesn't tell. */
export async function askNetwork(
  connection: Connection,
  ways: readonly string[],
  signal: AbortSignal,
): Promise<HostNetwork> {
  const scripts = [...READ, ...ways.map((address) => readWay(address))];
  const read = await observeParts(connection, scripts, { nonce: randomWord, signal });
  const [addresses = '', links = '', login = '', ...routes] = read.map((one) =>
    one.kind === 'value' ? one.value : '',
  );
  // Of the four words, the third is the address at which the host was asked.
  const [, , reachedAt = ''] = login.trim().split(' ');
  return {
    addresses: parseAddresses(addresses),
    cards: parseLinks(links).flatMap(({ device, mac }) => (mac === undefined ? [] : [device])),
    ways: new Map(
      ways.flatMap((address, i) => {
        const { device } = parseWay(routes[i] ?? '');
        return device === undefined ? [] : [[address, device] as const];
      }),
    ),
    ...(isIpv4(reachedAt) && { reachedAt }),
  };
}

/** 'lvs_dip 192.168.2.130, lvs_dip_interface ens33'. */
function printed(settings: LabSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${shown(value)}`)
    .join(', ');
}
