import fc from 'fast-check';
import { comments, isRouted, secondAddress, seldom, wanKind, withComments } from './noise.ts';
import { askedFor, type RandomNetwork } from './random-network.ts';

const MAIN = '/etc/network/interfaces';

/** How the main file brings in others, and the name by which one of them is read. */
const includes = [
  { line: '', file: undefined },
  { line: 'source /etc/network/interfaces.d/*', file: '/etc/network/interfaces.d/lan' },
  { line: 'source /etc/network/interfaces.d/*.cfg', file: '/etc/network/interfaces.d/50-lan.cfg' },
  { line: 'source interfaces.d/[a-m]*', file: '/etc/network/interfaces.d/lan' },
  { line: 'source-directory /etc/network/interfaces.d', file: '/etc/network/interfaces.d/lan_1' },
  { line: 'source /srv/network/*/ens33', file: '/srv/network/a/ens33' },
] as const;

const hooks = [
  'up ip route add 10.9.0.0/16 via 192.168.2.9 dev $IFACE',
  'post-up ip route add 10.8.0.0/16 via 192.168.2.9',
  'pre-up ip link set ens33 mtu 1440',
  'up test -n "$IF_ADDRESS" && echo "up: $IFACE" >/run/said \\\n      # and so on',
  'down ip route flush cache || true',
  'dns-nameservers 192.168.2.1 192.168.2.9',
  'mtu 1400',
  'hwaddress 00:0c:29:53:71:80',
] as const;

const stanzaLook = fc.record({
  indent: fc.constantFrom('\t', '    ', '  '),
  mask: fc.constantFrom('bits', 'netmask', 'number' as const),
  comments,
});

/** Networks of hosts that are ifupdown's. */
export const ifupdownNetwork: fc.Arbitrary<RandomNetwork> = fc
  .record({
    include: fc.constantFrom(...includes),
    isIncluded: fc.boolean(),
    look: stanzaLook,
    second: secondAddress,
    secondKind: fc.constantFrom('stanza', 'alias', 'hook' as const),
    isSecondFirst: fc.boolean(),
    isRouted,
    metric: fc.constantFrom('', '', 'metric 10'),
    own: fc.subarray([...hooks], { maxLength: 3 }),
    isDefaultInHook: seldom(12),
    is6: seldom(4),
    wan: wanKind,
    auto: fc.constantFrom('apart', 'together', 'twice' as const),
    end: fc.constantFrom('\n', '\n\n\n', ''),
  })
  .map((made) => {
    const { include, isIncluded, wan, auto, end } = made;
    const all = [autoOf(made), ...stanzasOf(made)].join('\n\n');
    const file = isIncluded ? include.file : undefined;
    const main = [
      include.line,
      auto === 'together' ? 'auto lo ens33' : 'auto lo',
      'iface lo inet loopback',
      ...(file === undefined ? [all] : []),
      ...wanStanza(wan),
    ].join('\n');
    return {
      files: { [MAIN]: main + end, ...(file !== undefined && { [file]: all + end }) },
      settings: askedFor(wan),
    };
  });

interface Made {
  readonly look: Look;
  readonly second: string | undefined;
  readonly secondKind: 'alias' | 'hook' | 'stanza';
  readonly isSecondFirst: boolean;
  readonly isRouted: boolean;
  readonly metric: string;
  readonly own: readonly string[];
  readonly isDefaultInHook: boolean;
  readonly is6: boolean;
}

/** The stanzas of ens33, in their order. */
function stanzasOf(made: Made): readonly string[] {
  const { look, second, secondKind } = made;
  const isHook = second !== undefined && secondKind === 'hook';
  const first = stanza('ens33', '192.168.2.128', look, [
    ...defaultRoute(made),
    ...made.own,
    ...(isHook ? [`up ip addr add ${second}/24 dev $IFACE`] : []),
  ]);
  const others = second === undefined || isHook ? [] : [otherStanza(made, second)];
  const isBehind = !made.isSecondFirst || secondKind !== 'stanza';
  return [
    ...(isBehind ? [first, ...others] : [...others, first]),
    ...(made.is6 ? ['iface ens33 inet6 static\n  address 2001:db8::128/64\n  dad-attempts 0'] : []),
  ];
}

function defaultRoute({ isDefaultInHook, isRouted: routed, metric }: Made): readonly string[] {
  if (isDefaultInHook) return ['up ip route add default via 192.168.2.1 || exit 1'];
  if (!routed) return [];
  return ['gateway 192.168.2.1', ...(metric === '' ? [] : [metric])];
}

type Look = typeof stanzaLook extends fc.Arbitrary<infer T> ? T : never;

function stanza(
  device: string,
  address: string,
  { indent, mask, comments: between }: Look,
  more: readonly string[],
): string {
  const written = {
    bits: [`address ${address}/24`],
    netmask: [`address  ${address}`, 'netmask 255.255.255.0'],
    number: ['netmask 24', `address\t${address}`],
  }[mask];
  const lines = withComments([...written, ...more], between);
  return [`iface ${device} inet static`, ...lines.map((line) => indent + line)].join('\n');
}

function otherStanza({ secondKind, look }: Made, address: string): string {
  if (secondKind === 'stanza') return stanza('ens33', address, look, []);
  return `auto ens33:1\n${stanza('ens33:1', address, look, [])}`;
}

function autoOf({ auto }: { readonly auto: string }): string {
  if (auto === 'together') return '# auto ens33 is above';
  return auto === 'twice' ? 'auto ens33\nauto ens33' : 'auto ens33';
}

function wanStanza(wan: string): readonly string[] {
  if (wan === 'nothing') return [];
  const lines = ['', 'auto ens37', 'iface ens37 inet static', '  address 192.168.4.128/24'];
  return wan === 'gateway' ? [...lines, '  gateway 192.168.4.1', '  metric 500'] : lines;
}
