import { renderTemplate } from '../../../templates.ts';
import { addressOf, lastOption, nameServersOf } from '../boot/ifupdown/ifupdown-view.ts';
import { readInterfaces, type Stanza } from '../boot/ifupdown/interfaces-stanzas.ts';
import { type ProfileSettings } from '../network-backend.ts';
import { applyEdits, insertBehind, type LineEdits, noEdits } from './line-edits.ts';
import { givesWay } from './profile-settings.ts';

/** ifupdown's files, by path, in the order in which they are read. */
export type InterfacesTexts = ReadonlyMap<string, string>;

/** What begins a new stanza, see interfaces(5). */
const STANZA =
  /^\s*(iface|mapping|auto|allow-\S+|source|source-dir|source-directory|rename|no-auto-down|no-scripts|template)\s/;

/** Options that say an address, beside others of which each says something else. */
const ADDRESS_OPTIONS: readonly string[] = ['address', 'netmask', 'broadcast', 'network'];

/**
 * ifupdown's files with these settings in them. Stanzas that say other things stay, and so does every line of theirs: an
 * address is added by a stanza of its own behind those of the NIC, and the gateway goes to the stanza of its address.
 * @param newFile where a NIC without a stanza gets one.
 * @param auto what is brought up by itself.
 */
export function mergeInterfaces(
  texts: InterfacesTexts,
  {
    newFile,
    auto,
    settings,
  }: {
    readonly newFile: string;
    readonly auto: readonly string[];
    readonly settings: ProfileSettings;
  },
): InterfacesTexts {
  const addressed = withAddress(texts, newFile, settings);
  const automatic = withAuto(addressed, auto, settings);
  return withNameServers(withGateway(automatic, settings), settings);
}

function withAddress(
  texts: InterfacesTexts,
  newFile: string,
  settings: ProfileSettings,
): InterfacesTexts {
  const { device, address, prefix } = settings;
  const wanted = `${address}/${prefix}`;
  if (holderOf(texts, settings) !== undefined) return texts;
  const own = ownStanzas(texts, device);
  const yielding = own.find((stanza) =>
    addressOf(stanza).some(({ address: found }) => givesWay(settings, found)),
  );
  if (yielding !== undefined) {
    return edited(texts, yielding.file, (all, edits) => {
      const [first, ...others] = yielding.options.filter(({ name }) =>
        ADDRESS_OPTIONS.includes(name),
      );
      for (const { line } of others) removeWhole(edits, all, line - 1);
      if (first !== undefined) replaceWhole(edits, all, first.line - 1, `    address ${wanted}`);
    });
  }
  const leased = own.find(({ device: name, method }) => name === device && method === 'dhcp');
  if (leased !== undefined) {
    return edited(texts, leased.file, (all, edits) => {
      const start = leased.line - 1;
      const end = endOfLine(all, start);
      const at = all.findLastIndex((line, i) => i >= start && i <= end && /\bdhcp\b/.test(line));
      edits.replace.set(at, (all[at] ?? '').replace(/\bdhcp\b(?!.*\bdhcp\b)/, 'static'));
      // Nothing has read them so far, and nobody asks for them now.
      for (const { name, line } of leased.options) {
        if (name === 'gateway' || ADDRESS_OPTIONS.includes(name)) removeWhole(edits, all, line - 1);
      }
      insertBehind(edits, end, `    address ${wanted}`);
    });
  }
  const last = own.at(-1);
  if (last === undefined) return withNewStanza(texts, newFile, settings);
  return edited(texts, last.file, (all, edits) => {
    const end = endOfStanza(all, last.line - 1) - 1;
    for (const line of ['', `iface ${device} inet static`, `    address ${wanted}`]) {
      insertBehind(edits, end, line);
    }
  });
}

function withNewStanza(
  texts: InterfacesTexts,
  path: string,
  { device, address, prefix }: ProfileSettings,
): InterfacesTexts {
  const fresh = renderTemplate('interfaces.hbs', { device, address, prefix, gateway: '', dns: '' });
  const text = texts.get(path) ?? '';
  const whole = `${text.replace(/\n*$/, '\n\n')}${fresh}`.replace(/^\n+/, '');
  return new Map([...texts, [path, whole]]);
}

function withAuto(
  texts: InterfacesTexts,
  auto: readonly string[],
  settings: ProfileSettings,
): InterfacesTexts {
  const { device } = settings;
  const holder = holderOf(texts, settings);
  const names = [...new Set([device, holder?.device ?? device])];
  return names.reduce((before, name) => {
    const isAuto = auto.includes(name) || [...before.values()].some((text) => startsIt(text, name));
    const first = ownStanzas(before, device).find((stanza) => stanza.device === name);
    const at = first ?? holder;
    if (isAuto || at === undefined) return before;
    return edited(before, at.file, (_, edits) => {
      insertBehind(edits, at.line - 2, `auto ${name}`);
    });
  }, texts);
}

