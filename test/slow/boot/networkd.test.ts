import { describe, expect, test } from '@jest/globals';

import {
  type NetworkdBoot,
  networkdAtBoot,
  observeNetworkd,
} from '../../../src/platforms/network/boot/networkd/networkd-boot.ts';
import { mergeNetworkFile } from '../../../src/platforms/network/formats/networkd.ts';
import { readersFolder, runBeside, startNetworkd } from '../../support/network/real-readers.ts';

const tools = readersFolder();
const folder = '/etc/systemd/network';

const nics = `for card in ens33 ens37; do
  ip link add "$card" type veth peer name "to-$card"
  ip link set "to-$card" up
done
ip link set dev ens33 address 00:50:56:00:00:33
ip link set dev ens37 address 00:50:56:00:00:37
`;

/** What is read of the files, and what networkd itself has made of them. */
function started(
  files: Readonly<Record<string, string>>,
  { device = 'ens33', before = '' } = {},
): {
  readonly view: NetworkdBoot;
  readonly file: string;
  readonly addresses: string;
  readonly route: string;
} {
  const output = runBeside(
    tools ?? '',
    files,
    `${nics}${before}
(${observeNetworkd.text})
${startNetworkd('ens33', 'ens37')}
echo now
networkctl status ${device} | sed -n 's/^ *Network File: / file /p'
ip -o -4 addr show dev ${device} scope global | sed -n 's/.* inet \\([0-9./]*\\) .*/ address \\1/p'
ip -4 route show default | sed 's/^/ route /'
`,
  );
  const now = output.slice(output.lastIndexOf('\nnow\n')).split('\n');
  const told = (word: string): string =>
    now
      .flatMap((line) => (line.startsWith(` ${word} `) ? [line.slice(word.length + 2).trim()] : []))
      .join('; ');
  const view = networkdAtBoot(output, device);
  if (view.kind !== 'value') throw new Error(view.kind === 'unknown' ? view.reason : 'absent');
  return { view: view.value, file: told('file'), addresses: told('address'), route: told('route') };
}

function expectSame({ view, file, addresses, route }: ReturnType<typeof started>): void {
  expect(view.file ?? 'n/a').toBe(file);
  expect(view.addresses.map(({ address }) => address).join('; ')).toBe(addresses);
  const { gateway, device } = view.defaultRoute ?? {};
  expect(gateway === undefined ? '' : `default via ${gateway} dev ${device ?? ''}`).toBe(
    route.split(' proto')[0],
  );
}

const own =
  '[Match]\nName=ens33\n[Network]\nAddress=192.168.2.129/24\nGateway=192.168.2.130\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n';

(tools === undefined ? describe.skip : describe)('networkd itself', () => {
  test('takes the first file by name that matches, whichever folder it is in', () => {
    const result = started({
      [`${folder}/20-second.network`]: own.replace('129', '50'),
      '/run/systemd/network/10-first.network': own,
      '/usr/lib/systemd/network/05-hidden.network': own.replace('129', '7'),
      [`${folder}/05-hidden.network`]: '',
    });
    expectSame(result);
    expect(result.view).toMatchObject({
      file: '/run/systemd/network/10-first.network',
      comesUp: true,
      sharedWith: [],
      addresses: [{ address: '192.168.2.129/24', line: 4 }],
      conflicts: [],
    });
  });

  test('reads drop-ins behind the file', () => {
    const result = started({
      [`${folder}/10-a.network`]: own.replace(/Gateway.*\n/, ''),
      [`${folder}/10-a.network.d/b.conf`]: '[Network]\nDNS=8.8.8.8\nGateway=192.168.2.7\n',
      '/run/systemd/network/10-a.network.d/a.conf': '[Address]\nAddress=192.168.2.60/24\n',
    });
    expectSame(result);
    expect(result.view.defaultRoute).toMatchObject({
      file: `${folder}/10-a.network.d/b.conf`,
      line: 3,
    });
  });

  test('keeps a gateway beside an empty one in a drop-in, so that there are two', () => {
    const result = started({
      [`${folder}/10-a.network`]: own,
      [`${folder}/10-a.network.d/b.conf`]: '[Network]\nGateway=\nGateway=192.168.2.7\n',
    });
    expect(result.route).toMatch(/^default via 192[.]168[.]2[.](130|7) /);
    expect(result.view.conflicts).toMatchObject([{ file: `${folder}/10-a.network.d/b.conf` }]);
  });

  test.each([
    ['Name=en*', ['ens37']],
    ['Name=!ens37 lo to-*', []],
    ['MACAddress=00-50-56-00-00-33', []],
    ['Type=ether\nName=ens3[37]', ['ens37']],
  ])('matches NICs by %j', (match, sharedWith) => {
    const result = started({
      [`${folder}/10-a.network`]: own
        .replace('Name=ens33', match)
        .replace('Gateway=192.168.2.130\n', ''),
    });
    expectSame(result);
    expect(result.view.sharedWith.filter((name) => !name.startsWith('to-'))).toEqual(sharedWith);
  });

  test('leaves a NIC alone that no file is for, or that one tells it to', () => {
    const none = started({ [`${folder}/10-a.network`]: own }, { device: 'ens37' });
    expect([none.file, none.addresses]).toEqual(['n/a', '']);
    expect(none.view).toMatchObject({ comesUp: false, addresses: [] });
    const told = started({ [`${folder}/10-a.network`]: `${own}[Link]\nUnmanaged=yes\n` });
    expect(told.addresses).toBe('');
    expect(told.view).toMatchObject({ comesUp: false, addresses: [] });
  });

  test('passes over what only root may read', () => {
    const result = started(
      { [`${folder}/10-a.network`]: own, [`${folder}/20-b.network`]: own.replace('129', '50') },
      { before: `chmod 0600 ${folder}/10-a.network` },
    );
    expectSame(result);
    expect(result.view.conflicts).toMatchObject([{ file: `${folder}/10-a.network`, line: 0 }]);
  });

  test('does what an edited file says', () => {
    const text = `# of the web team
[Match]
Name=ens33

[Network]
DHCP=ipv4
LinkLocalAddressing=no
IPv6AcceptRA=no
DNS=8.8.8.8 \\
  2001:db8::53

[Address]
Address=192.168.2.50/24

[Route]
Gateway=192.168.2.1
Metric=77
`;
    const settings = { device: 'ens33', address: '192.168.2.129', prefix: 24, dns: ['9.9.9.9'] };
    const result = started({
      [`${folder}/10-a.network`]: mergeNetworkFile(text, { ...settings, gateway: '192.168.2.130' }),
    });
    expect(result.addresses.split('; ').toSorted()).toEqual([
      '192.168.2.129/24',
      '192.168.2.50/24',
    ]);
    expect(result.route).toBe('default via 192.168.2.130 dev ens33 proto static metric 77');
    expect(result.view).toMatchObject({ nameServers: ['9.9.9.9'], dhcp: false });
  });

  test('can be foreseen only as far as the [Match] is understood', () => {
    expect(() => started({ [`${folder}/10-a.network`]: '[Match]\nDriver=veth\n' })).toThrow(
      /10-a[.]network may be for ens33/,
    );
  });

  test('has two gateways of one metric as a conflict', () => {
    const { view } = started({
      [`${folder}/10-a.network`]: own,
      [`${folder}/20-b.network`]: own
        .replace('ens33', 'ens37')
        .replaceAll('192.168.2.', '192.168.4.'),
    });
    expect(view.conflicts).toMatchObject([{ file: `${folder}/20-b.network`, line: 5 }]);
  });
});
