import { describe, expect, test } from '@jest/globals';

import {
  ifupdownAtBoot,
  observeIfupdown,
} from '../../../src/platforms/network/boot/ifupdown/ifupdown-boot.ts';
import { type IfupdownBoot } from '../../../src/platforms/network/boot/ifupdown/ifupdown-view.ts';
import { readersFolder, runBeside } from '../../support/network/real-readers.ts';

const tools = readersFolder();
const main = '/etc/network/interfaces';

function read(files: Readonly<Record<string, string>>, shell = 'sh'): IfupdownBoot {
  const script = observeIfupdown('ens33').text;
  const view = ifupdownAtBoot(runBeside(tools ?? '', files, script, shell), 'ens33');
  if (view.kind !== 'value') throw new Error(view.kind === 'unknown' ? view.reason : 'absent');
  return view.value;
}

(tools === undefined ? describe.skip : describe)("ifupdown's own reader", () => {
  test.each(['sh', 'bash'])('and %s follow the same files', (shell) => {
    const view = read(
      {
        [main]: `auto lo
iface lo inet loopback
source interfaces.d/*.cfg
`,
        '/etc/network/interfaces.d/a b.cfg': `auto ens33
iface ens33 inet static
    address 192.168.2.50/24
    gateway 192.168.2.1
source-directory more
`,
        '/etc/network/interfaces.d/not-read': 'iface ens33 inet static\n  address 10.0.0.1/8\n',
        '/etc/network/interfaces.d/more/second': `iface ens33 inet static
    netmask 255.255.255.0
    address 192.168.2.129
    dns-nameservers 8.8.8.8 \\
      2001:db8::53 9.9.9.9
iface ens33 inet6 static
    address 2001:db8::1/64
`,
        '/etc/network/interfaces.d/more/dotted.name': 'iface ens33 inet dhcp\n',
      },
      shell,
    );
    expect(view).toEqual({
      comesUp: true,
      dhcp: false,
      addresses: [
        { address: '192.168.2.50/24', file: '/etc/network/interfaces.d/a b.cfg', line: 3 },
        { address: '192.168.2.129/24', file: '/etc/network/interfaces.d/more/second', line: 3 },
      ],
      defaultRoute: {
        device: 'ens33',
        gateway: '192.168.2.1',
        file: '/etc/network/interfaces.d/a b.cfg',
        line: 4,
      },
      link: 'plain',
      nameServers: ['8.8.8.8', '9.9.9.9'],
      conflicts: [],
      newFile: '/etc/network/interfaces.d/lvslab-ens33.cfg',
    });
  });

  test('does not bring up what nothing starts at boot', () => {
    const view = read({ [main]: 'iface ens33 inet static\n  address 192.168.2.129/24\n' });
    expect(view).toMatchObject({ comesUp: false, addresses: [], newFile: main });
  });

  test('knows NICs that come up when they are plugged in, DHCP, and aliases', () => {
    const view = read({
      [main]: `allow-hotplug ens33
iface ens33 inet dhcp
auto ens33:0
iface ens33:0 inet static
  address 192.168.4.128
source-directory /etc/network/interfaces.d
`,
    });
    expect(view).toMatchObject({
      comesUp: true,
      dhcp: true,
      addresses: [{ address: '192.168.4.128/24', line: 5 }],
      newFile: '/etc/network/interfaces.d/lvslab-ens33',
    });
  });

  test('finds conflicts with their lines', () => {
    const view = read({
      [main]: `auto ens33 ens37
iface ens33 inet static
  address 192.168.2.129/24
  gateway 192.168.2.130
  up ip route add default via 192.168.2.1 dev ens33
  post-up ip route add 10.9.0.0/16 via 192.168.2.1
iface ens33 inet static
  address 192.168.2.129/24
iface ens37 inet static
  address 192.168.4.9/24
  gateway 192.168.4.1
`,
    });
    expect(view.conflicts.map(({ file, line, why }) => `${file}:${line} ${why}`)).toEqual([
      `${main}:8 192.168.2.129/24 is given at ${main}:3 already, so bringing the NIC up fails`,
      `${main}:11 the default route comes from another gateway at ${main}:4 already, so bringing ens37 up fails`,
      `${main}:5 a hook makes a default route: up ip route add default via 192.168.2.1 dev ens33`,
    ]);
  });

  test('knows ports, and what is made of them', () => {
    expect(
      read({
        [main]:
          'auto br0\niface br0 inet static\n  address 10.0.0.1/8\n  bridge_ports ens33 ens37\n',
      }),
    ).toMatchObject({ master: 'br0', link: 'plain', comesUp: false });
    expect(
      read({ [main]: 'auto ens33\niface ens33 inet manual\n  bond-master bond0\n' }),
    ).toMatchObject({
      master: 'bond0',
    });
  });

  test('refuses a file with an error, and so does this', () => {
    expect(() => read({ [main]: 'auto ens33\niface ens33 inet nonsense\n' })).toThrow(/ifquery: /);
  });
});
