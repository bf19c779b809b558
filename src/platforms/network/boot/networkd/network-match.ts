import { type IniEntry } from '../../formats/ini-text.ts';
import { matchesGlob } from '../../formats/netplan/netplan-files.ts';
import { type LinkKind } from '../boot-view.ts';
import { type HostNic } from '../host-nics.ts';

/**
 * Whether the [Match] of a .network file is for a NIC: all of its keys must be, and without any it is for every NIC.
 * 'unknown' where that depends on what isn't known of the NIC.
 */
export function isMatched(
  match: readonly IniEntry[],
  { device, mac }: HostNic,
  kind: LinkKind = 'plain',
): boolean | 'unknown' {
  const verdicts = [...grouped(match)].map(([key, words]): boolean | 'unknown' => {
    switch (key) {
      case 'Name':
      case 'OriginalName':
        return isAmong(words, (word) => matchesGlob(word, device));
      case 'MACAddress':
      case 'PermanentMACAddress':
        return isAmong(words, (word) => plainMac(word) === plainMac(mac));
      case 'Type':
        return isAmong(words, (word) => matchesGlob(word, 'ether'));
      case 'Kind':
        return isAmong(words, (word) => kind !== 'plain' && matchesGlob(word, kind));
      default:
        return 'unknown';
    }
  });
  if (verdicts.includes(false)) return false;
  return verdicts.includes('unknown') ? 'unknown' : true;
}

/** Words of a key that stands there several times add up; an empty one drops them. */
function grouped(match: readonly IniEntry[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { key, value } of match) {
    const words = value.split(/\s+/).filter((word) => word !== '');
    if (words.length === 0) found.delete(key);
    else found.set(key, [...(found.get(key) ?? []), ...words]);
  }
  return found;
}

/** A list that begins with `!` means all others. */
function isAmong(words: readonly string[], isIt: (word: string) => boolean): boolean {
  const [first = ''] = words;
  if (!first.startsWith('!')) return words.some(isIt);
  return ![first.slice(1), ...words.slice(1)].some(isIt);
}

/** '00-50-56…' and '0050.56…' are other spellings. */
function plainMac(text: string): string {
  return text.toLowerCase().replaceAll(/[^0-9a-f]/g, '');
}
