import { describe, expect, test } from '@jest/globals';

import { activeIn } from '../../../../src/platforms/network/boot/nm-active.ts';
import { nm } from '../../../../src/platforms/network/nm.ts';
import { toldFile, toldSections } from '../../../support/network/told-network.ts';

const FOLDER = '/etc/NetworkManager/system-connections';
const [LAN, SPARE] = [
  '11111111-1111-1111-1111-111111111111',
  '11111111-1111-1111-1111-111111111112',
];

function keyfile(id: string, uuid: string, ipv4: string, setting = ''): string {
  const head = `[connection]\nid=${id}\nuuid=${uuid}\ntype=ethernet\ninterface-name=ens33\n`;
  return `${head}${setting}\n\n[ipv4]\n${ipv4}\n`;
}

const fixed = (address: string): string => `address1=${address},192.168.2.1\nmethod=manual`;

/** What is said against taking over the profile that the boot would choose. */
function conflicts(spare: string, active: string): readonly { file: string; hint: string }[] {
  const texts = { lan: keyfile('lan', LAN, fixed('192.168.2.50/24')), spare };
  const output = toldSections({
    files: Object.entries(texts).map(([id, text]) =>
      toldFile(`${FOLDER}/${id}.nmconnection`, text, '600'),
    ),
    others: [],
    active: [`ens33:${active}:${FOLDER}/of it.nmconnection`],
    timestamps: [],
    'cloud-init': [],
  });
  const found = nm.read(output, 'ens33');
  if (found.kind !== 'value') throw new Error(JSON.stringify(found));
  const settings = { device: 'ens33', address: '192.168.2.128', prefix: 24, dns: [] };
  return [...nm.aim(found.value, settings).boot.conflicts];
}

describe('a profile that would take the place of the active one at the next boot', () => {
  test.each([
    ['of another address', keyfile('s', SPARE, fixed('192.168.2.51/24'), 'autoconnect-priority=9')],
    ['of a lease', keyfile('s', SPARE, 'method=auto', 'autoconnect-priority=9')],
    [
      'of another gateway',
      keyfile('s', SPARE, 'address1=192.168.2.50/24\nmethod=manual', 'autoconnect-priority=1'),
    ],
  ])('%s is not taken over until somebody has decided', (_what, spare) => {
    expect(conflicts(spare, LAN)).toMatchObject([
      { file: `${FOLDER}/spare.nmconnection`, hint: expect.stringContaining(SPARE) },
    ]);
    expect(conflicts(spare, SPARE)).toEqual([]);
  });

  test.each([
    ['says the same', keyfile('s', SPARE, fixed('192.168.2.50/24'), 'autoconnect-priority=9')],
    ['does not start by itself', keyfile('s', SPARE, fixed('192.168.2.51/24'), 'autoconnect=no')],
    [
      'is of lower priority',
      keyfile('s', SPARE, fixed('192.168.2.51/24'), 'autoconnect-priority=-1'),
    ],
  ])('is none where it %s', (_what, spare) => {
    expect(conflicts(spare, LAN)).toEqual([]);
  });
});

test('what is active is read as nmcli tells it', () => {
  const told = [
    `ens33:${LAN}:${FOLDER}/a\\:b.nmconnection`,
    `ens37:${SPARE}:/run/NetworkManager/system-connections/Wired connection 1.nmconnection`,
    `br0:${SPARE}:/run/NetworkManager/system-connections/netplan-br0.nmconnection`,
    `:${SPARE}:`,
    'ens38:forged:/etc',
  ];
  expect(activeIn(told.join('\n')).map(({ device, isAutomatic }) => [device, isAutomatic])).toEqual(
    [
      ['ens33', false],
      ['ens37', true],
      ['br0', false],
    ],
  );
});
