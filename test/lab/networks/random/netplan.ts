import fc from 'fast-check';
import { stringify } from 'yaml';
import { comments, isRouted, secondAddress, seldom, wanKind, withComments } from './noise.ts';
import { askedFor, type RandomNetwork } from './random-network.ts';

const FOLDER = '/etc/netplan';

/** Settings of a NIC that have nothing to do with addresses. */
const others: readonly Readonly<Record<string, unknown>>[] = [
  { mtu: 1400 },
  { optional: true },
  { nameservers: { addresses: ['192.168.2.1'], search: ['example.com'] } },
  { 'accept-ra': false },
  { 'link-local': [] },
  { dhcp4: false },
  { dhcp6: 'no' },
];

/** Networks of hosts that are netplan's, rendered for systemd-networkd. */
export const netplanNetwork: fc.Arbitrary<RandomNetwork> = fc
  .record({
    file: fc.constantFrom(
      '00-installer-config.yaml',
      '50-cloud-init.yaml',
      '01-netcfg.yaml',
      'größe.yaml',
    ),
    second: secondAddress,
    isSecondFirst: fc.boolean(),
    isRouted,
    gateway: fc.constantFrom('default', 'zeros', 'gateway4', 'metric' as const),
    hasRoute: fc.boolean(),
    others: fc.subarray([...others]),
    isSplit: seldom(3),
    isFlow: seldom(4),
    indentSeq: fc.boolean(),
    quote: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE' as const),
    indent: fc.constantFrom(2, 4),
    wan: wanKind,
    hasRenderer: fc.boolean(),
    comments,
    isStarted: fc.boolean(),
  })
  .map((made) => {
    const nic = { addresses: addresses(made), ...merged(made.others) };
    const routed = routes(made);
    const first = made.isSplit ? nic : { ...nic, ...routed };
    const network = {
      version: 2,
      ...(made.hasRenderer && { renderer: 'networkd' }),
      ethernets: { ens33: first, ...wan(made.wan) },
    };
    return {
      files: {
        [`${FOLDER}/${made.file}`]: render(network, made),
        ...(made.isSplit &&
          Object.keys(routed).length > 0 && {
            [`${FOLDER}/zz-routes.yaml`]: render(
              { version: 2, ethernets: { ens33: routed } },
              made,
            ),
          }),
      },
      settings: askedFor(made.wan),
    };
  });

interface Look {
  readonly isFlow: boolean;
  readonly indentSeq: boolean;
  readonly quote: 'PLAIN' | 'QUOTE_DOUBLE' | 'QUOTE_SINGLE';
  readonly indent: number;
  readonly comments: readonly (readonly [number, string])[];
  readonly isStarted: boolean;
}

function render(network: unknown, look: Look): { readonly content: string; readonly mode: number } {
  const text = stringify(
    { network },
    {
      indent: look.indent,
      indentSeq: look.indentSeq,
      defaultStringType: look.quote,
      defaultKeyType: 'PLAIN',
      lineWidth: 0,
      ...(look.isFlow && { collectionStyle: 'flow' }),
    },
  );
  const lines = withComments(text.trimEnd().split('\n'), look.comments);
  return { content: `${look.isStarted ? '---\n' : ''}${lines.join('\n')}\n`, mode: 0o600 };
}

interface Made {
  readonly second: string | undefined;
  readonly isSecondFirst: boolean;
  readonly isRouted: boolean;
  readonly gateway: 'default' | 'gateway4' | 'metric' | 'zeros';
  readonly hasRoute: boolean;
}

function addresses({ second, isSecondFirst }: Made): readonly string[] {
  const all = ['192.168.2.128/24', ...(second === undefined ? [] : [`${second}/24`])];
  return isSecondFirst ? all.toReversed() : all;
}

function routes({ isRouted: routed, gateway, hasRoute }: Made): Readonly<Record<string, unknown>> {
  const ways = {
    default: { to: 'default', via: '192.168.2.1' },
    zeros: { via: '192.168.2.1', to: '0.0.0.0/0' },
    metric: { to: 'default', via: '192.168.2.1', metric: 50 },
    gateway4: undefined,
  };
  const way = routed ? ways[gateway] : undefined;
  const all = [
    ...(hasRoute ? [{ to: '10.9.0.0/16', via: '192.168.2.9' }] : []),
    ...(way === undefined ? [] : [way]),
  ];
  return {
    ...(all.length > 0 && { routes: all }),
    ...(routed && gateway === 'gateway4' && { gateway4: '192.168.2.1' }),
  };
}

function merged(
  all: readonly Readonly<Record<string, unknown>>[],
): Readonly<Record<string, unknown>> {
  return Object.assign({}, ...all) as Readonly<Record<string, unknown>>;
}

function wan(kind: string): Readonly<Record<string, unknown>> {
  if (kind === 'nothing') return {};
  const routes = [{ to: 'default', via: '192.168.4.1', metric: 900 }];
  return { ens37: { addresses: ['192.168.4.128/24'], ...(kind === 'gateway' && { routes }) } };
}
