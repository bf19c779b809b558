import { fileURLToPath } from 'node:url';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { type BootView } from '../../../src/platforms/network/boot/boot-view.ts';
import { initscriptsAtBoot } from '../../../src/platforms/network/boot/initscripts/initscripts-boot.ts';
import { observeInitscripts } from '../../../src/platforms/network/boot/initscripts/initscripts-files.ts';
import { readersFolder, runBeside } from '../../support/network/real-readers.ts';

const tools = readersFolder();
const root = fileURLToPath(new URL('../../../templates/embedded/el7/root/', import.meta.url));
const scripts = '/etc/sysconfig/network-scripts';

/** EL7's network service as the lab has it: a stand-in, written by the rules of the real one. */
const service: Readonly<Record<string, string>> = Object.fromEntries(
  ['etc/rc.d/init.d', 'etc/sysconfig', 'etc/sysconfig/network-scripts'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) =>
      entry.isFile()
        ? [[`/${folder}/${entry.name}`, readFileSync(path.join(root, folder, entry.name), 'utf8')]]
        : [],
    ),
  ),
);

/** What is read of the files, and what is there when the service has started with them. */
function started(
  files: Readonly<Record<string, readonly string[]>>,
  { device = 'ens37', network = [] as readonly string[] } = {},
): { readonly view: BootView; readonly addresses: readonly string[]; readonly route: string } {
  const noArp = ['', 0, 1, 2].map((index) => `ARPCHECK${index}=no`).concat('ARPUPDATE=no');
  const texts = Object.fromEntries(
    Object.entries(files).map(([name, lines]) => [
      `${scripts}/${name}`,
      [...lines, ...(name.startsWith('ifcfg-') ? noArp : []), ''].join('\n'),
    ]),
  );
  const output = runBeside(
    tools ?? '',
    {
      ...service,
      ...texts,
      '/etc/sysconfig/network': ['NOZEROCONF=yes', ...network, ''].join('\n'),
    },
    `chmod -R a+rx /etc/rc.d ${scripts}
for card in ens33 ens37; do
  ip link add "$card" type veth peer name "to-$card"
  ip link set "to-$card" up
done
ip link set dev ens33 address 00:50:56:00:00:33
ip link set dev ens37 address 00:50:56:00:00:37
(${observeInitscripts.text})
/etc/rc.d/init.d/network start >/dev/null 2>&1
echo addresses
ip -o -4 addr show dev ${device} scope global | sed -n 's/.* inet \\([0-9./]*\\) .*/ \\1/p'
echo route
ip -4 route show default | sed 's/^/ /'
`,
  );
  const view = initscriptsAtBoot(output, device);
  if (view.kind !== 'value') throw new Error(view.kind === 'unknown' ? view.reason : 'absent');
  const [, addresses = '', route = ''] = /\naddresses\n([^a-z]*)route\n([^]*)$/.exec(output) ?? [];
  return { view: view.value, addresses: addresses.trim().split(/\s+/), route: route.trim() };
}

const ens33 = ['DEVICE=ens33', 'ONBOOT=yes', 'IPADDR=192.168.2.50', 'PREFIX=24'];
const ens37 = ['DEVICE=ens37', 'ONBOOT=yes', 'IPADDR=192.168.4.133', 'PREFIX=24'];

function expectSame(
  { view, addresses, route }: ReturnType<typeof started>,
  wanted: { readonly addresses: readonly string[]; readonly route?: string },
): void {
  expect(addresses).toEqual(wanted.addresses);
  expect(view.addresses.map(({ address }) => address)).toEqual(wanted.addresses);
  const { gateway, device } = view.defaultRoute ?? {};
  expect(`${route} `).toContain(wanted.route ?? '');
  expect(
    view.defaultRoute === undefined ? undefined : `via ${gateway ?? ''} dev ${device ?? ''}`,
  ).toBe(wanted.route);
}

