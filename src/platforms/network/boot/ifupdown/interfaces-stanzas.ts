import { type Place } from '../boot-view.ts';
import { type ListedFile } from '../listed-files.ts';

/** One option of a stanza. */
export interface StanzaOption extends Place {
  readonly name: string;
  readonly value: string;
}

/** An `iface` stanza of interfaces(5). */
export interface Stanza extends Place {
  readonly device: string;
  /** 'inet', 'inet6'; '' where none is said. */
  readonly family: string;
  /** 'static', 'dhcp', 'manual', 'loopback' … */
  readonly method: string;
  /** The stanza that its options begin with. */
  readonly inherits?: string;
  readonly options: readonly StanzaOption[];
}

/** A `source` or `source-directory` line: which files are read beside the one that it stands in. */
export interface SourceLine extends Place {
  /** Absolute. */
  readonly pattern: string;
  readonly isFolder: boolean;
}

/** What the files of ifupdown hold. */
export interface InterfacesFiles {
  readonly stanzas: readonly Stanza[];
  readonly sources: readonly SourceLine[];
  /** Devices and patterns of `mapping` stanzas. */
  readonly mappings: readonly (Place & { readonly patterns: readonly string[] })[];
}

/** What is gathered while the files are read. */
interface Gathered {
  readonly stanzas: (Stanza & { readonly options: StanzaOption[] })[];
  readonly sources: SourceLine[];
  readonly mappings: InterfacesFiles['mappings'][number][];
}

/** What begins something else than an option of the stanza before. */
const OTHER_BEGINNING = /^(auto|allow-\S+|rename|no-auto-down|no-scripts|template)$/;

/** Reads the files in the order given. */
export function readInterfaces(
  files: readonly Pick<ListedFile, 'path' | 'text'>[],
): InterfacesFiles {
  const gathered: Gathered = { stanzas: [], sources: [], mappings: [] };
  for (const { path, text } of files) {
    let current: StanzaOption[] | undefined;
    for (const { words, rest, line } of logicalLines(text)) {
      const place = { file: path, line };
      const [name = ''] = words;
      const begun = begin(words, place, gathered);
      if (begun === undefined) current?.push({ ...place, name, value: rest });
      else current = begun;
    }
  }
  return gathered;
}

/** @returns where the options that follow go; undefined for a line that is such an option. */
function begin(
  [keyword = '', ...names]: readonly string[],
  place: Place,
  { stanzas, sources, mappings }: Gathered,
): StanzaOption[] | undefined {
  const options: StanzaOption[] = [];
  if (keyword === 'iface') {
    stanzas.push({ ...place, ...headerOf(names), options });
  } else if (keyword === 'mapping') mappings.push({ ...place, patterns: names });
  else if (/^source(-dir(ectory)?)?$/.test(keyword)) {
    sources.push(...sourcesOf(names, place, keyword !== 'source'));
  } else if (!OTHER_BEGINNING.test(keyword)) return undefined;
  return options;
}

/** What stands behind the word 'iface'. */
function headerOf(
  names: readonly string[],
): Pick<Stanza, 'device' | 'family' | 'method' | 'inherits'> {
  const [device = '', family = '', method = ''] = names;
  const at = names.indexOf('inherits');
  const inherits = at === -1 ? undefined : names[at + 1];
  return { device, family, method, ...(inherits !== undefined && { inherits }) };
}

/** Relative patterns begin at the folder of the file that they stand in. */
function sourcesOf(
  patterns: readonly string[],
  place: Place,
  isFolder: boolean,
): readonly SourceLine[] {
  const folder = place.file.replace(/[^/]*$/, '');
  return patterns.map((pattern) => ({
    ...place,
    pattern: pattern.startsWith('/') ? pattern : `${folder}${pattern}`,
    isFolder,
  }));
}

/** A backslash joins the next line; a line that begins with `#` is a comment. */
function logicalLines(
  text: string,
): readonly { readonly words: readonly string[]; readonly rest: string; readonly line: number }[] {
  const found: { words: readonly string[]; rest: string; line: number }[] = [];
  let [begun, start] = ['', 0];
  text.split('\n').forEach((raw, index) => {
    if (begun === '') start = index + 1;
    if (begun === '' && /^\s*#/.test(raw)) return;
    if (raw.endsWith('\\')) {
      begun += `${raw.slice(0, -1)} `;
      return;
    }
    const whole = (begun + raw).trim();
    begun = '';
    if (whole === '') return;
    const words = whole.split(/\s+/);
    found.push({ words, rest: whole.slice((words[0] ?? '').length).trim(), line: start });
  });
  return found;
}

/**
 * The path of a new file that ifupdown will read: named so that a `source` line finds it; undefined where none can.
 * @param stem letters, digits, dashes and underscores: 'lvslab-ens33'.
 */
export function readableName(sources: readonly SourceLine[], stem: string): string | undefined {
  for (const { pattern, isFolder } of sources) {
    const cut = pattern.lastIndexOf('/');
    const [folder, last] = [pattern.slice(0, cut), pattern.slice(cut + 1)];
    if (/[*?[\]"'$`~\\]/.test(folder)) continue;
    if (isFolder && !/[*?[\]"'$`~\\]/.test(last)) {
      // Names with dots are passed over there.
      return `${pattern.replace(/\/$/, '')}/${stem.replaceAll('.', '-')}`;
    }
    const [, prefix, suffix] = /^([\w.-]*)\*([\w.-]*)$/.exec(last) ?? [];
    if (!isFolder && prefix !== undefined) return `${folder}/${prefix}${stem}${suffix ?? ''}`;
  }
  return undefined;
}
