import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type NmBoot, nmAtBoot, observeNm } from '../../../src/platforms/network/boot/nm-boot.ts';
import {
  addKeyfileRoute,
  mergeKeyfile,
} from '../../../src/platforms/network/formats/nm-keyfile.ts';
import { readKeyfile } from '../../../src/platforms/network/formats/nm-profile.ts';
import {
  type NicOwner,
  observeOwner,
  parseOwner,
} from '../../../src/platforms/network/owners/nic-owner.ts';
import { hosts, settingsOf } from '../../support/network/network-profiles.ts';
import {
  readersFolder,
  runBeside,
  startNetworkManager,
} from '../../support/network/real-readers.ts';

const tools = readersFolder();
const folder = '/etc/NetworkManager/system-connections';

/** What is read of the files, and what NetworkManager itself has made of them. */
function started(
  files: Readonly<Record<string, string>>,
  before = '',
): {
  readonly view: NmBoot;
  readonly owner: NicOwner;
  readonly uuid: string;
  readonly addresses: string;
  readonly route: string;
} {
  const output = runBeside(
    tools ?? '',
    files,
    `for card in ens33 ens37; do
  ip link add "$card" type veth peer name "to-$card"
  ip link set "to-$card" up
done
ip link set dev ens33 address 00:50:56:00:00:33
ip link set dev ens37 address 00:50:56:00:00:37
${before}
(${observeNm.text})
${startNetworkManager('ens33', 'ens37')}
echo now
nmcli -g GENERAL.CON-UUID device show ens33 | sed 's/^/ uuid /'
ip -o -4 addr show dev ens33 scope global | sed -n 's/.* inet \\([0-9./]*\\) .*/ address \\1/p'
ip -4 route show default | sed 's/^/ route /'
(${observeOwner('ens33').text})
`,
  );
  const [read = '', after = ''] = output.split('\nnow\n');
  const told = (word: string): string =>
    after
      .split('\n')
      .flatMap((line) => (line.startsWith(` ${word} `) ? [line.slice(word.length + 2).trim()] : []))
      .join('; ');
  const view = nmAtBoot(read, 'ens33');
  const owner = parseOwner(after, 'ens33');
  if (view.kind !== 'value' || owner.kind !== 'value')
    throw new Error(JSON.stringify([view, owner]));
  return {
    view: view.value,
    owner: owner.value,
    uuid: told('uuid'),
    addresses: told('address'),
    route: told('route'),
  };
}

function profile(
  number: number,
  { head = 'interface-name=ens33', ipv4 = 'address1=192.168.2.129/24,192.168.2.130' } = {},
): string {
  const uuid = `${String(number).repeat(8)}-1111-4111-8111-111111111111`;
  return `[connection]\nid=p${number}\nuuid=${uuid}\ntype=ethernet\n${head}\n\n[ipv4]\nmethod=manual\n${ipv4}\n`;
}

function expectSame({ view, uuid, addresses, route }: ReturnType<typeof started>): void {
  expect(view.profile?.uuid ?? '').toBe(uuid);
  expect(view.addresses.map(({ address }) => address).join('; ')).toBe(addresses);
  const { gateway, device } = view.defaultRoute ?? {};
  expect(gateway === undefined ? '' : `default via ${gateway} dev ${device ?? ''}`).toBe(
    route.split(' proto')[0],
  );
}

