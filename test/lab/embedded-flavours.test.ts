import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { bringUp } from '../../src/embedded/bring-up.ts';
import { labNamed } from '../../src/embedded/embedded-lab.ts';
import { powerCut, restartHost, startHost } from '../../src/embedded/hosts/host-power.ts';
import { type Flavour } from '../../src/embedded/images/recipes/image-recipe.ts';
import {
  configuredNics,
  type LabHostName,
  labHosts,
  type LabHostSpec,
  labPrefix,
} from '../../src/embedded/lab/lab-hosts.ts';
import { writeRecord } from '../../src/embedded/lab/lab-record.ts';
import { labStatus } from '../../src/embedded/lab/lab-status.ts';
import { outputLines, overSsh } from '../../src/embedded/lab/over-ssh.ts';
import { probeVirtualization } from '../../src/embedded/machine/virtualization.ts';
import { takeDown } from '../../src/embedded/take-down.ts';
import { startLabDhcp } from '../support/network/lab-dhcp.ts';
import { leftoversOf } from '../support/lab/lab-leftovers.ts';
import { expectExit, lvslab } from '../support/lvslab.ts';

jest.setTimeout(600_000);

const lab = labNamed('lvfl2');
const down = (): Promise<void> => takeDown({ ...lab, report: () => undefined });

/** A director that forwards nothing needs no IPVS: a container does on every machine, and boots in seconds. */
const isVirtual = process.env['FLAVOURS_DIRECTOR'] === 'vm';

async function up(flavour: Flavour): Promise<void> {
  if (!isVirtual) {
    const reasons = ['only its network is looked at'];
    await writeRecord(lab, { flavour, director: 'container', reasons });
  }
  const { kvm } = await probeVirtualization(lab.paths.cache);
  const accelerator = kvm.usable ? 'kvm' : 'tcg';
  await bringUp({ ...lab, flavour, accelerator, report: () => undefined });
}

/** What a command on a host prints, line by line. */
async function on(host: LabHostSpec, command: string): Promise<readonly string[]> {
  const answer = await overSsh(lab, { host, command, limitMs: 120_000 });
  if (answer.isLate) throw new Error(`${host.name} does not answer`);
  return outputLines(answer).map((line) => line.trimEnd());
}

/** Who configures the NICs of a flavour, asked in the manager's own words. */
interface Manager {
  readonly flavour: Flavour;
  /** Shell that prints a line for each NIC with what its manager says of it, in the order of the devices' names. */
  readonly nics: string;
  /** What is said of a NIC that is configured. */
  readonly configured: (device: string) => string;
  /** What is said of one that nobody has configured. */
  readonly left: (device: string) => unknown;
  /** Shell that prints where the manager has it from that a NIC is configured. */
  readonly source: (device: string) => string;
  readonly file: (device: string) => string;
  /** Shell that prints what other managers that are there have, and what it prints. */
  readonly others: readonly [string, readonly string[]];
}

const networkd = {
  nics: "networkctl --no-legend --no-pager list | awk '$2 ~ /^ens/ { print $2, $NF }' | sort",
  configured: (device: string) => `${device} configured`,
  left: (device: string) => `${device} unmanaged`,
  source: (device: string) =>
    `networkctl --no-pager status ${device} | sed -n 's/^ *Network File: //p'`,
};

const managers: readonly Manager[] = [
  {
    flavour: 'debian-nm',
    nics: "nmcli -t -f DEVICE,STATE device | grep '^ens' | sort",
    configured: (device) => `${device}:connected`,
    // NetworkManager goes on asking for an address by DHCP, with pauses.
    left: (device) => expect.stringMatching(new RegExp(`^${device}:(connecting|disconnected)`)),
    source: (device) =>
      `nmcli -t -f DEVICE,FILENAME connection show --active | sed -n 's/^${device}://p'`,
    file: (device) => `/etc/NetworkManager/system-connections/${device}.nmconnection`,
    others: [
      'cat /run/network/ifstate; systemctl is-active systemd-networkd',
      ['lo=lo', 'inactive'],
    ],
  },
  {
    ...networkd,
    flavour: 'debian-networkd',
    file: (device) => `/etc/systemd/network/10-${device}.network`,
    others: ['cat /run/network/ifstate; command -v nmcli netplan', ['lo=lo']],
  },
  {
    ...networkd,
    flavour: 'ubuntu',
    file: (device) => `/run/systemd/network/10-netplan-${device}.network`,
    others: [
      'command -v ifup nmcli; stat -c %a /etc/netplan/*; systemctl is-active systemd-resolved',
      ['600', 'active'],
    ],
  },
];

