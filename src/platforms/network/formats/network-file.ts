import { type IniEntry, type IniText, readIni, systemdDialect } from './ini-text.ts';
import { classfulLength, writtenAddress } from '../network-backend.ts';
import { isIpv4 } from './profile-settings.ts';

/** A default gateway in a network file: a key of [Network], or a [Route] section of its own. */
export interface NetworkGateway {
  readonly entry: IniEntry;
  /** IPv4 dotted. */
  readonly gateway: string;
  readonly metric?: number;
}

/** A route to somewhere, in a [Route] section of its own. */
interface NetworkRoute extends NetworkGateway {
  /** With its prefix length. */
  readonly destination: string;
}

/** A .network file as systemd-networkd reads it. */
export interface NetworkFile extends IniText {
  readonly match: readonly IniEntry[];
  /** 'yes' and 'ipv4' ask for IPv4 addresses. */
  readonly dhcp: string;
  readonly isDhcp4: boolean;
  /** IPv4 with prefix lengths. */
  readonly addresses: readonly { readonly address: string; readonly entry: IniEntry }[];
  readonly gateways: readonly NetworkGateway[];
  /** To other places than everywhere, in the main table. */
  readonly routes: readonly NetworkRoute[];
  /** IPv4 dotted. */
  readonly dns: readonly string[];
  /** The bridge or bond that it makes a port of. */
  readonly master?: string;
  /** [Link] Unmanaged=yes: networkd leaves the NIC alone. */
  readonly isUnmanaged: boolean;
}

/** Reads a .network file, or the text of one and its drop-ins behind each other. */
export function readNetworkFile(text: string): NetworkFile {
  const ini = readIni(text, systemdDialect);
  const of = (section: string, ...keys: readonly string[]): readonly IniEntry[] =>
    ini.entries.filter((entry) => entry.section === section && keys.includes(entry.key));
  const last = (section: string, ...keys: readonly string[]): string | undefined =>
    of(section, ...keys).at(-1)?.value;
  const dhcp = (last('Network', 'DHCP') ?? 'no').toLowerCase();
  const master = last('Network', 'Bridge', 'Bond', 'VRF');
  const sections = routeSections(ini);
  return {
    ...ini,
    match: ini.entries.filter(({ section }) => section === 'Match'),
    dhcp,
    isDhcp4: isTrue(dhcp) || ['ipv4', 'v4', 'both'].includes(dhcp),
    addresses: [...sinceReset(of('Network', 'Address')), ...of('Address', 'Address')]
      .flatMap((entry) => {
        const [host = '', length = classfulLength(host)] = entry.value.split('/');
        const address = writtenAddress(host, length);
        return address === undefined ? [] : [{ address, entry }];
      })
      .toSorted((a, b) => a.entry.line - b.entry.line),
    gateways: [
      // An empty one drops nothing here, other than with addresses and name servers.
      ...of('Network', 'Gateway').flatMap((entry) =>
        isIpv4(entry.value) ? [{ entry, gateway: entry.value }] : [],
      ),
      ...sections.filter(({ destination }) => destination === '0.0.0.0/0'),
    ],
    routes: sections.filter(({ destination }) => destination !== '0.0.0.0/0'),
    dns: sinceReset(of('Network', 'DNS')).flatMap(({ value }) =>
      value
        .split(/\s+/)
        .filter((word) => isIpv4(hostOf(word)))
        .map(hostOf),
    ),
    ...(master !== undefined && master !== '' && { master }),
    isUnmanaged: isTrue(last('Link', 'Unmanaged') ?? 'no'),
  };
}

/** An empty assignment drops those before it. */
function sinceReset(entries: readonly IniEntry[]): readonly IniEntry[] {
  return entries.slice(entries.findLastIndex(({ value }) => value === '') + 1);
}

/** The sections for IPv4 routes of the main table. */
function routeSections({ entries, headings }: IniText): readonly NetworkRoute[] {
  return [...headings].flatMap(([heading, name]) =>
    name === 'Route' ? routeOf(entries.filter((entry) => entry.heading === heading)) : [],
  );
}

function routeOf(own: readonly IniEntry[]): readonly NetworkRoute[] {
  const last = (key: string, otherwise: string): string =>
    own.findLast((entry) => entry.key === key)?.value ?? otherwise;
  const entry = own.findLast(({ key }) => key === 'Gateway');
  const isMain = ['254', 'main'].includes(last('Table', '254'));
  const destination = withPrefix(last('Destination', '0.0.0.0/0'));
  if (entry === undefined || !isIpv4(entry.value) || !isMain || destination === undefined)
    return [];
  const metric = last('Metric', '');
  const isNumber = /^\d{1,10}$/.test(metric);
  return [
    { entry, gateway: entry.value, destination, ...(isNumber && { metric: Number(metric) }) },
  ];
}

function withPrefix(text: string): string | undefined {
  const [host = '', length = '32'] = text.split('/');
  return isIpv4(host) && /^\d{1,2}$/.test(length) ? `${host}/${Number(length)}` : undefined;
}

/** '8.8.8.8:53%ens33#name' → '8.8.8.8'. */
function hostOf(word: string): string {
  return word.replace(/[:%#].*$/, '');
}

function isTrue(text: string): boolean {
  return /^(1|yes|y|true|t|on)$/i.test(text);
}
