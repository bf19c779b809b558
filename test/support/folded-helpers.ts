import { trusted } from '../../src/engine/model/shell/script.ts';
import { refuseChanged, removeFile, replaceFile } from '../../src/resources/files/file-state.ts';

/** What stands in a helper's own file where its arguments go. */
const holes = {
  path: '/the/path',
  owner: 'the-owner:the-group',
  mode: '0123',
  producer: 'the-producer',
  sums: 'the-sums',
} as const;

const producer = trusted(holes.producer);
const attributes = { mode: holes.mode, owner: 'the-owner', group: 'the-group' };

/** The shell that several kinds share, by the name of its golden file. */
export const sharedHelpers = {
  'replace-file-with-attributes': replaceFile(holes.path, producer, attributes).text,
  'replace-file': replaceFile(holes.path, producer).text,
  'refuse-changed': refuseChanged(holes.path, [holes.sums]).text,
  'remove-file': removeFile(holes.path).text,
} as const;

/** A quoted word of a shell. */
const WORD = String.raw`(?:'[^'\n]*'|\\'|[^\s';)\\])+`;

/** What stands in a hole that is not one word. */
const PATTERNS: Readonly<Record<string, string>> = {
  producer: String.raw`[\s\S]*?`,
  sums: String.raw`[\da-f |]+`,
};

/** A script in which the shared shell is folded to what it is asked to do, so that what is left is its kind's own. */
export function foldHelpers(script: string): string {
  return Object.entries(sharedHelpers).reduce(
    (text, [name, shell]) =>
      text.replace(patternOf(shell), (...found) => {
        const { path = '', owner, mode, sums, producer: printed } = found.at(-1) as Partial<Holes>;
        const asked = [`<${name} ${path}`, owner, mode, sums].filter((word) => word !== undefined);
        const opening = `${asked.join(' ')}>`;
        return printed === undefined ? opening : `${opening}\n${printed}\n</${name}>`;
      }),
    script,
  );
}

type Holes = Readonly<Record<keyof typeof holes, string>>;

/** Finds the shell with any arguments; a hole that stands there twice holds the same again, but for messages. */
function patternOf(shell: string): RegExp {
  const seen = new Set<string>();
  const pattern = shell
    .replaceAll(/'the folder of [^'\n]*'/g, 'A-MESSAGE')
    .replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)
    .replace('A-MESSAGE', String.raw`'the folder of [^\n]*'`)
    .replaceAll(new RegExp(Object.values(holes).join('|'), 'g'), (hole) => {
      const [name = ''] = Object.entries(holes).find(([, text]) => text === hole) ?? [];
      if (seen.has(name)) return String.raw`\k<${name}>`;
      seen.add(name);
      return `(?<${name}>${PATTERNS[name] ?? WORD})`;
    });
  return new RegExp(pattern, 'g');
}