/** The host as its manager has to have made it. */
function expected(host: LabHostSpec, manager: Manager): readonly unknown[] {
  const configured = configuredNics(host);
  return [
    'running',
    ...configured.map(({ device, address }) => `${device} ${address}/${labPrefix}`),
    ...configured.flatMap(({ device, gateway }) =>
      gateway === undefined ? [] : [`default via ${gateway} dev ${device}`],
    ),
    ...host.nics.map(({ device, address }) =>
      address === undefined ? manager.left(device) : manager.configured(device),
    ),
    ...configured.map(({ device }) => manager.file(device)),
    ...manager.others[1],
  ];
}

/** Right after boot a manager may not have come to its end: what is asked is asked again for a while. */
async function expectRight(host: LabHostSpec, manager: Manager): Promise<void> {
  const command = [
    'systemctl is-system-running --wait',
    "ip -o -4 addr show scope global | awk '{ print $2, $4 }'",
    "ip -4 route show default | cut -d ' ' -f 1-5",
    manager.nics,
    ...configuredNics(host).map(({ device }) => manager.source(device)),
    manager.others[0],
  ].join('\n');
  const until = performance.now() + 120_000;
  for (;;) {
    const found = [host.name, ...(await on(host, command))];
    try {
      expect(found).toEqual([host.name, ...expected(host, manager)]);
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
    }
  }
}

const everyHost = async (work: (host: LabHostSpec) => Promise<void>): Promise<void> => {
  await Promise.all(labHosts.map(work));
};

function hostNamed(name: LabHostName): LabHostSpec {
  const [host] = labHosts.filter((known) => known.name === name);
  if (host === undefined) throw new Error(`no host ${name}`);
  return host;
}

describe.each(managers)('a lab of $flavour', (manager) => {
  beforeAll(async () => {
    await down();
    await up(manager.flavour);
  }, 1_800_000);

  afterAll(down, 300_000);

  test('has four hosts that are up', async () => {
    const { hosts = [] } = (await labStatus(lab)) ?? {};
    expect(hosts.map(({ host, state }) => [host.name, state])).toEqual(
      labHosts.map(({ name }) => [name, 'up']),
    );
  });

  test('is not changed into another, and keeps its flavour where none is asked for', async () => {
    expect(await lvslab('lab', 'up', '-n', lab.name, '--flavour', 'el7')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`with the flavour ${manager.flavour}`),
    });
    const again = await lvslab('lab', 'up', '-n', lab.name);
    expectExit(again, 0);
    expect(again.stdout).toContain(`(${manager.flavour};`);
  });

  const boots: readonly [string, (name: LabHostName) => Promise<void>][] = [
    ['once it is up', () => Promise.resolve()],
    ['when every host has been rebooted', (host) => restartHost(lab, { host })],
    [
      'after a power cut',
      async (host) => {
        await powerCut(lab, { host });
        await startHost(lab, { host });
      },
    ],
  ];

  test.each(boots)('%s, each NIC is what its one manager made of it', async (_, boot) => {
    await everyHost(async (host) => {
      await boot(host.name);
      await expectRight(host, manager);
    });
  });

  if (manager.flavour === 'debian-nm') {
    test('NetworkManager takes an address by DHCP for a NIC without a profile', async () => {
      const director = hostNamed('director');
      const dhcp = await startLabDhcp(lab, {
        bridge: 'br-wan',
        range: ['192.168.4.200', '192.168.4.210'],
      });
      await on(director, 'nmcli -w 60 connection up "Wired connection 1"');
      const [own] = director.nics.filter(({ device }) => device === 'ens37');
      const leased = (await dhcp.leases()).get(own?.mac ?? '');
      expect(leased).toMatch(/^192\.168\.4\.2\d\d$/);
      expect(await on(director, "ip -o -4 addr show dev ens37 | awk '{ print $4 }'")).toEqual([
        `${leased}/${labPrefix}`,
      ]);
      await dhcp.stop();
    });
  }

  test('is gone without a trace when it is taken down', async () => {
    await down();
    expect(await leftoversOf(lab.name)).toEqual([]);
  });
});
