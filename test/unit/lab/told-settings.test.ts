import { describe, expect, test } from '@jest/globals';
import { type Inventory } from '../../../src/inventory/inventory.ts';
import { labFrom } from '../../../src/lab/lab-from.ts';
import {
  type HostNetwork,
  hostsToAsk,
  waysToAsk,
  withTold,
} from '../../../src/lab/told-settings.ts';
import { loadText, problemsIn } from '../../support/inventory/load-inventory-text.ts';

/** Five lines, and nothing of any network card. */
const SHORT = `
director: {hosts: {lvs: {ansible_host: 192.168.2.130}}}
real_servers: {hosts: {rs1: {ansible_host: 192.168.2.128}, rs2: {ansible_host: 192.168.2.129}}}
clients: {hosts: {client: {ansible_host: 192.168.4.132}}}
all: {vars: {lvs_vip: 192.168.4.133}}
`;

const DIRECTOR = network(['ens33 192.168.2.130/24', 'ens37 192.168.4.133/24', 'lo 127.0.0.1/8']);
const SERVERS: readonly (readonly [string, HostNetwork])[] = [
  ['rs1', network(['lo 127.0.0.1/8', 'ens37 192.168.2.128/24'])],
  ['rs2', network(['ens33 192.168.2.129/24'])],
];

/** @param addresses as 'DEVICE ADDRESS/LENGTH'; the devices but lo and tunl0 are its cards. */
function network(addresses: readonly string[], more: Partial<HostNetwork> = {}): HostNetwork {
  const own = addresses.map((text) => {
    const [device = '', address = '', length = ''] = text.split(/[ /]/);
    return { device, address, length: Number(length) };
  });
  const cards = own.map(({ device }) => device).filter((one) => one !== 'lo' && one !== 'tunl0');
  return { addresses: own, cards: [...new Set(cards)], ways: new Map(), ...more };
}

async function told(director: HostNetwork, text: string = SHORT): Promise<Inventory> {
  const inventory = await loadText({ hosts: text });
  return withTold(inventory, new Map([...SERVERS, ['lvs', director]])).inventory;
}

/** What the lab has as the director's two sides, 'DEVICE ADDRESS/LENGTH'. */
function sidesOf(inventory: Inventory): readonly string[] {
  const [director] = labFrom(inventory).directors;
  return [director?.outside, director?.inside].map(
    (nic) => `${nic?.device} ${nic?.address}/${nic?.prefix}`,
  );
}

test('who lacks something is asked, and for the ways to all others', async () => {
  const inventory = await loadText({ hosts: SHORT });
  expect(hostsToAsk(inventory)).toEqual(['lvs', 'rs1', 'rs2']);
  expect(waysToAsk(inventory)).toEqual(['192.168.2.128', '192.168.2.129', '192.168.4.132']);
});

test('an inventory that says all asks nobody', async () => {
  const text = `
director: {hosts: {lvs: {ansible_host: 192.168.2.130, lvs_dip: 192.168.2.130, lvs_vip_interface: a, lvs_dip_interface: b}}}
real_servers: {hosts: {rs1: {ansible_host: 192.168.2.128, lvs_interface: c}}}
`;
  expect(hostsToAsk(await loadText({ hosts: text }))).toEqual([]);
});

test('five lines make a lab, with what the hosts have', async () => {
  const inventory = await told(DIRECTOR);
  expect(sidesOf(inventory)).toEqual(['ens37 192.168.4.133/24', 'ens33 192.168.2.130/24']);
  expect(labFrom(inventory).realServers.map(({ nic }) => `${nic.device} ${nic.address}`)).toEqual([
    'ens37 192.168.2.128',
    'ens33 192.168.2.129',
  ]);
});

