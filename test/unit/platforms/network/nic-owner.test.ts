import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { ifupdownAtBoot } from '../../../../src/platforms/network/boot/ifupdown/ifupdown-boot.ts';
import { initscriptsAtBoot } from '../../../../src/platforms/network/boot/initscripts/initscripts-boot.ts';
import { netplanAtBoot } from '../../../../src/platforms/network/boot/netplan/netplan-boot.ts';
import { networkdAtBoot } from '../../../../src/platforms/network/boot/networkd/networkd-boot.ts';
import { nmAtBoot } from '../../../../src/platforms/network/boot/nm-boot.ts';
import { type NicOwner, parseOwner } from '../../../../src/platforms/network/owners/nic-owner.ts';

const ether =
  '2: ens33: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc fq state UP mode DEFAULT group default qlen 1000\\    link/ether 00:50:56:00:00:33 brd ff:ff:ff:ff:ff:ff promiscuity 0';

function output(parts: Readonly<Record<string, string>>): string {
  const all = {
    link: ether,
    nm: '',
    networkd: '',
    ifstate: '',
    ifupdown: '',
    initscripts: '',
    ...parts,
  };
  return Object.entries(all)
    .map(([name, text]) => `${name}\n${text.replaceAll(/^/gm, ' ')}\n`)
    .join('');
}

function owner(parts: Readonly<Record<string, string>>): NicOwner {
  const found = parseOwner(output(parts), 'ens33');
  if (found.kind !== 'value') throw new Error(found.kind === 'unknown' ? found.reason : 'absent');
  return found.value;
}

const uuid = '11111111-1111-4111-8111-111111111111';
const connected = `running
GENERAL.STATE:100 (connected)
GENERAL.REASON:0 (No reason given)
GENERAL.CON-UUID:${uuid}
state ens33:connected
file ${uuid}:/etc/NetworkManager/system-connections/ens33.nmconnection`;

describe('the owner of a NIC', () => {
  test('is nobody where nobody says so', () => {
    expect(owner({})).toEqual({ claims: [], reasons: [], link: 'plain' });
  });

  test.each([
    [{ nm: connected }, 'networkmanager', false],
    [
      {
        nm: connected.replace(
          '/etc/NetworkManager/system-connections/ens33',
          '/run/NetworkManager/system-connections/netplan-ens33',
        ),
      },
      'networkmanager',
      true,
    ],
    [
      {
        networkd:
          'running\nlist   2 ens33 ether routable configured\nfile /run/systemd/network/10-netplan-ens33.network',
      },
      'networkd',
      true,
    ],
    [
      {
        networkd:
          'running\nlist   2 ens33 ether routable configuring\nfile /etc/systemd/network/a.network',
      },
      'networkd',
      false,
    ],
    [{ ifupdown: 'installed\nenabled', ifstate: 'lo=lo\nens33=ens33' }, 'ifupdown', false],
    [
      { initscripts: 'installed\nenabled\nfile /etc/sysconfig/network-scripts/ifcfg-ens33' },
      'initscripts',
      false,
    ],
  ])('is told by what runs: %j', (parts, manager, byNetplan) => {
    expect(owner(parts).claims).toEqual([
      expect.objectContaining({ manager, byNetplan, evidence: expect.stringMatching(/^\w/) }),
    ]);
  });

  test('are two where both say so', () => {
    const { claims } = owner({
      nm: connected,
      ifupdown: 'installed',
      ifstate: 'ens33=ens33',
      initscripts: 'installed\nenabled\nfile /etc/sysconfig/network-scripts/ifcfg-ens33\nnot-nm',
    });
    expect(claims.map(({ manager }) => manager)).toEqual([
      'networkmanager',
      'ifupdown',
      'initscripts',
    ]);
  });

  test.each([
    ['its files name it, and bring it up at boot', 'named\nat-boot', true],
    ['its files name it, though they do not bring it up', 'named', true],
    ['both were told to take it', 'named\nat-boot\nbeside-nm', true],
    ['NetworkManager was told to take it all the same', 'named\nbeside-nm', false],
    ['its files name others', '', false],
  ])('is ifupdown, too, from the next boot on, where %s', (_, told, isNext) => {
    const { claims } = owner({ nm: connected, ifupdown: `installed\nenabled\n${told}` });
    expect(claims.map(({ manager }) => manager)).toEqual(
      isNext ? ['networkmanager', 'ifupdown'] : ['networkmanager'],
    );
  });

  test('is NetworkManager alone where the network service leaves the NIC to it', () => {
    const { claims } = owner({
      nm: connected,
      initscripts: 'installed\nenabled\nfile /etc/sysconfig/network-scripts/ifcfg-ens33',
    });
    expect(claims.map(({ manager }) => manager)).toEqual(['networkmanager']);
  });

  test('is not who only looks on, and the reason is told', () => {
    const { claims, reasons } = owner({
      nm: 'running\nGENERAL.STATE:10 (unmanaged)\nGENERAL.REASON:76 (The device is unmanaged by user decision via settings plugin)\nGENERAL.CON-UUID:\nstate ens33:unmanaged',
      networkd: 'running\nlist 2 ens33 ether routable unmanaged',
    });
    expect(claims).toEqual([]);
    expect(reasons).toEqual([
      'NetworkManager: unmanaged (The device is unmanaged by user decision via settings plugin)',
      'networkd: unmanaged, no .network file is for it',
    ]);
    expect(owner({ nm: 'running\nstate ens33:connected (externally)' }).claims).toEqual([]);
  });

  test('comes with what the NIC is, and whose port', () => {
    expect(owner({ link: ether.replace('group', 'master br0 group') }).master).toBe('br0');
    const kind = (text: string): string => owner({ link: `${ether} ${text}` }).link;
    expect(kind('bridge forward_delay 1500 hello_time 200')).toBe('bridge');
    expect(kind('bond mode active-backup miimon 0')).toBe('bond');
    expect(kind('vlan protocol 802.1Q id 20 <REORDER_HDR>')).toBe('vlan');
    expect(kind('bridge_slave state forwarding')).toBe('plain');
  });

  test('is unknown where the answer is not one', () => {
    expect(parseOwner('', 'ens33').kind).toBe('unknown');
    expect(parseOwner(output({ link: ether.replace('ens33', 'ens37') }), 'ens33').kind).toBe(
      'unknown',
    );
    expect(parseOwner(output({}).replace('networkd\n', ''), 'ens33')).toEqual({
      kind: 'unknown',
      reason: "the host told no 'networkd'",
    });
  });
});

