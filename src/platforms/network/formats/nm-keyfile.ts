import { createHash } from 'node:crypto';
import { type InterfaceSettings } from '../network-backend.ts';
import { endOfSection, type IniEntry } from './ini-text.ts';
import { applyEdits, insertBehind, type LineEdits, noEdits } from './line-edits.ts';
import { isDefault, type NmEntry, type ReadKeyfile, readKeyfile } from './nm-profile.ts';
import { givesWay, type ProfileRoute, type ProfileSettings } from './profile-settings.ts';

/** A keyfile and the changes to it that gather. */
interface Draft extends ReadKeyfile {
  readonly edits: LineEdits;
  /** The line behind which new keys of [ipv4] go. */
  readonly end: number;
}

/**
 * The keyfile's text with these settings in it, the same text where it says so already: the address static, the gateway
 * in one spelling only, every other line as it was.
 */
export function mergeKeyfile(text: string, settings: ProfileSettings): string {
  const { gateway, dns } = settings;
  const addressed = edited(edited(text, methodIs('manual')), (draft) => {
    setAddress(draft, settings);
  });
  const routed =
    gateway === undefined
      ? addressed
      : edited(addressed, (draft) => {
          setGateway(draft, gateway);
          removeKeys(draft, 'never-default');
        });
  return edited(routed, (draft) => {
    if (dns.length === 0 || dns.join() === draft.profile.dns.join()) return;
    setKey(draft, 'dns', dns.map((server) => `${server};`).join(''));
  });
}

/** The keyfile's text with the address by DHCP: this static one and the gateway are gone, other addresses stay. */
export function dhcpKeyfile(text: string, { address, prefix }: InterfaceSettings): string {
  return edited(edited(edited(text, methodIs('auto')), takeGateways), (draft) => {
    for (const { key, target } of draft.profile.addresses) {
      if (target === `${address}/${prefix}`) removeKeys(draft, key);
    }
  });
}

/** The keyfile's text with no default route through the NIC, neither of its own nor by DHCP. */
export function withoutDefaultRoute(text: string): string {
  return edited(edited(text, takeGateways), (draft) => {
    if (!draft.profile.neverDefault) setKey(draft, 'never-default', 'true');
  });
}

/** The keyfile's text with a route to one machine, in the place of another route there. */
export function addKeyfileRoute(text: string, route: ProfileRoute): string {
  const { address, gateway, metric } = route;
  return edited(text, (draft) => {
    const { routes } = draft.profile;
    const own = routes.filter((found) => found.isMain && found.target === `${address}/32`);
    if (own.length === 1 && own[0]?.gateway === gateway && own[0].metric === metric) return;
    const [first, ...others] = own;
    for (const { key } of others) removeKeys(draft, key, `${key}_options`);
    const value = [`${address}/32`, gateway, ...(metric === undefined ? [] : [metric])].join();
    if (first === undefined) setKey(draft, `route${freeNumber(routes)}`, value);
    else setKey(draft, first.key, value);
  });
}

/** The keyfile's text without the routes to one machine. */
export function dropKeyfileRoute(text: string, address: string): string {
  return edited(text, (draft) => {
    for (const { key, target, isMain } of draft.profile.routes) {
      if (isMain && target === `${address}/32`) removeKeys(draft, key, `${key}_options`);
    }
  });
}

/** A keyfile of its own for a NIC that has no profile; its uuid follows from the NIC's name. It must be root's, mode 0600. */
export function freshKeyfile(settings: InterfaceSettings): string {
  const { device } = settings;
  const frame = `[connection]
id=lvslab-${device}
uuid=${uuidOf(device)}
type=ethernet
interface-name=${device}

[ipv4]
method=manual

[ipv6]
method=auto
`;
  return mergeKeyfile(frame, settings);
}

/**
 * The keyfile's text with a metric for the default route through its gateway, which only a route can have: a metric of the
 * whole profile would be that of all its routes. A lower one stays.
 */
export function withMetric(text: string, metric: number): string {
  const { gateway, routes } = readKeyfile(text).profile;
  const route = routes.find(isDefault);
  const leading = gateway ?? route?.gateway;
  if (leading === undefined) return text;
  if (gateway === undefined && route?.metric !== undefined && route.metric <= metric) return text;
  const others = edited(text, takeGateways);
  return edited(others, (draft) => {
    const key = `route${freeNumber(draft.profile.routes)}`;
    setKey(draft, key, `0.0.0.0/0,${leading},${metric}`);
  });
}