(tools === undefined ? describe.skip : describe)('NetworkManager itself', () => {
  test('takes the profile of the highest priority, with what it says', () => {
    const result = started({
      [`${folder}/a.nmconnection`]: profile(1),
      [`${folder}/b.nmconnection`]: profile(2, {
        head: 'interface-name=ens33\nautoconnect-priority=5',
        ipv4: 'address2=192.168.2.51/24\naddress1=192.168.2.50/24\ngateway=192.168.2.1\ndns=8.8.8.8;',
      }),
      [`${folder}/c.nmconnection`]: profile(3, {
        head: 'autoconnect=false\nautoconnect-priority=9',
      }),
      [`${folder}/d.nmconnection`]: profile(4, {
        head: 'interface-name=ens38\nautoconnect-priority=9',
      }),
      [`${folder}/e.nmconnection~`]: profile(5, { head: 'autoconnect-priority=9' }),
    });
    expectSame(result);
    expect(result.view).toMatchObject({
      profile: { id: 'p2' },
      beaten: [{ id: 'p1' }],
      nameServers: ['8.8.8.8'],
      conflicts: [],
      defaultRoute: { file: `${folder}/b.nmconnection`, line: 12 },
    });
    expect(result.owner.claims).toEqual([
      {
        manager: 'networkmanager',
        byNetplan: false,
        file: `${folder}/b.nmconnection`,
        evidence: `NetworkManager: connected, profile ${result.uuid}`,
      },
    ]);
  });

  test('refuses profiles that others may read, and goes by hardware addresses', () => {
    const result = started(
      {
        [`${folder}/a.nmconnection`]: profile(1, { head: 'autoconnect-priority=9' }),
        [`${folder}/b.nmconnection`]: `${profile(2, { head: '' })}[ethernet]\nmac-address=00:50:56:00:00:33\n`,
      },
      `chmod 0644 ${folder}/a.nmconnection`,
    );
    expectSame(result);
    expect(result.view.conflicts).toMatchObject([{ file: `${folder}/a.nmconnection`, line: 0 }]);
  });

  test('has a profile for whichever NIC as a conflict', () => {
    const { view } = started({ [`${folder}/a.nmconnection`]: profile(1, { head: '' }) });
    expect(view.conflicts).toMatchObject([{ file: `${folder}/a.nmconnection`, line: 0 }]);
  });

  test('takes the one that was last active of two with one priority', () => {
    const files = {
      [`${folder}/a.nmconnection`]: profile(1),
      [`${folder}/b.nmconnection`]: profile(2),
    };
    const tie = started(files);
    expect(tie.view.conflicts).toHaveLength(1);
    const times = `[timestamps]\n11111111-1111-4111-8111-111111111111=1700000000\n22222222-1111-4111-8111-111111111111=1700000001\n`;
    expectSame(started({ ...files, '/var/lib/NetworkManager/timestamps': times }));
  });

  test('has the default route by the lower metric, and two of one metric are a conflict', () => {
    const other = (ipv4: string): Record<string, string> => ({
      [`${folder}/a.nmconnection`]: profile(1),
      [`${folder}/b.nmconnection`]: profile(2, { head: 'interface-name=ens37', ipv4 }),
    });
    const better = started(other('address1=192.168.4.9/24,192.168.4.1\nroute-metric=50'));
    expect(better.route).toMatch(/^default via 192[.]168[.]4[.]1 /);
    expect(better.view.defaultRoute).toMatchObject({ device: 'ens37', metric: 50 });
    const same = started(other('address1=192.168.4.9/24,192.168.4.1'));
    expect(same.view.conflicts).toMatchObject([{ file: `${folder}/b.nmconnection` }]);
  });

  test('leaves a NIC alone without a profile', () => {
    const result = started({});
    expectSame(result);
    expect(result.view.comesUp).toBe(false);
  });

  test('reads an edited profile as it was meant', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          'method=auto',
          'method=manual\naddress1=192.168.2.50/24,192.168.2.1',
          'method=manual\naddresses=192.168.2.50;24;192.168.2.1;\nroute1=0.0.0.0/0,192.168.2.9,50',
          'method=manual\naddress1=192.168.2.50/24\ngateway=192.168.2.1\ngateway=192.168.2.2\nnever-default=true',
        ),
        settingsOf('ens33'),
        hosts,
        (ipv4, settings, gateway) => {
          const text = `[connection]\nid=a\nuuid=11111111-1111-4111-8111-111111111111\ntype=ethernet\n\n[ipv4]\n${ipv4}\n`;
          const after = addKeyfileRoute(mergeKeyfile(text, settings), {
            address: '172.16.0.9',
            gateway,
            device: 'ens33',
            metric: 7,
          });
          const normal = runBeside(
            tools ?? '',
            { '/profile': after },
            'nmcli --offline connection modify connection.id b </profile',
          );
          const [ours, theirs] = [after, normal].map((one) => {
            const read = readKeyfile(one).profile;
            return {
              method: read.method,
              addresses: read.addresses.map(({ target }) => target),
              // Without a default route, it does not count.
              gateway: read.neverDefault ? undefined : read.gateway,
              dns: read.dns,
              routes: read.routes.map((route) => [route.target, route.gateway, route.metric]),
              neverDefault: read.neverDefault,
            };
          });
          expect(ours).toEqual(theirs);
        },
      ),
      { numRuns: 12 },
    );
  });
});
