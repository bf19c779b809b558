import fc from 'fast-check';
import { comments, isRouted, secondAddress, seldom, wanKind, withComments } from './noise.ts';
import { askedFor, type RandomNetwork } from './random-network.ts';

const FOLDER = '/etc/NetworkManager/system-connections';

const uuidOf = (last: number): string => `11111111-2222-4333-8444-55555555550${last}`;

/** Groups that have nothing to do with addresses. */
const groups = [
  ['[ipv6]', 'method=auto', 'addr-gen-mode=stable-privacy'],
  ['[ipv6]', 'method=ignore'],
  ['[proxy]'],
  ['[user]', 'site.rack=7'],
  ['[weird]', 'kept=yes', 'also = with blanks'],
] as const;

/** Networks of hosts that are NetworkManager's, in keyfiles. */
export const nmNetwork: fc.Arbitrary<RandomNetwork> = fc
  .record({
    file: fc.constantFrom(
      'lan.nmconnection',
      'Wired LAN.nmconnection',
      'ens33',
      'größe.nmconnection',
    ),
    by: fc.constantFrom('name', 'card', 'both' as const),
    second: secondAddress,
    isSecondFirst: fc.boolean(),
    key: fc.constantFrom('address', 'addresses' as const),
    isRouted,
    gateway: fc.constantFrom('in the address', 'key', 'route' as const),
    dns: fc.constantFrom(
      '',
      'dns=192.168.2.1;',
      'dns=192.168.2.1;192.168.2.9;\ndns-search=example.com;',
    ),
    more: fc.subarray([
      'may-fail=false',
      'ignore-auto-dns=true',
      'route-metric=77',
      'dad-timeout=0',
    ]),
    route: fc.constantFrom('', 'route', 'routes' as const),
    priority: fc.constantFrom('', 'autoconnect-priority=7', 'autoconnect-retries=3'),
    groups: fc.subarray(groups.map((group) => [...group])),
    isBehind: fc.boolean(),
    isSpare: seldom(3),
    wan: wanKind,
    isServer: seldom(4),
    comments,
  })
  .map((made) => {
    const profile = [
      '[connection]',
      'id=lan',
      `uuid=${uuidOf(1)}`,
      'type=ethernet',
      ...(made.by === 'card' ? [] : ['interface-name=ens33']),
      ...(made.priority === '' ? [] : [made.priority]),
      '',
      ...(made.by === 'name' ? [] : ['[ethernet]', 'mac-address=00:0C:29:53:71:80', '']),
      ...(made.isBehind ? [] : blocks(made.groups)),
      '[ipv4]',
      'method=manual',
      ...addresses(made),
      ...routes(made),
      ...(made.dns === '' ? [] : [made.dns]),
      ...made.more,
      '',
      ...(made.isBehind ? blocks(made.groups) : []),
    ];
    return {
      files: {
        '/etc/network/interfaces': 'auto lo\niface lo inet loopback\n',
        [`${FOLDER}/${made.file}`]: closed(withComments(profile, made.comments)),
        ...(made.isSpare && { [`${FOLDER}/spare.nmconnection`]: spare }),
        ...(made.isServer && {
          '/etc/NetworkManager/conf.d/00-server.conf': '[main]\nno-auto-default=*\n',
        }),
        ...wanFile(made.wan),
      },
      settings: askedFor(made.wan),
    };
  });

const spare = closed([
  ...['[connection]', 'id=spare', `uuid=${uuidOf(2)}`, 'type=ethernet'],
  ...['interface-name=ens33', 'autoconnect=false', '', '[ipv4]', 'method=auto'],
]);

function blocks(all: readonly (readonly string[])[]): readonly string[] {
  const seen = new Set<string>();
  return all.flatMap(([head = '', ...rest]) => {
    if (seen.has(head)) return [];
    seen.add(head);
    return [head, ...rest, ''];
  });
}

interface Made {
  readonly second: string | undefined;
  readonly isSecondFirst: boolean;
  readonly key: 'address' | 'addresses';
  readonly isRouted: boolean;
  readonly gateway: 'in the address' | 'key' | 'route';
  readonly route: '' | 'route' | 'routes';
}

function addresses(made: Made): readonly string[] {
  const reached = ['192.168.2.128'];
  const all =
    made.second === undefined
      ? reached
      : made.isSecondFirst
        ? [made.second, ...reached]
        : [...reached, made.second];
  const behind = made.isRouted && made.gateway === 'in the address' ? ',192.168.2.1' : '';
  return [
    ...all.map((address, i) => `${made.key}${i + 1}=${address}/24${i === 0 ? behind : ''}`),
    ...(made.isRouted && made.gateway === 'key' ? ['gateway=192.168.2.1'] : []),
  ];
}

function routes(made: Made): readonly string[] {
  const all = [
    ...(made.isRouted && made.gateway === 'route' ? ['0.0.0.0/0,192.168.2.1'] : []),
    ...(made.route === '' ? [] : ['10.9.0.0/16,192.168.2.9,30']),
  ];
  const key = made.route === 'routes' ? 'routes' : 'route';
  return all.map((route, i) => `${key}${i + 1}=${route}`);
}

function wanFile(wan: string): RandomNetwork['files'] {
  if (wan === 'nothing') return {};
  return {
    [`${FOLDER}/wan.nmconnection`]: closed([
      ...['[connection]', 'id=wan', `uuid=${uuidOf(3)}`, 'type=ethernet', 'interface-name=ens37'],
      ...['', '[ipv4]', 'method=manual'],
      ...(wan === 'gateway'
        ? ['address1=192.168.4.128/24,192.168.4.1', 'route-metric=900']
        : ['address1=192.168.4.128/24']),
    ]),
  };
}

function closed(lines: readonly string[]): { readonly content: string; readonly mode: number } {
  return { content: `${lines.join('\n')}\n`, mode: 0o600 };
}