/** The uuid of the profile that lvslab makes for a NIC. */
export function uuidOf(device: string): string {
  const hash = createHash('sha256').update(`lvslab profile of ${device}`).digest('hex');
  // Version 8 of RFC 9562: bits of one's own making.
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `a${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}

/** The text after one change; what it finds is what earlier ones have left. */
function edited(text: string, change: (draft: Draft) => void): string {
  const hasSection = [...readKeyfile(text).headings.values()].includes('ipv4');
  const whole = hasSection ? text : `${text.replace(/\n*$/, '\n\n')}[ipv4]\n`.replace(/^\n+/, '');
  const read = readKeyfile(whole);
  const ends = [...read.headings].flatMap(([line, name]) => (name === 'ipv4' ? [line] : []));
  const edits = noEdits();
  change({ ...read, edits, end: endOfSection(read, ends.at(-1) ?? -1) });
  const { replace, remove, insert } = edits;
  return replace.size + remove.size + insert.size === 0 ? text : applyEdits(whole, edits);
}

function methodIs(method: 'auto' | 'manual'): (draft: Draft) => void {
  return (draft) => {
    const isWritten = draft.entries.some((entry) => isOf(entry, 'method'));
    if (draft.profile.method !== method || !isWritten) setKey(draft, 'method', method);
  };
}

function setAddress(draft: Draft, settings: ProfileSettings): void {
  const wanted = `${settings.address}/${settings.prefix}`;
  const { addresses, gateway, gatewayLine } = draft.profile;
  const yielding = addresses.filter(({ target }) => givesWay(settings, target));
  const isThere = addresses.some(({ target }) => target === wanted);
  const [first, ...others] = yielding;
  const removed = isThere ? yielding : others;
  for (const { key } of removed) removeKeys(draft, key);
  // The gateway that such an address bears is not its own matter.
  if (gateway !== undefined && removed.some(({ line }) => line === gatewayLine)) {
    setKey(draft, 'gateway', gateway);
  }
  if (isThere) return;
  if (first === undefined) setKey(draft, `address${freeNumber(addresses)}`, wanted);
  else setKey(draft, first.key, [wanted, ...present(first.gateway)].join());
}

/** Leaves one of its spellings: the one that counts now, or else the property. */
function setGateway(draft: Draft, gateway: string): void {
  const isProperty = draft.entries.some((entry) => isOf(entry, 'gateway'));
  const [first, ...rest] = bearers(draft);
  for (const other of isProperty ? bearers(draft) : rest) takeGateway(draft, other);
  if (isProperty || first === undefined) setKey(draft, 'gateway', gateway);
  else if (first.gateway !== gateway) {
    setKey(draft, first.key, [first.target, gateway, ...present(first.metric)].join());
  }
}

/** The addresses and routes that hold a default gateway. */
function bearers({ profile: { addresses, routes } }: Draft): readonly NmEntry[] {
  return [...addresses.filter(({ gateway }) => gateway !== undefined), ...routes.filter(isDefault)];
}

function takeGateways(draft: Draft): void {
  removeKeys(draft, 'gateway');
  for (const bearer of bearers(draft)) takeGateway(draft, bearer);
}

function takeGateway(draft: Draft, bearer: NmEntry): void {
  if (draft.profile.routes.includes(bearer)) removeKeys(draft, bearer.key, `${bearer.key}_options`);
  else setKey(draft, bearer.key, bearer.target);
}

function present<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

/** One more than the highest number in use. */
function freeNumber(entries: readonly NmEntry[]): number {
  return Math.max(0, ...entries.map(({ key }) => Number(/\d*$/.exec(key)?.[0] ?? 0))) + 1;
}

function isOf({ section, key }: IniEntry, wanted: string): boolean {
  return section === 'ipv4' && key === wanted;
}

/** The last line of the key counts; earlier ones go. */
function setKey(draft: Draft, key: string, value: string): void {
  const { entries, edits, end } = draft;
  const lines = entries.filter((entry) => isOf(entry, key));
  const last = lines.pop();
  for (const { line } of lines) edits.remove.add(line);
  if (last === undefined) insertBehind(edits, end, `${key}=${value}`);
  else if (last.value !== value) edits.replace.set(last.line, `${key}=${value}`);
}

function removeKeys({ entries, edits }: Draft, ...keys: readonly string[]): void {
  for (const entry of entries) {
    if (keys.some((key) => isOf(entry, key))) edits.remove.add(entry.line);
  }
}
