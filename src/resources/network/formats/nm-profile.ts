import { type IniText, keyfileDialect, readIni } from './ini-text.ts';
import { isIpv4 } from './profile-settings.ts';

/** An address or a route in a keyfile's [ipv4], with where it stands. */
export interface NmEntry {
  readonly key: string;
  /** Index of its line, from 0. */
  readonly line: number;
  /** '192.168.2.128/24'; of a route, where it leads. */
  readonly target: string;
  /** IPv4 dotted. */
  readonly gateway?: string;
  readonly metric?: number;
  /** Whether it is a route of the table that all packets go by. */
  readonly isMain: boolean;
}

/** What a keyfile says of a NIC, as NetworkManager reads it. */
export interface NmProfile {
  readonly id: string;
  readonly uuid: string;
  /** 'ethernet', 'bridge', 'bond', 'vlan' …; '' where it is not set. */
  readonly type: string;
  readonly interfaceName?: string;
  /** As written; the NIC that it is for. */
  readonly macAddress?: string;
  readonly autoconnect: boolean;
  readonly priority: number;
  /** The bridge or bond that it makes a port of: its interface name or uuid. */
  readonly master?: string;
  /** 'auto' is DHCP, 'manual' is static. */
  readonly method: string;
  /** With prefix lengths, in the order that they are set. */
  readonly addresses: readonly NmEntry[];
  /** IPv4 dotted: of the property, or else of the first address that has one. */
  readonly gateway?: string;
  /** Index of the line that says so, from 0. */
  readonly gatewayLine?: number;
  readonly neverDefault: boolean;
  readonly routeMetric?: number;
  /** IPv4 dotted. */
  readonly dns: readonly string[];
  /** All routes, those to 0.0.0.0/0 among them. */
  readonly routes: readonly NmEntry[];
}

/** A keyfile that was read: what it says, and its lines. */
export interface ReadKeyfile extends IniText {
  readonly profile: NmProfile;
}

/** Reads a profile of NetworkManager in a keyfile. */
export function readKeyfile(text: string): ReadKeyfile {
  const ini = readIni(text, keyfileDialect);
  const find = (section: string, key: string): { value: string; line: number } | undefined =>
    ini.entries.findLast((entry) => entry.section === section && entry.key === key);
  const get = (section: string, key: string): string | undefined => {
    const found = find(section, key)?.value;
    return found === '' ? undefined : found;
  };
  const ether = (key: string): string | undefined =>
    get('ethernet', key) ?? get('802-3-ethernet', key);
  const addresses = numbered(ini, 'address');
  const written = find('ipv4', 'gateway');
  const property = written !== undefined && isIpv4(written.value) ? written : undefined;
  const behind = addresses.find(({ gateway }) => gateway !== undefined);
  const gateway = property?.value ?? behind?.gateway;
  const gatewayLine = property?.line ?? behind?.line;
  const interfaceName = get('connection', 'interface-name');
  const macAddress = ether('mac-address');
  const master = get('connection', 'master') ?? get('connection', 'controller');
  const metric = get('ipv4', 'route-metric');
  return {
    ...ini,
    profile: {
      id: get('connection', 'id') ?? '',
      uuid: get('connection', 'uuid') ?? '',
      type: get('connection', 'type') ?? '',
      ...(interfaceName !== undefined && { interfaceName }),
      ...(macAddress !== undefined && { macAddress }),
      autoconnect: !isFalse(get('connection', 'autoconnect')),
      priority: numberOf(get('connection', 'autoconnect-priority')) ?? 0,
      ...(master !== undefined && { master }),
      method: get('ipv4', 'method') ?? 'auto',
      addresses,
      ...(gateway !== undefined && gatewayLine !== undefined && { gateway, gatewayLine }),
      neverDefault: isTrue(get('ipv4', 'never-default')),
      ...metricOf(metric),
      dns: (get('ipv4', 'dns') ?? '')
        .split(';')
        .map((word) => word.trim())
        .filter(isIpv4),
      routes: numbered(ini, 'route'),
    },
  };
}

/** Whether a route is the default route of all packets. */
export function isDefault({ target, isMain }: NmEntry): boolean {
  return isMain && /^0[.]0[.]0[.]0\/0$/.test(target);
}

/**
 * `address1=`, `addresses=` and so on, by their numbers, those without one first; of a key that stands there twice, the
 * last. Fields are parted by any of '/', ',' and ';'.
 */
function numbered({ entries }: IniText, word: 'address' | 'route'): readonly NmEntry[] {
  const plural = word === 'address' ? 'addresses' : 'routes';
  const pattern = new RegExp(`^(?:${word}|${plural})(\\d{0,9})$`);
  const own = entries.filter(({ section }) => section === 'ipv4');
  const found = new Map<string, { readonly rank: number; readonly entry: NmEntry }>();
  for (const { key, value, line } of own) {
    const [, number] = pattern.exec(key) ?? [];
    if (number === undefined) continue;
    const [host = '', length = '32', third = '', fourth = ''] = value.split(/[/,;]/);
    if (!isIpv4(host.trim())) continue;
    const options = own.findLast((other) => other.key === `${key}_options`)?.value ?? '';
    const [, table = '254'] = /(?:^|,)table=(\d+)/.exec(options) ?? [];
    found.set(key, {
      rank: number === '' ? -1 : Number(number),
      entry: {
        key,
        line,
        target: `${host.trim()}/${Number(length)}`,
        ...(isIpv4(third.trim()) && third.trim() !== '0.0.0.0' && { gateway: third.trim() }),
        ...(/^\d{1,10}$/.test(fourth.trim()) && { metric: Number(fourth) }),
        isMain: table === '254' || table === '0',
      },
    });
  }
  return [...found.values()].toSorted((a, b) => a.rank - b.rank).map(({ entry }) => entry);
}

function metricOf(text: string | undefined): { readonly routeMetric?: number } {
  const routeMetric = numberOf(text);
  return routeMetric === undefined || routeMetric < 0 ? {} : { routeMetric };
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function isTrue(text: string | undefined): boolean {
  return text !== undefined && /^(true|1|yes|on)$/i.test(text);
}

function isFalse(text: string | undefined): boolean {
  return text !== undefined && /^(false|0|no|off)$/i.test(text);
}