(tools === undefined ? describe.skip : describe)(
  "EL7's network service, as the lab stands in for it",
  () => {
    test('gives the addresses that a file numbers, and those of aliases', () => {
      const result = started({
        'ifcfg-ens37': [
          ...ens37,
          'IPADDR1=192.168.4.9',
          'NETMASK1="255.255.255.128"',
          'IPADDR2=10.0.0.9',
        ],
        'ifcfg-ens37:0': ['DEVICE=ens37:0', 'IPADDR=192.168.4.128', 'PREFIX=32'],
        'ifcfg-ens37.bak': [...ens37, 'IPADDR=9.9.9.9'],
      });
      expect([...result.addresses].toSorted()).toEqual(
        result.view.addresses.map(({ address }) => address).toSorted(),
      );
      expect(result.view).toMatchObject({ comesUp: true, conflicts: [] });
      expect(result.view.addresses[1]).toMatchObject({ file: `${scripts}/ifcfg-ens37`, line: 5 });
    });

    test.each([
      ['half a file, which names nothing', ['IPV6_A'], []],
      ['a card of another machine', ['HWADDR=00:0c:29:11:22:33'], []],
      ['its own card', ['HWADDR=00:50:56:00:00:37'], ['192.168.4.133/24']],
    ])('brings up by a file without a device what else it names: %s', (_title, more, wanted) => {
      const result = started({ 'ifcfg-ens37': ['IPADDR=192.168.4.133', 'PREFIX=24', ...more] });
      expect(result.addresses.filter(Boolean)).toEqual(wanted);
      expect(result.view.addresses.map(({ address }) => address)).toEqual(wanted);
      expect(result.view.comesUp).toBe(wanted.length > 0);
    });

    test('takes the gateway of the NIC that comes up last', () => {
      const files = {
        'ifcfg-ens33': [...ens33, 'GATEWAY=192.168.2.1'],
        'ifcfg-ens37': [...ens37, 'GATEWAY=192.168.4.1'],
      };
      const both = started(files, { device: 'ens33' });
      expectSame(both, { addresses: ['192.168.2.50/24'], route: 'via 192.168.4.1 dev ens37' });
      expect(both.view.defaultRoute).toMatchObject({ file: `${scripts}/ifcfg-ens37`, line: 5 });
      expectSame(started({ ...files, 'ifcfg-ens37': [...files['ifcfg-ens37'], 'DEFROUTE=no'] }), {
        addresses: ['192.168.4.133/24'],
        route: 'via 192.168.2.1 dev ens33',
      });
    });

    test('passes over the file of a card that is gone, though it would come up last', () => {
      expectSame(
        started(
          {
            'ifcfg-ens33': [...ens33, 'GATEWAY=192.168.2.1'],
            'ifcfg-ens40': [
              'DEVICE=ens40',
              'ONBOOT=yes',
              'IPADDR=192.168.9.8',
              'GATEWAY=192.168.9.1',
            ],
          },
          { device: 'ens33' },
        ),
        { addresses: ['192.168.2.50/24'], route: 'via 192.168.2.1 dev ens33' },
      );
    });

    test('asks GATEWAYDEV and the first address whether a gateway counts', () => {
      const files = { 'ifcfg-ens33': ens33, 'ifcfg-ens37': [...ens37, 'GATEWAY=192.168.4.1'] };
      const elsewhere = started(files, { network: ['GATEWAYDEV=ens33'] });
      expect(elsewhere.route).toBe('default dev ens33 scope link');
      expect(elsewhere.view.defaultRoute).toEqual({
        device: 'ens33',
        file: '/etc/sysconfig/network',
        line: 2,
      });
      expectSame(started({ 'ifcfg-ens37': [...ens37, 'GATEWAY=192.168.2.1'] }), {
        addresses: ['192.168.4.133/24'],
      });
      const global = started({ 'ifcfg-ens37': ens37 }, { network: ['GATEWAY=192.168.4.7'] });
      expectSame(global, { addresses: ['192.168.4.133/24'], route: 'via 192.168.4.7 dev ens37' });
      expect(global.view.defaultRoute).toMatchObject({ file: '/etc/sysconfig/network', line: 2 });
    });

    test('does nothing with lines that end in a carriage return', () => {
      const result = started({ 'ifcfg-ens37': ens37.map((line) => `${line}\r`) });
      expect(result.addresses).toEqual(['']);
      expect(result.view).toMatchObject({ comesUp: false, addresses: [] });
      expect(result.view.conflicts).toEqual([
        expect.objectContaining({ file: `${scripts}/ifcfg-ens37`, line: 1 }),
      ]);
    });

    test('leaves a card alone whose address is another than the file says', () => {
      const result = started({ 'ifcfg-ens37': [...ens37, 'HWADDR=00:0c:29:11:22:33'] });
      expect(result.addresses).toEqual(['']);
      expect(result.view).toMatchObject({
        comesUp: false,
        conflicts: [{ file: `${scripts}/ifcfg-ens37`, line: 5 }],
      });
    });

    test('reads a device with a remark behind it as the shell does', () => {
      const result = started({ 'ifcfg-inner': ['DEVICE=ens37   # inner', ...ens37.slice(1)] });
      expectSame(result, { addresses: ['192.168.4.133/24'] });
    });

    test('finds a file by its hardware address alone, and two files for one NIC', () => {
      const read = started({
        'ifcfg-lan': ['HWADDR=00:50:56:00:00:37', ...ens37.slice(1)],
        'ifcfg-ens37': ens37,
      });
      expect(read.view.conflicts.map(({ why }) => why)).toEqual([
        `${scripts}/ifcfg-ens37 is about ens37, too`,
        `192.168.4.133/24 is given at ${scripts}/ifcfg-ens37:3 already`,
      ]);
    });

    test('knows bridges, bonds, VLANs and their ports', () => {
      const read = (lines: readonly string[]) =>
        started({ 'ifcfg-ens37': ['DEVICE=ens37', ...lines] }).view;
      expect(read(['TYPE=Bridge']).link).toBe('bridge');
      expect(read(['BONDING_OPTS="mode=1"']).link).toBe('bond');
      expect(read(['VLAN=yes']).link).toBe('vlan');
      expect(read(['BRIDGE=br0'])).toMatchObject({ link: 'plain', master: 'br0' });
      expect(read(['MASTER=bond0', 'SLAVE=yes']).master).toBe('bond0');
    });

    test('has a default route in a route file beside a gateway as a conflict', () => {
      const { view } = started({
        'ifcfg-ens37': [...ens37, 'GATEWAY=192.168.4.1'],
        'route-ens37': ['10.9.0.0/16 via 192.168.4.2', 'default via 192.168.4.3'],
      });
      expect(view.defaultRoute?.gateway).toBe('192.168.4.1');
      expect(view.conflicts).toMatchObject([{ file: `${scripts}/route-ens37`, line: 2 }]);
      const alone = started({ 'ifcfg-ens37': ens37, 'route-ens37': ['default via 192.168.4.3'] });
      expectSame(alone, { addresses: ['192.168.4.133/24'], route: 'via 192.168.4.3 dev ens37' });
    });

    test('is not misled by what a file prints, does or ends', () => {
      const noisy = ['echo file bm90aGluZw==', "X='\nIPADDR=1.2.3.4'", 'env', ...ens37];
      expect(started({ 'ifcfg-ens37': noisy }).view.addresses).toMatchObject([
        { address: '192.168.4.133/24' },
      ]);
      const output = started({ 'ifcfg-ens37': ens37, 'ifcfg-ens37:1': ['exit 0'] });
      expect(output.view.conflicts).toMatchObject([
        { file: `${scripts}/ifcfg-ens37:1`, why: 'sourcing it ends the shell' },
      ]);
    });
  },
);