function startsIt(text: string, name: string): boolean {
  return text.split('\n').some((line) => {
    const [keyword = '', ...names] = line.trim().split(/\s+/);
    return (
      (keyword === 'auto' || keyword === 'allow-auto' || keyword === 'allow-hotplug') &&
      names.includes(name)
    );
  });
}

function withGateway(texts: InterfacesTexts, settings: ProfileSettings): InterfacesTexts {
  const { device, gateway } = settings;
  if (gateway === undefined) return texts;
  const others = ownStanzas(texts, device).filter(
    (stanza) =>
      !isSame(stanza, holderOf(texts, settings)) &&
      stanza.options.some(({ name }) => name === 'gateway'),
  );
  // From the last one on, so that the lines of those before stay where they are.
  const alone = others.toReversed().reduce(
    (before, stanza) =>
      edited(before, stanza.file, (all, edits) => {
        for (const { name, line } of stanza.options) {
          if (name === 'gateway') removeWhole(edits, all, line - 1);
        }
      }),
    texts,
  );
  return withOption(alone, settings, ['gateway', gateway]);
}

function withNameServers(texts: InterfacesTexts, settings: ProfileSettings): InterfacesTexts {
  const { device, dns } = settings;
  const known = new Set(ownStanzas(texts, device).flatMap(nameServersOf));
  if (dns.every((server) => known.has(server))) return texts;
  return withOption(texts, settings, ['dns-nameservers', dns.join(' ')]);
}

/** Sets an option of the stanza with the wanted address. */
function withOption(
  texts: InterfacesTexts,
  settings: ProfileSettings,
  [name, value]: readonly [string, string],
): InterfacesTexts {
  const holder = holderOf(texts, settings);
  if (holder === undefined || lastOption(holder.options, name)?.value === value) return texts;
  return edited(texts, holder.file, (all, edits) => {
    const [first, ...others] = holder.options.filter((option) => option.name === name);
    for (const { line } of others) removeWhole(edits, all, line - 1);
    const behind = holder.options.filter((option) => ADDRESS_OPTIONS.includes(option.name)).at(-1);
    const text = `    ${name} ${value}`;
    if (first !== undefined) replaceWhole(edits, all, first.line - 1, text);
    else insertBehind(edits, endOfLine(all, (behind?.line ?? holder.line) - 1), text);
  });
}

/** The last line of what begins at this one: it goes on behind a backslash. */
function endOfLine(all: readonly string[], start: number): number {
  let end = start;
  while (all[end]?.endsWith('\\') === true && end + 1 < all.length) end += 1;
  return end;
}

function removeWhole(edits: LineEdits, all: readonly string[], start: number): void {
  for (let at = start; at <= endOfLine(all, start); at += 1) edits.remove.add(at);
}

function replaceWhole(edits: LineEdits, all: readonly string[], start: number, text: string): void {
  removeWhole(edits, all, start);
  edits.remove.delete(start);
  edits.replace.set(start, text);
}

/** The stanzas of IPv4 that are about the NIC, or about an alias of it. */
function ownStanzas(texts: InterfacesTexts, device: string): readonly Stanza[] {
  const files = [...texts].map(([path, text]) => ({ path, text }));
  return readInterfaces(files).stanzas.filter(
    ({ device: name, family }) => name.split(':')[0] === device && family === 'inet',
  );
}

/** The stanza that gives the wanted address. */
function holderOf(
  texts: InterfacesTexts,
  { device, address, prefix }: ProfileSettings,
): Stanza | undefined {
  return ownStanzas(texts, device).find((stanza) =>
    addressOf(stanza).some((found) => found.address === `${address}/${prefix}`),
  );
}

function isSame(stanza: Stanza, other: Stanza | undefined): boolean {
  return stanza.file === other?.file && stanza.line === other.line;
}

function edited(
  texts: InterfacesTexts,
  path: string,
  change: (lines: readonly string[], edits: LineEdits) => void,
): InterfacesTexts {
  const text = texts.get(path) ?? '';
  const edits = noEdits();
  change(text.split('\n'), edits);
  return new Map(
    [...texts].map(([name, old]) => [name, name === path ? applyEdits(old, edits) : old]),
  );
}

/** Blank lines and comments before the next stanza belong to that one. */
function endOfStanza(all: readonly string[], start: number): number {
  const next = all.findIndex((line, i) => i > start && STANZA.test(line));
  let end = next === -1 ? all.length : next;
  while (end > start + 1 && /^\s*(#.*)?$/.test(all[end - 1] ?? '')) end -= 1;
  return end;
}
