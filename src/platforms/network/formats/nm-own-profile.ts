import { endOfSection, keyfileDialect, readIni } from './ini-text.ts';
import { applyEdits, insertBehind, noEdits } from './line-edits.ts';
import { uuidOf } from './nm-keyfile.ts';

/** The text of a profile that is for several NICs, or that is shipped, as one of its own for this NIC. */
export function ownProfile(text: string, device: string): string {
  return withConnection(text, [
    ['id', `lvslab-${device}`],
    ['uuid', uuidOf(device)],
    ['interface-name', device],
  ]);
}

/** The text of a profile with this priority among those for its NIC. */
export function withPriority(text: string, priority: number): string {
  return withConnection(text, [['autoconnect-priority', String(priority)]]);
}

/** Keys of [connection]; the last line of a key counts, earlier ones go. */
function withConnection(
  text: string,
  keys: readonly (readonly [key: string, value: string])[],
): string {
  const whole = /^\s*\[connection\]/m.test(text) ? text : `[connection]\n\n${text}`;
  const read = readIni(whole, keyfileDialect);
  const headings = [...read.headings].flatMap(([line, name]) =>
    name === 'connection' ? [line] : [],
  );
  const end = endOfSection(read, headings.at(-1) ?? 0);
  const edits = noEdits();
  for (const [key, value] of keys) {
    const found = read.entries.filter(
      (entry) => entry.section === 'connection' && entry.key === key,
    );
    const last = found.pop();
    for (const { line } of found) edits.remove.add(line);
    if (last === undefined) insertBehind(edits, end, `${key}=${value}`);
    else edits.replace.set(last.line, `${key}=${value}`);
  }
  return applyEdits(whole, edits);
}
