import { type IniEntry, type IniText, keyfileDialect, readIni } from './ini-text.ts';
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

/** The last assignment of a key, which is the one that counts. */
type Lookup = (section: string, ...keys: readonly string[]) => string | undefined;

/** Reads a profile of NetworkManager in a keyfile. */
export function readKeyfile(text: string): ReadKeyfile {
  const ini = readIni(text, keyfileDialect);
  const get: Lookup = (section, ...keys) => {
    const found = keys.flatMap(
      (key) =>
        ini.entries.findLast((entry) => entry.section === section && entry.key === key) ?? [],
    );
    return found.find(({ value }) => value !== '')?.value;
  };
  return { ...ini, profile: { ...connectionOf(get), ...addressingOf(ini, get) } };
}

type Connection = Pick<
  NmProfile,
  'id' | 'uuid' | 'type' | 'interfaceName' | 'macAddress' | 'autoconnect' | 'priority' | 'master'
>;

function connectionOf(get: Lookup): Connection {
  const section = 'connection';
  const optional = {
    interfaceName: get(section, 'interface-name'),
    macAddress: get('ethernet', 'mac-address') ?? get('802-3-ethernet', 'mac-address'),
    master: get(section, 'controller', 'master'),
  };
  return {
    id: get(section, 'id') ?? '',
    uuid: get(section, 'uuid') ?? '',
    type: get(section, 'type') ?? '',
    autoconnect: !isFalse(get(section, 'autoconnect')),
    priority: numberOf(get(section, 'autoconnect-priority')) ?? 0,
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, found]) => found !== undefined),
    ) as Pick<Connection, 'interfaceName' | 'macAddress' | 'master'>),
  };
}

function addressingOf(ini: IniText, get: Lookup): Omit<NmProfile, keyof Connection> {
  const addresses = numbered(ini, 'address');
  const routeMetric = numberOf(get('ipv4', 'route-metric')) ?? -1;
  return {
    method: get('ipv4', 'method') ?? 'auto',
    addresses,
    ...gatewayOf(ini, addresses),
    neverDefault: isTrue(get('ipv4', 'never-default')),
    ...(routeMetric >= 0 && { routeMetric }),
    dns: (get('ipv4', 'dns') ?? '')
      .split(';')
      .map((word) => word.trim())
      .filter(isIpv4),
    routes: numbered(ini, 'route'),
  };
}

/** The property counts before what stands behind an address. */
function gatewayOf(
  { entries }: IniText,
  addresses: readonly NmEntry[],
): Pick<NmProfile, 'gateway' | 'gatewayLine'> {
  const property = entries.findLast(({ section, key }) => section === 'ipv4' && key === 'gateway');
  if (property !== undefined && isIpv4(property.value)) {
    return { gateway: property.value, gatewayLine: property.line };
  }
  const [behind] = addresses.flatMap(({ gateway, line }) =>
    gateway === undefined ? [] : [{ gateway, gatewayLine: line }],
  );
  return behind ?? {};
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
  const pattern = word === 'address' ? /^address(?:es)?(\d{0,9})$/ : /^routes?(\d{0,9})$/;
  const own = entries.filter(({ section }) => section === 'ipv4');
  const found = new Map<string, { readonly rank: number; readonly entry: NmEntry }>();
  for (const line of own) {
    const [, number] = pattern.exec(line.key) ?? [];
    const options = own.findLast(({ key }) => key === `${line.key}_options`)?.value ?? '';
    const entry = number === undefined ? undefined : entryOf(line, options);
    if (entry !== undefined)
      found.set(line.key, { rank: number === '' ? -1 : Number(number), entry });
  }
  return [...found.values()].toSorted((a, b) => a.rank - b.rank).map(({ entry }) => entry);
}

function entryOf({ key, value, line }: IniEntry, options: string): NmEntry | undefined {
  const fields = value.split(/[/,;]/).map((field) => field.trim());
  const [host = '', length = '32', gateway = '', metric = ''] = fields;
  if (!isIpv4(host)) return undefined;
  return {
    key,
    line,
    target: `${host}/${Number(length)}`,
    ...(isIpv4(gateway) && gateway !== '0.0.0.0' && { gateway }),
    ...(/^\d{1,10}$/.test(metric) && { metric: Number(metric) }),
    isMain: !/(?:^|,)table=(?!254\b|0\b)/.test(options),
  };
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