describe("the director's sides", () => {
  test.each<[string, HostNetwork, readonly string[]]>([
    [
      'the VIP is gone: the other card of two',
      network(['ens33 192.168.2.130/24'], { cards: ['ens33', 'ens37'] }),
      ['ens37 192.168.4.133/24', 'ens33 192.168.2.130/24'],
    ],
    [
      'the VIP is gone: the card with an address beside it, of three',
      network(['ens33 192.168.2.130/24', 'ens37 192.168.4.2/24', 'ens40 10.0.0.1/8']),
      ['ens37 192.168.4.133/24', 'ens33 192.168.2.130/24'],
    ],
    [
      'the VIP is gone: the card on the way to the client, of three',
      network(['ens33 192.168.2.130/24', 'ens40 10.0.0.1/8'], {
        cards: ['ens33', 'ens37', 'ens40'],
        ways: new Map([['192.168.4.132', 'ens37']]),
      }),
      ['ens37 192.168.4.133/24', 'ens33 192.168.2.130/24'],
    ],
    [
      "another length than usual, and two addresses in the servers' network",
      network(['eth1 192.168.4.133/16', 'eth0 192.168.2.130/23', 'eth0 192.168.2.131/23']),
      ['eth1 192.168.4.133/23', 'eth0 192.168.2.130/23'],
    ],
  ])('%s', async (_, director, sides) => {
    expect(sidesOf(await told(director))).toEqual(sides);
  });

  test.each<[string, HostNetwork]>([
    ['nothing', network([])],
    ['addresses that have nothing to do with the lab', network(['a 10.0.0.1/8', 'b 10.1.0.1/8'])],
    ['a name that no device has', network(['$(reboot) 192.168.2.130/24', 'b 192.168.4.133/24'])],
  ])('a director that tells %s leaves the inventory lacking', async (_, director) => {
    const inventory = await told(director);
    const problems = (): unknown => labFrom(inventory);
    expect(problems).toThrow(/needs the variable lvs_dip_interface|2 problems|3 problems/);
  });

  test('with LVS-DR one card does for both, and the VIP on the loopback device is no card', async () => {
    const text = SHORT.replaceAll('192.168.4.', '192.168.2.').replace(
      'lvs_vip:',
      'lvs_mode: dr, lvs_vip:',
    );
    const director = network(['lo 192.168.2.133/32', 'eth0 192.168.2.130/24']);
    expect(sidesOf(await told(director, text))).toEqual([
      'eth0 192.168.2.130/24',
      'eth0 192.168.2.130/24',
    ]);
  });

  test('with LVS-TUN the DIP is the address on the way to servers in other networks', async () => {
    const text = SHORT.replaceAll('192.168.2.12', '10.9.0.12').replace(
      'lvs_vip:',
      'lvs_mode: tun, lvs_vip:',
    );
    const director = network(['eth0 192.168.2.130/24', 'eth1 192.168.4.133/24'], {
      ways: new Map([['10.9.0.128', 'eth0']]),
    });
    expect(sidesOf(await told(director, text))).toEqual([
      'eth1 192.168.4.133/24',
      'eth0 192.168.2.130/24',
    ]);
  });
});

test('what the inventory says stands, whatever the host tells', async () => {
  const text = SHORT.replace('ansible_host: 192.168.2.130', '$&, lvs_dip: 192.168.2.140');
  const inventory = await told(
    network(['ens33 192.168.2.130/24', 'ens33 192.168.2.140/24', 'ens37 192.168.4.133/24']),
    text,
  );
  expect(sidesOf(inventory)).toEqual(['ens37 192.168.4.133/24', 'ens33 192.168.2.140/24']);
});

test('a DIP that the inventory names and no card has any more is looked for beside the real servers', async () => {
  const text = SHORT.replace('ansible_host: 192.168.2.130', '$&, lvs_dip: 192.168.2.140');
  const inventory = await told(network(['ens33 192.168.2.130/24', 'ens37 192.168.4.133/24']), text);
  expect(sidesOf(inventory)).toEqual(['ens37 192.168.4.133/24', 'ens33 192.168.2.140/24']);
});

test('a host that is reached by a name says itself at which address it was', async () => {
  const text = SHORT.replace('192.168.2.128', 'rs1.example.com');
  const inventory = await loadText({ hosts: text });
  expect(hostsToAsk(inventory)).toContain('rs1');
  const network128 = network(['eth0 10.0.0.5/8', 'eth1 192.168.2.128/24'], {
    reachedAt: '192.168.2.128',
  });
  const { inventory: complete } = withTold(
    inventory,
    new Map([...SERVERS, ['rs1', network128], ['lvs', DIRECTOR]]),
  );
  const [server] = labFrom(complete).realServers;
  expect(server?.nic).toMatchObject({ device: 'eth1', address: '192.168.2.128' });
});

test('a real server that can not be asked is no reason not to look at the others', async () => {
  const inventory = await loadText({ hosts: SHORT });
  const { inventory: complete, told: all } = withTold(inventory, new Map([['lvs', DIRECTOR]]));
  expect(labFrom(complete).realServers).toHaveLength(2);
  expect(all.get('lvs')).toEqual({
    ...{ lvs_dip: '192.168.2.130', lvs_prefix: 24 },
    ...{ lvs_dip_interface: 'ens33', lvs_vip_interface: 'ens37' },
  });
});

test('a real server that has the RIP on none of its cards is looked at, and no card is guessed', async () => {
  const lost = network(['eth0 10.0.0.5/8', 'eth1 10.1.0.5/16']);
  const inventory = await loadText({ hosts: SHORT });
  const { inventory: complete, told: all } = withTold(
    inventory,
    new Map([...SERVERS, ['rs1', lost], ['lvs', DIRECTOR]]),
  );
  expect(labFrom(complete).realServers[0]?.nic.device).toBe('unknown');
  expect(all.get('rs1')).toEqual({});
});

test('a director that can not be asked leaves the inventory lacking what only it can tell', async () => {
  const { inventory } = withTold(await loadText({ hosts: SHORT }), new Map(SERVERS));
  let thrown: unknown;
  try {
    labFrom(inventory);
  } catch (error) {
    thrown = error;
  }
  expect(problemsIn(thrown).map(({ message }) => message)).toEqual([
    'lvs needs the variable lvs_dip',
    'lvs needs the variable lvs_vip_interface',
    'lvs needs the variable lvs_dip_interface',
  ]);
});
