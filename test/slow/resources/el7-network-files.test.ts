import { describe, expect, test } from '@jest/globals';
import { onEl7Stage } from '../../support/network/el7-stage.ts';

const ens33 = ['DEVICE=ens33', 'ONBOOT=yes', 'IPADDR=192.168.2.129', 'PREFIX=24'];
const ens37 = ['DEVICE=ens37', 'ONBOOT=yes', 'IPADDR=192.168.4.133', 'PREFIX=24'];
const gateway = 'GATEWAY=192.168.2.130';
const show = `$network start >/run/said 2>&1; code=$?
ip -4 -br addr show scope global; ip -4 route show | grep -v 'proto kernel\\|169.254'; exit $code`;
const addresses = (output: string): readonly string[] => output.match(/\d+(\.\d+){3}\/\d+/g) ?? [];

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot("EL7's network service reads, of the files of real hosts,", () => {
  test('line ends of another system as part of every value: the card is not there', () => {
    const { output, exitCode } = onEl7Stage(show, {
      configs: { ens33: [...ens33, gateway, ''].map((line) => `${line}\r`), ens37 },
    });
    expect(exitCode).toBe(1);
    expect(addresses(output)).toEqual(['192.168.4.133/24']);
  });

  test('a carriage return behind one value only: that value is none', () => {
    const { output } = onEl7Stage(show, { configs: { ens33: [...ens33, `${gateway}\r`] } });
    expect(output).not.toContain('default');
    expect(addresses(output)).toEqual(['192.168.2.129/24']);
  });

  test("a file without DEVICE by its card's hardware address, in small letters as well", () => {
    const file = ['HWADDR=00:0c:29:53:71:02', 'IPADDR=192.168.4.133', 'PREFIX=24'];
    const { output, exitCode } = onEl7Stage(show, { configs: { System_lan: file } });
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^ens37\S* +\S+ +192\.168\.4\.133\/24/);
  });

  test('a file without DEVICE and HWADDR as one of no card', () => {
    const { output, exitCode } = onEl7Stage(show, { configs: { ens33: ens33.slice(1) } });
    expect(exitCode).toBe(1);
    expect(addresses(output)).toEqual([]);
  });

  test('a comment behind the device, in a file of any name', () => {
    const file = ['DEVICE=ens33   # inner', ...ens33.slice(1)];
    const { output, exitCode } = onEl7Stage(show, { configs: { lan: file } });
    expect(exitCode).toBe(0);
    expect(addresses(output)).toEqual(['192.168.2.129/24']);
  });

  test.each([
    ['NAME', 'Wired', ['NAME=Wired', 'DEVICE=ens33', 'IPADDR=192.168.2.129', 'PREFIX=24']],
    ['HWADDR', 'ens33', ['HWADDR=00:0C:29:53:71:01', 'IPADDR=192.168.2.129', 'PREFIX=24']],
    ['DEVICE', 'ens33', ['DEVICE=ens33', 'IPADDR=192.168.2.129', 'PREFIX=24']],
  ])('a file of another name by its %s, for whoever says ifup', (_key, name, file) => {
    const script = `ifup=/etc/sysconfig/network-scripts/ifup; $ifup ${name}; ip -4 -br addr show scope global`;
    expect(addresses(onEl7Stage(script, { configs: { lan: file } }).output)).toEqual([
      '192.168.2.129/24',
    ]);
  });

  test.each([
    ['GATEWAYDEV=ens37\n', undefined],
    ['GATEWAYDEV=ens33\n', 'ens33'],
    ['GATEWAYDEV="ens33"\nNETWORKING=yes\n', 'ens33'],
  ])('in the global file %j', (network, device) => {
    const { output } = onEl7Stage(show, {
      configs: { ens33: [...ens33, gateway], ens37 },
      others: { network },
    });
    expect(/default via 192\.168\.2\.130 dev (\S+)/.exec(output)?.[1]).toBe(device);
  });

  test('the gateway of the global file for the card in whose network it lies', () => {
    const { output } = onEl7Stage(show, {
      configs: { ens33, ens37 },
      others: { network: 'GATEWAY=192.168.2.130\n' },
    });
    expect(output).toContain('default via 192.168.2.130 dev ens33');
  });

  test('ens9 before ens33, whose gateway wins', () => {
    const script = `ip link set ens37 name ens9; ${show}`;
    const { output } = onEl7Stage(script, {
      configs: {
        ens33: [...ens33, gateway],
        ens9: ['DEVICE=ens9', ...ens37.slice(1), 'GATEWAY=192.168.4.1'],
      },
    });
    expect(output).toContain('default via 192.168.2.130 dev ens33');
    expect(output).not.toContain('default via 192.168.4.1');
  });

  test('a bridge and its port: the bridge has the address', () => {
    const { output, exitCode } = onEl7Stage(
      `$network start >/dev/null 2>&1; code=$?; ip -o link show ens33; ${show}`,
      {
        configs: {
          br0: ['DEVICE=br0', 'TYPE=Bridge', ...ens33.slice(1), gateway],
          ens33: ['DEVICE=ens33', 'ONBOOT=yes', 'BRIDGE=br0', 'IPADDR=192.168.2.99'],
        },
      },
    );
    expect(exitCode).toBe(0);
    expect(output).toMatch(/ens33@.* master br0 /);
    expect(output).toMatch(/^br0 +\S+ +192\.168\.2\.129\/24/m);
    expect(output).toContain('default via 192.168.2.130 dev br0');
    expect(output).not.toContain('192.168.2.99');
  });

  test("a VLAN after its card, and not at all where its card isn't there", () => {
    const script = `$network start; ip -o link show ens33 | grep -o ',UP'`;
    const { output } = onEl7Stage(script, {
      configs: { 'ens40.20': ['DEVICE=ens40.20', 'VLAN=yes', 'IPADDR=10.0.0.1'], ens33 },
    });
    expect(output).toMatch(/interface ens33:[^]*interface ens40\.20: {2}.*\[FAILED\]\n/);
    expect(output).toContain('its device ens40 does not exist');
  });

  test('route files of both forms; a default route is there already stays', () => {
    const { output } = onEl7Stage(show, {
      configs: { ens33: [...ens33, gateway], ens37 },
      others: {
        'network-scripts/route-ens33':
          '# the offices\n10.9.0.0/16 via 192.168.2.9 dev ens33\n\ndefault via 192.168.2.1\n',
        'network-scripts/route-ens37':
          'ADDRESS0=10.7.0.0\nNETMASK0=255.255.0.0\nGATEWAY0=192.168.4.9\nADDRESS2=10.6.0.0\n',
      },
    });
    expect(output).toContain('10.9.0.0/16 via 192.168.2.9 dev ens33');
    expect(output).toContain('10.7.0.0/16 via 192.168.4.9 dev ens37');
    expect(output).toContain('default via 192.168.2.130 dev ens33');
    expect(output).not.toMatch(/10\.6\.0\.0|192\.168\.2\.1 /);
  });

  test('two addresses of one file, the first of which decides what a gateway is', () => {
    const { output } = onEl7Stage(show, {
      configs: {
        ens33: [
          ...['DEVICE=ens33', 'IPADDR=192.168.2.70', 'PREFIX=24'],
          ...['IPADDR1=192.168.2.128', 'PREFIX1=24', gateway],
        ],
      },
    });
    expect(addresses(output).slice(0, 2)).toEqual(['192.168.2.70/24', '192.168.2.128/24']);
    expect(output).toContain('default via 192.168.2.130');
  });
});
