import { renderTemplate } from '../../../templates.ts';
import { InterfaceAddress } from '../../../net/interface-address.ts';
import { IpAddress } from '../../../net/ip-address.ts';
import { type ProfileSettings, writtenAddress } from '../network-backend.ts';
import { applyEdits, insertBehind, noEdits } from './line-edits.ts';
import { givesWay } from './profile-settings.ts';

/** An address in a file, with the number behind its keys: '' or '0', '1' … */
interface NumberedAddress {
  readonly number: string;
  /** '192.168.2.128/24'. */
  readonly address: string;
}

/** A file of its own for a NIC that has none. */
export function freshIfcfg(settings: ProfileSettings): string {
  const { device, address, prefix, gateway = '', dns } = settings;
  const plain = renderTemplate('ifcfg.hbs', {
    device,
    address,
    prefix,
    gateway,
    nameServerLines: dns.map((server, i) => `DNS${i + 1}="${server}"`),
  });
  // Of a VLAN, the service asks for that word and the name alone.
  return /[.]\d+$/.test(device) ? plain.replace(/^TYPE=.*$/m, 'VLAN=yes') : plain;
}

/** A file with what a shell has after it has sourced it. */
export interface SourcedText {
  readonly text: string;
  readonly variables: ReadonlyMap<string, string>;
}

/** A file that was edited; `opaque` is the line, from 1, that makes it uncertain what a shell has then, 0 where it is none. */
export interface EditedText extends SourcedText {
  readonly opaque?: number;
}

/**
 * The file with these settings in it, the same text where it says so already. What makes the device (TYPE, BRIDGE, VLAN,
 * BONDING_OPTS …) and everything else that is not asked for stays; an address is added beside those that are there.
 * @param hasAddress the wanted address stands elsewhere: in an alias.
 */
export function mergeIfcfg(
  file: SourcedText,
  settings: ProfileSettings,
  { hasAddress }: { readonly hasAddress: boolean },
): EditedText {
  const draft = new Draft(file);
  if (draft.get('DEVICE') === '' && draft.get('HWADDR') === '')
    draft.set('DEVICE', settings.device);
  if (isOne(draft.get('ONBOOT'), 'no', 'false', '0')) draft.set('ONBOOT', 'yes');
  if (!hasAddress) setAddress(draft, settings);
  if (settings.gateway !== undefined) setGateway(draft, settings, settings.gateway);
  setNameServers(draft, settings);
  return draft.done();
}

/** The file of an alias with the wanted address in the place of one that gives way. */
export function mergeAlias(file: SourcedText, settings: ProfileSettings): EditedText {
  const draft = new Draft(file);
  const yielding = addressesIn(draft).find(({ address }) => givesWay(settings, address));
  if (yielding !== undefined) writeAddress(draft, yielding.number, settings);
  return draft.done();
}

/** A file of assignments; each of its edits leaves all other lines as they are. */
class Draft {
  readonly #before: SourcedText;
  readonly #variables: Map<string, string>;
  readonly #touched = new Set<string>();
  #opaque: number | undefined;
  #text: string;

  constructor(file: SourcedText) {
    this.#before = file;
    this.#variables = new Map(file.variables);
    this.#text = file.text;
  }

  get(key: string): string {
    return this.#variables.get(key) ?? '';
  }

  keys(): readonly string[] {
    return this.#lines().flatMap((line) => keyOf(line) ?? []);
  }