const readers = {
  owner: (text: string) => parseOwner(text, 'ens33'),
  ifupdown: (text: string) => ifupdownAtBoot(text, 'ens33'),
  initscripts: (text: string) => initscriptsAtBoot(text, 'ens33'),
  netplan: (text: string) => netplanAtBoot(text, 'ens33'),
  networkd: (text: string) => networkdAtBoot(text, 'ens33'),
  nm: (text: string) => nmAtBoot(text, 'ens33'),
} as const;
const names = fc.constantFrom(
  ...['files', 'variables', 'nics', 'auto', 'reader', 'errors', 'rendered', 'networkd', 'keyfiles'],
  ...[
    'others',
    'timestamps',
    'rc.local',
    'version',
    'link',
    'nm',
    'ifstate',
    'ifupdown',
    'initscripts',
  ],
);
const file = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 60 }))
  .map(([name, text]) => {
    const [path, content] = [`/etc/network/${name}`, text].map((one) =>
      Buffer.from(one).toString('base64'),
    );
    return `${path ?? ''} 600 0 ${content ?? ''}`;
  });
const line = fc.oneof(
  file,
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    'status 0',
    'running',
    'installed',
    'sourced',
    'file L2V0Yw==',
    ether,
    '\u001b[31m',
    '\0',
  ),
);
const sections = fc
  .array(fc.tuple(names, fc.array(line, { maxLength: 5 })))
  .map((all) =>
    all
      .map(
        ([name, text]) =>
          `${name}\n${text.map((one) => ` ${one.replaceAll('\n', '')}\n`).join('')}`,
      )
      .join(''),
  );

describe('whatever a host answers', () => {
  test.each(Object.entries(readers))('%s takes it for a state or for unknown', (_name, read) => {
    fc.assert(
      fc.property(fc.oneof(sections, fc.string({ unit: 'binary' })), (text) => {
        expect(['value', 'unknown']).toContain(read(text).kind);
      }),
      { numRuns: 300 },
    );
  });

  test.each(Object.entries(readers))('%s does not get lost in it', (_name, read) => {
    const deep = `files\n ${'QQ== 600 0 QQ==\n '.repeat(3000)}\nlink\n ${'a '.repeat(200_000)}\nnics\n ${'x'.repeat(500_000)}\n`;
    expect(read(deep).kind).toBe('unknown');
  });
});
