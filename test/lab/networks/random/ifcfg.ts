import fc from 'fast-check';
import { comments, isRouted, secondAddress, seldom, wanKind, withComments } from './noise.ts';
import { askedFor, type RandomNetwork } from './random-network.ts';

const SYSCONFIG = '/etc/sysconfig';
const FOLDER = `${SYSCONFIG}/network-scripts`;

const quotings = fc.constantFrom(
  (value: string) => value,
  (value: string) => `"${value}"`,
  (value: string) => `'${value}'`,
  (value: string) => `${value.slice(0, 1)}"${value.slice(1)}"`,
  (value: string) => `"${value}"   # as agreed`,
);

const extra = [
  'NM_CONTROLLED=no',
  'PEERDNS=no',
  'DNS1=192.168.2.1',
  'IPV6INIT=no',
  'USERCTL=no',
  'MTU=1400',
  'NAME="System lan"',
  'UUID=2d899e46-1b9d-40d5-9fed-8a88cb181d79',
  'NOZEROCONF=yes',
  'DEFROUTE=yes',
  'ZONE=',
  'TYPE=Ethernet',
] as const;

/** Networks of hosts that are EL7's network service's. */
export const ifcfgNetwork: fc.Arbitrary<RandomNetwork> = fc
  .record({
    name: fc.constantFrom('ens33', 'ens33', 'lan', 'System_lan', 'eth0'),
    by: fc.constantFrom('DEVICE', 'DEVICE', 'HWADDR', 'both' as const),
    quote: quotings,
    mask: fc.constantFrom('PREFIX', 'NETMASK' as const),
    second: secondAddress,
    secondKind: fc.constantFrom('IPADDR', 'IPADDR0', 'IPADDR1', 'alias' as const),
    isRouted,
    isGatewayGlobal: seldom(4),
    gatewayDevice: fc.constantFrom('', '', '', 'ens33'),
    extra: fc.subarray([...extra], { maxLength: 5 }),
    proto: fc.constantFrom('BOOTPROTO=none', 'BOOTPROTO="static"', ''),
    wan: wanKind,
    hasCopy: fc.boolean(),
    routes: fc.constantFrom('', 'lines', 'numbers' as const),
    isOtherCrlf: seldom(3),
    order: fc.nat({ max: 1000 }),
    comments,
    end: fc.constantFrom('\n', '\n\n', ''),
  })
  .map((made) => {
    const { quote, second, secondKind, wan } = made;
    const own = made.isRouted && !made.isGatewayGlobal ? [`GATEWAY=${quote('192.168.2.1')}`] : [];
    const lines = rotated(
      [
        ...(made.by === 'HWADDR' ? [] : [`DEVICE=${quote('ens33')}`]),
        ...(made.by === 'DEVICE' ? [] : [`HWADDR=${quote('00:0c:29:53:71:80')}`]),
        `ONBOOT=${quote('yes')}`,
        ...(made.proto === '' ? [] : [made.proto]),
        ...addresses(made),
        ...own,
        ...made.extra,
      ],
      made.order,
    );
    const name = `${FOLDER}/ifcfg-${made.name}`;
    // An alias comes up with the card that is named like its own file.
    const alias = `${FOLDER}/ifcfg-ens33:0`;
    const text = withComments(lines, made.comments).join('\n') + made.end;
    return {
      files: {
        [`${SYSCONFIG}/network`]: globalFile(made),
        [name]: text,
        ...(second !== undefined &&
          secondKind === 'alias' && {
            [alias]: `DEVICE=ens33:0\nIPADDR=${second}\nNETMASK=255.255.255.0\n`,
          }),
        ...(made.hasCopy && { [`${name}.bak`]: text.replaceAll('.128', '.99') }),
        ...(made.isOtherCrlf && {
          [`${FOLDER}/ifcfg-ens38`]: 'DEVICE=ens38\r\nONBOOT=no\r\nBOOTPROTO=dhcp\r\n',
        }),
        ...routeFile(made.routes),
        ...wanFile(wan),
      },
      settings: askedFor(wan),
    };
  });

function addresses({
  mask,
  quote,
  second,
  secondKind,
}: {
  readonly mask: 'NETMASK' | 'PREFIX';
  readonly quote: (value: string) => string;
  readonly second: string | undefined;
  readonly secondKind: 'alias' | 'IPADDR' | 'IPADDR0' | 'IPADDR1';
}): readonly string[] {
  const of = (index: string, address: string): readonly string[] => [
    `IPADDR${index}=${quote(address)}`,
    `${mask}${index}=${quote(mask === 'PREFIX' ? '24' : '255.255.255.0')}`,
  ];
  const reached = '192.168.2.128';
  if (second === undefined || secondKind === 'alias') return of('', reached);
  // The key says which of the two is in the first place.
  const orders = {
    IPADDR: [...of('', second), ...of('1', reached)],
    IPADDR0: [...of('0', reached), ...of('1', second)],
    IPADDR1: [...of('1', second), ...of('', reached)],
  };
  return orders[secondKind];
}

function globalFile({
  gatewayDevice,
  isRouted: routed,
  isGatewayGlobal,
}: {
  readonly gatewayDevice: string;
  readonly isRouted: boolean;
  readonly isGatewayGlobal: boolean;
}): string {
  return [
    '# Created by anaconda',
    'NETWORKING=yes',
    ...(gatewayDevice === '' ? [] : [`GATEWAYDEV=${gatewayDevice}`]),
    ...(routed && isGatewayGlobal ? ['GATEWAY="192.168.2.1"'] : []),
    '',
  ].join('\n');
}

function routeFile(kind: string): Readonly<Record<string, string>> {
  if (kind === '') return {};
  const text =
    kind === 'lines'
      ? '# the offices\n10.9.0.0/16 via 192.168.2.9\n'
      : 'ADDRESS0=10.9.0.0\nNETMASK0=255.255.0.0\nGATEWAY0=192.168.2.9\n';
  return { [`${FOLDER}/route-ens33`]: text };
}

function wanFile(wan: string): Readonly<Record<string, string>> {
  if (wan === 'nothing') return {};
  const lines = ['DEVICE=ens37', 'ONBOOT=yes', 'IPADDR=192.168.4.128', 'PREFIX=24'];
  if (wan === 'gateway') lines.push('GATEWAY=192.168.4.1', 'DEFROUTE=no');
  return { [`${FOLDER}/ifcfg-ens37`]: `${lines.join('\n')}\n` };
}

/** The same lines, begun somewhere else. */
function rotated(lines: readonly string[], by: number): readonly string[] {
  const at = by % lines.length;
  return [...lines.slice(at), ...lines.slice(0, at)];
}
