import fc from 'fast-check';
import { comments, isRouted, secondAddress, seldom, wanKind, withComments } from './noise.ts';
import { askedFor, type RandomNetwork } from './random-network.ts';

const FOLDER = '/etc/systemd/network';

const matches = [
  ['Name=ens33'],
  ['Name=ens33'],
  ['MACAddress=00:0c:29:53:71:80'],
  ['Name=ens3[3-6]', 'Type=ether'],
  ['MACAddress=00:0C:29:53:71:80 00:0c:29:00:00:01', 'Name=ens*'],
] as const;

/** Sections that have nothing to do with addresses. */
const sections = [
  ['[Link]', 'MTUBytes=1400'],
  ['[Link]', 'RequiredForOnline=no'],
  ['[DHCPv4]', 'UseDNS=no'],
  ['[IPv6AcceptRA]', 'UseDNS=no'],
] as const;

/** Networks of hosts that are systemd-networkd's. */
export const networkdNetwork: fc.Arbitrary<RandomNetwork> = fc
  .record({
    file: fc.constantFrom('10-lan.network', '50-größe lan.network', 'ens33.network'),
    match: fc.constantFrom(...matches),
    equals: fc.constantFrom('=', '=', ' = '),
    second: secondAddress,
    isSecondFirst: fc.boolean(),
    isSection: fc.boolean(),
    isRouted,
    gateway: fc.constantFrom('network', 'route', 'metric', 'drop-in' as const),
    hasRoute: fc.boolean(),
    more: fc.subarray([
      'DNS=192.168.2.1',
      'LinkLocalAddressing=no',
      'IPv6AcceptRA=no',
      'Domains=example.com',
    ]),
    sections: fc.subarray(sections.map((section) => [...section])),
    isLater: seldom(3),
    isNetworkTwice: seldom(5),
    wan: wanKind,
    comments,
    mark: fc.constantFrom('#', ';'),
  })
  .map((made) => {
    const { equals, mark } = made;
    const network = [
      '[Network]',
      ...made.more,
      ...(made.isSection ? [] : addresses(made).map((address) => `Address=${address}`)),
      ...(made.isNetworkTwice ? ['', '[Network]', 'LLDP=no'] : []),
      ...(made.isRouted && made.gateway === 'network' ? ['Gateway=192.168.2.1'] : []),
      '',
    ];
    const body = [
      ...['[Match]', ...made.match, ''],
      ...network,
      ...(made.isSection
        ? addresses(made).flatMap((address) => ['[Address]', `Address=${address}`, ''])
        : []),
      ...routes(made),
      ...made.sections.flatMap((section) => [...section, '']),
    ].map((line) => line.replace(/^(\w+)=/, `$1${equals}`));
    const noted = withComments(body, made.comments).map((line) => line.replace(/^\s*#/, mark));
    const file = `${FOLDER}/${made.file}`;
    return {
      files: {
        '/etc/network/interfaces': 'auto lo\niface lo inet loopback\n',
        [file]: `${noted.join('\n')}\n`,
        ...(made.isRouted &&
          made.gateway === 'drop-in' && {
            [`${file}.d/50-gateway.conf`]: '[Network]\nGateway=192.168.2.1\n',
          }),
        ...(made.isLater && {
          [`${FOLDER}/zz-later.network`]:
            '[Match]\nName=ens33\n\n[Network]\nAddress=192.168.2.99/24\nGateway=192.168.2.99\n',
        }),
        ...wanFile(made.wan),
      },
      settings: askedFor(made.wan),
    };
  });

interface Made {
  readonly second: string | undefined;
  readonly isSecondFirst: boolean;
  readonly isRouted: boolean;
  readonly gateway: 'drop-in' | 'metric' | 'network' | 'route';
  readonly hasRoute: boolean;
}

function addresses({ second, isSecondFirst }: Made): readonly string[] {
  const all = ['192.168.2.128/24', ...(second === undefined ? [] : [`${second}/24`])];
  return isSecondFirst ? all.toReversed() : all;
}

function routes({ isRouted: routed, gateway, hasRoute }: Made): readonly string[] {
  const isRoute = gateway === 'route' || gateway === 'metric';
  return [
    ...(hasRoute ? ['[Route]', 'Destination=10.9.0.0/16', 'Gateway=192.168.2.9', ''] : []),
    ...(routed && isRoute
      ? ['[Route]', 'Gateway=192.168.2.1', ...(gateway === 'metric' ? ['Metric=50'] : []), '']
      : []),
  ];
}

function wanFile(wan: string): Readonly<Record<string, string>> {
  if (wan === 'nothing') return {};
  const route = '\n[Route]\nGateway=192.168.4.1\nMetric=900\n';
  return {
    [`${FOLDER}/20-wan.network`]: `[Match]\nName=ens37\n\n[Network]\nAddress=192.168.4.128/24\n${wan === 'gateway' ? route : ''}`,
  };
}
