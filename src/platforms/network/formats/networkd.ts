import { type InterfaceSettings } from '../network-backend.ts';
import { endOfSection, type IniEntry } from './ini-text.ts';
import { applyEdits, insertBehind, type LineEdits, noEdits } from './line-edits.ts';
import { type NetworkFile, type NetworkGateway, readNetworkFile } from './network-file.ts';
import { givesWay, isIpv4, type ProfileRoute, type ProfileSettings } from './profile-settings.ts';

/** A network file and the changes to it that gather. */
interface Draft extends NetworkFile {
  readonly edits: LineEdits;
}

/**
 * The text of a .network file with these settings in it, the same text where it says so already: the address static, one
 * default gateway, every other line as it was.
 */
export function mergeNetworkFile(text: string, settings: ProfileSettings): string {
  const { gateway, dns } = settings;
  const addressed = edited(edited(text, dhcpIs(false)), (draft) => {
    setAddress(draft, settings);
  });
  const routed =
    gateway === undefined
      ? addressed
      : edited(addressed, (draft) => {
          setGateway(draft, gateway);
        });
  return dns.length === 0
    ? routed
    : edited(routed, (draft) => {
        setNameServers(draft, dns);
      });
}

/** The text with the address by DHCP: this static one and the gateway are gone, other addresses stay. */
export function dhcpNetworkFile(text: string, { address, prefix }: InterfaceSettings): string {
  return edited(edited(text, dhcpIs(true)), (draft) => {
    for (const gateway of draft.gateways) takeGateway(draft, gateway);
    for (const found of draft.addresses) {
      if (found.address === `${address}/${prefix}`) takeAddress(draft, found.entry);
    }
  });
}

/** The text with a route to one machine, in the place of another route there. */
export function addNetworkRoute(text: string, route: ProfileRoute): string {
  const { address, gateway, metric } = route;
  const own = readNetworkFile(text).routes.filter((found) => found.destination === `${address}/32`);
  if (own.length === 1 && own[0]?.gateway === gateway && own[0].metric === metric) return text;
  const without = dropNetworkRoute(text, address);
  return [
    without.replace(/\n*$/, without === '' ? '' : '\n\n'),
    `[Route]\nDestination=${address}/32\nGateway=${gateway}\n`,
    metric === undefined ? '' : `Metric=${metric}\n`,
  ].join('');
}

/** The text without the routes to one machine. */
export function dropNetworkRoute(text: string, address: string): string {
  return edited(text, (draft) => {
    for (const { destination, entry } of draft.routes) {
      if (destination === `${address}/32`) takeSection(draft, entry.heading);
    }
  });
}

/** A .network file of its own for a NIC; its name must come before those of all other files that match the NIC. */
export function freshNetworkFile(settings: InterfaceSettings): string {
  return mergeNetworkFile(`[Match]\nName=${settings.device}\n\n[Network]\n`, settings);
}

/** The text after one change; what it finds is what earlier ones have left. */
function edited(text: string, change: (draft: Draft) => void): string {
  const hasSection = [...readNetworkFile(text).headings.values()].includes('Network');
  const whole = hasSection
    ? text
    : `${text.replace(/\n*$/, '\n\n')}[Network]\n`.replace(/^\n+/, '');
  const edits = noEdits();
  change({ ...readNetworkFile(whole), edits });
  const { replace, remove, insert } = edits;
  return replace.size + remove.size + insert.size === 0 ? text : applyEdits(whole, edits);
}

function dhcpIs(wanted: boolean): (draft: Draft) => void {
  return (draft) => {
    if (draft.isDhcp4 === wanted) return;
    const has6 = wanted
      ? ['ipv6', 'v6'].includes(draft.dhcp)
      : !['ipv4', 'v4'].includes(draft.dhcp);
    const value = wanted ? (has6 ? 'yes' : 'ipv4') : has6 ? 'ipv6' : 'no';
    const last = draft.entries.findLast(isOf('DHCP'));
    if (last === undefined) addToNetwork(draft, `DHCP=${value}`);
    else setValue(draft, last, value);
  };
}

function setAddress(draft: Draft, settings: ProfileSettings): void {
  const wanted = `${settings.address}/${settings.prefix}`;
  const yielding = draft.addresses.filter(({ address }) => givesWay(settings, address));
  const isThere = draft.addresses.some(({ address }) => address === wanted);
  const [first, ...others] = yielding;
  for (const { entry } of isThere ? yielding : others) takeAddress(draft, entry);
  if (isThere) return;
  if (first === undefined) addToNetwork(draft, `Address=${wanted}`);
  else setValue(draft, first.entry, wanted);
}

/** Its own section goes with it. */
function takeAddress(draft: Draft, entry: IniEntry): void {
  if (entry.section === 'Address') takeSection(draft, entry.heading);
  else takeEntry(draft, entry);
}

function setGateway(draft: Draft, gateway: string): void {
  const [first, ...others] = draft.gateways;
  for (const other of others) takeGateway(draft, other);
  if (first === undefined) addToNetwork(draft, `Gateway=${gateway}`);
  else setValue(draft, first.entry, gateway);
}

function takeGateway(draft: Draft, { entry }: NetworkGateway): void {
  if (entry.section === 'Route') takeSection(draft, entry.heading);
  else takeEntry(draft, entry);
}

/** Those of IPv6 stay, behind them. */
function setNameServers(draft: Draft, dns: readonly string[]): void {
  if (dns.join() === draft.dns.join()) return;
  const lines = draft.entries.filter(isOf('DNS'));
  const others = lines
    .flatMap(({ value }) => value.split(/\s+/))
    .filter((word) => word !== '' && !isIpv4(word.replace(/[:%#].*$/, '')));
  const value = [...dns, ...others].join(' ');
  const [first, ...rest] = lines;
  for (const entry of rest) takeEntry(draft, entry);
  if (first === undefined) addToNetwork(draft, `DNS=${value}`);
  else setValue(draft, first, value);
}

function isOf(wanted: string): (entry: IniEntry) => boolean {
  return ({ section, key }) => section === 'Network' && key === wanted;
}

/** Behind the last line of the last [Network]. */
function addToNetwork(draft: Draft, line: string): void {
  const headings = [...draft.headings].filter(([, name]) => name === 'Network');
  insertBehind(draft.edits, endOfSection(draft, headings.at(-1)?.[0] ?? -1), line);
}

function setValue({ edits }: Draft, { key, value, line, span }: IniEntry, wanted: string): void {
  if (value === wanted) return;
  edits.replace.set(line, `${key}=${wanted}`);
  for (let i = 1; i < span; i++) edits.remove.add(line + i);
}

function takeEntry({ edits }: Draft, { line, span }: IniEntry): void {
  for (let i = 0; i < span; i++) edits.remove.add(line + i);
}

/** Its heading and its assignments; comments in it stay. */
function takeSection(draft: Draft, heading: number): void {
  draft.edits.remove.add(heading);
  for (const entry of draft.entries) if (entry.heading === heading) takeEntry(draft, entry);
}

/** The text of a file that is for several NICs, for this one alone. */
export function forOneNic(text: string, device: string): string {
  const { match, headings } = readNetworkFile(text);
  const [heading] = [...headings].find(([, name]) => name === 'Match') ?? [];
  if (heading === undefined) return `[Match]\nName=${device}\n\n${text}`;
  const edits = noEdits();
  for (const { line, span } of match) {
    for (let i = 0; i < span; i++) edits.remove.add(line + i);
  }
  insertBehind(edits, heading, `Name=${device}`);
  return applyEdits(text, edits);
}