  /** The last line of the key counts; a new one comes at the end. */
  set(key: string, value: string): void {
    if (this.get(key) === value) return;
    const [edits, at] = [noEdits(), this.#linesOf(key).at(-1)];
    const old = at === undefined ? undefined : this.#lines()[at];
    // As the line was written before, or as the tutorial writes: words plain, numbers in quotes.
    const isQuoted = old === undefined ? /^\d/.test(value) : /=\s*["']/.test(old);
    const line = `${key}=${isQuoted ? `"${value}"` : value}`;
    if (at !== undefined) {
      this.#mind(at);
      edits.replace.set(at, line);
    } else insertBehind(edits, this.#text.replace(/\n$/, '').split('\n').length - 1, line);
    this.#text = applyEdits(this.#text, edits);
    this.#variables.set(key, value);
    this.#touched.add(key);
  }

  remove(key: string): void {
    const [edits, lines] = [noEdits(), this.#linesOf(key)];
    if (lines.length === 0 && this.get(key) === '') return;
    for (const line of lines) {
      this.#mind(line);
      edits.remove.add(line);
    }
    this.#text = applyEdits(this.#text, edits);
    this.#variables.delete(key);
    this.#touched.add(key);
  }

  done(): EditedText {
    const opaque = this.#opaque ?? this.#opaqueLine();
    return {
      text: this.#text,
      variables: this.#variables,
      ...(opaque !== undefined && this.#text !== this.#before.text && { opaque }),
    };
  }

  /** A line that does something else as well can't be replaced. */
  #mind(index: number): void {
    if (/[;&|`]|\$\(/.test(this.#lines()[index] ?? '')) this.#opaque ??= index + 1;
  }

  /** What else may set a variable that was edited: a command, or a file that is sourced. */
  #opaqueLine(): number | undefined {
    const commands = this.#lines().map((line) => (keyOf(line) === undefined ? line : ''));
    for (const key of this.#touched) {
      const at = commands.findIndex(
        (line) => !/^\s*#/.test(line) && new RegExp(`\\b${key}=`).test(line),
      );
      if (at >= 0) return at + 1;
      const known = this.#before.variables.has(key);
      const isWritten = this.#before.text.split('\n').some((line) => keyOf(line) === key);
      if (known && !isWritten) return 0;
    }
    return undefined;
  }

  #lines(): readonly string[] {
    return this.#text.split('\n');
  }

  #linesOf(key: string): readonly number[] {
    return this.#lines().flatMap((line, index) => (keyOf(line) === key ? [index] : []));
  }
}

/** Also of lines that are broken otherwise, like one with a comment after `//`. */
function keyOf(line: string): string | undefined {
  return /^\s*(?:export\s+)?([A-Za-z_]\w*)=/.exec(line)?.[1];
}

function isOne(value: string, ...words: readonly string[]): boolean {
  return words.includes(value.toLowerCase());
}

function setAddress(draft: Draft, settings: ProfileSettings): void {
  if (isOne(draft.get('BOOTPROTO'), 'dhcp', 'bootp')) {
    draft.set('BOOTPROTO', 'static');
    // Nothing has read them so far, and nobody asks for them now.
    for (const key of draft.keys()) if (/^(IPADDR|PREFIX|NETMASK)\d*$/.test(key)) draft.remove(key);
  }
  const wanted = `${settings.address}/${settings.prefix}`;
  const there = addressesIn(draft);
  if (there.some(({ address }) => address === wanted)) return;
  const yielding = there.find(({ address }) => givesWay(settings, address));
  writeAddress(draft, yielding?.number ?? freeNumber(there), settings);
}

function writeAddress(
  draft: Draft,
  number: string,
  { address, prefix }: Pick<ProfileSettings, 'address' | 'prefix'>,
): void {
  draft.set(`IPADDR${number}`, address);
  draft.remove(`NETMASK${number}`);
  draft.set(`PREFIX${number}`, String(prefix));
}

/** The number may be left out once; behind 1 there is no gap. */
function freeNumber(there: readonly NumberedAddress[]): string {
  if (there.length === 0) return '';
  const used = new Set(there.map(({ number }) => number));
  let number = 1;
  while (used.has(String(number))) number += 1;
  return String(number);
}

/** IPADDR, IPADDR0, IPADDR1 … up to a gap behind 1. */
function addressesIn(draft: Draft): readonly NumberedAddress[] {
  const found: NumberedAddress[] = [];
  for (const number of ['', ...Array.from({ length: 256 }, (_, index) => String(index))]) {
    const host = draft.get(`IPADDR${number}`);
    if (host === '' && Number(number) > 1) break;
    const length = draft.get(`PREFIX${number}`) || draft.get(`NETMASK${number}`);
    const address = writtenAddress(host, length);
    if (address !== undefined) found.push({ number, address });
  }
  return found;
}

/** The service takes a gateway that lies in the network of the first address; so that of the gateway comes first. */
function setGateway(draft: Draft, settings: ProfileSettings, gateway: string): void {
  const wanted = `${settings.address}/${settings.prefix}`;
  const there = addressesIn(draft);
  const [first] = there;
  const own = there.find(({ address }) => address === wanted);
  if (
    first !== undefined &&
    own !== undefined &&
    own !== first &&
    !isIn(gateway, first.address) &&
    isIn(gateway, wanted)
  ) {
    const [host = '', prefix = ''] = first.address.split('/');
    writeAddress(draft, own.number, { address: host, prefix: Number(prefix) });
    writeAddress(draft, first.number, settings);
  }
  draft.remove('GATEWAY0');
  draft.set('GATEWAY', gateway);
  if (isOne(draft.get('DEFROUTE'), 'no', 'false', '0')) draft.set('DEFROUTE', 'yes');
}

function isIn(host: string, network: string): boolean {
  const address = IpAddress.parse(host);
  return (
    address !== undefined && InterfaceAddress.parse(network)?.network.contains(address) === true
  );
}

function setNameServers(draft: Draft, { dns }: ProfileSettings): void {
  const keys = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => `DNS${number}`);
  const known = keys.map((key) => draft.get(key)).filter((server) => server !== '');
  if (dns.every((server) => known.includes(server))) return;
  for (const [index, key] of keys.entries()) {
    const server = dns[index];
    if (server !== undefined) draft.set(key, server);
  }
}
