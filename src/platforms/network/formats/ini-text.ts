/** One assignment in a file of sections. */
export interface IniEntry {
  /** The name of its section; '' before the first. */
  readonly section: string;
  /** The index of the section's heading among the lines; -1 before the first. */
  readonly heading: number;
  readonly key: string;
  readonly value: string;
  /** Index of its line, from 0. */
  readonly line: number;
  /** How many lines it takes, with those that continue it. */
  readonly span: number;
}

/** What a program takes for a comment, and for a value that goes on in the next line. */
interface IniDialect {
  readonly comments: string;
  readonly hasContinuations: boolean;
}

/** The keyfiles of GLib, as NetworkManager reads them. */
export const keyfileDialect: IniDialect = { comments: '#', hasContinuations: false };

/** The unit files and network files of systemd. */
export const systemdDialect: IniDialect = { comments: '#;', hasContinuations: true };

/** A text of sections, read. */
export interface IniText {
  readonly entries: readonly IniEntry[];
  /** Headings: the section's name by the index of its line. */
  readonly headings: ReadonlyMap<number, string>;
}

/** The first line, from 1, for which GLib refuses a whole keyfile: it is nothing, or belongs to no section. Undefined where there is none. */
export function keyfileFault(text: string): number | undefined {
  let hasSection = false;
  const at = text.split('\n').findIndex((line) => {
    const raw = line.trim();
    if (raw === '' || raw.startsWith('#')) return false;
    if (raw.startsWith('[') && raw.endsWith(']')) {
      hasSection = true;
      return false;
    }
    return !hasSection || raw.indexOf('=') < 1;
  });
  return at < 0 ? undefined : at + 1;
}

/** Reads a text of sections, in order; what is neither a heading nor an assignment is left out. */
export function readIni(text: string, { comments, hasContinuations }: IniDialect): IniText {
  const all = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const entries: IniEntry[] = [];
  const headings = new Map<number, string>();
  let [section, heading] = ['', -1];
  for (let line = 0; line < all.length; line++) {
    const raw = (all[line] ?? '').trim();
    if (raw === '' || comments.includes(raw.charAt(0))) continue;
    if (raw.startsWith('[') && raw.endsWith(']')) {
      [section, heading] = [raw.slice(1, -1), line];
      headings.set(line, section);
      continue;
    }
    const { whole, span } = hasContinuations ? continued(all, line) : { whole: raw, span: 1 };
    const equals = whole.indexOf('=');
    if (equals > 0) {
      const [key, value] = [whole.slice(0, equals).trim(), whole.slice(equals + 1).trim()];
      entries.push({ section, heading, key, value, line, span });
    }
    line += span - 1;
  }
  return { entries, headings };
}

/** A backslash at the end joins the next line with a blank between; comments among them are passed over. */
function continued(
  all: readonly string[],
  start: number,
): { readonly whole: string; readonly span: number } {
  const parts: string[] = [];
  let at = start;
  for (; at < all.length; at++) {
    const line = all[at] ?? '';
    if (at > start && /^\s*[#;]/.test(line)) continue;
    if (!line.endsWith('\\')) {
      parts.push(line);
      at += 1;
      break;
    }
    parts.push(line.slice(0, -1));
  }
  return { whole: parts.join(' ').trim(), span: at - start };
}

/** The last line of a section that says something: where a new one goes; its heading when it is empty. */
export function endOfSection({ entries }: IniText, heading: number): number {
  return entries.reduce(
    (end, entry) => (entry.heading === heading ? entry.line + entry.span - 1 : end),
    heading,
  );
}
