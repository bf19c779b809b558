import { type Observed, unknown, value } from '../../../engine/model/resource.ts';
import { sh } from '../../../engine/model/shell/script.ts';
import { shellFunction } from '../../../engine/model/shell/shared-shell.ts';
import { lookAtFunction } from '../../many-files.ts';
import { filledLines } from '../../sections.ts';

/** A file as it was found; a symlink is followed. */
export interface ListedFile {
  /** As it was looked for. */
  readonly path: string;
  /** As text; where it isn't UTF-8, each byte as one character. */
  readonly text: string;
  /** Octal, without leading zeros: '600'. */
  readonly mode: string;
  /** Number of the user. */
  readonly owner: number;
  /** What else there is to it; not set where it was made up. */
  readonly whole?: WholeFile;
}

/** All that is needed to write a file again as it is. */
interface WholeFile {
  readonly base64: string;
  /** User and group by name, or by number where they have none. */
  readonly user: string;
  readonly group: string;
  /** In base64, what `lvslab_extended FILE` printed, where the script has such a function. */
  readonly extended?: string;
}

const MOST_BYTES = 262_144;
const MOST_FILES = 2000;

/**
 * Shell function `lvslab_show FILE…`: prints those that are there, one a line; what is no regular file, like a link to
 * /dev/null, counts as an empty one. Read back with `parseListed`.
 */
export const showFiles = shellFunction(
  'lvslab_show',
  sh`
    ${lookAtFunction}
    lvslab_show() {
      lvslab_look_at "$@"
      for lvslab_file; do
        if [ -d "$lvslab_file" ] || [ ! -e "$lvslab_file" ]; then continue; fi
        lvslab_stat "$lvslab_file"
        lvslab_stat=\${lvslab_stat#* }
        case $lvslab_file in
        *[!A-Za-z0-9_@%+=:,./-]*) lvslab_name=$(printf %s "$lvslab_file" | base64 -w0) ;;
        *) lvslab_name="=$lvslab_file" ;;
        esac
        printf '%s %s ' "$lvslab_name" "\${lvslab_stat#* }"
        if [ -f "$lvslab_file" ]; then
          case $lvslab_plain in
          *" $lvslab_file "*) base64 -w0 -- "$lvslab_file" ;;
          *)
            head -c ${MOST_BYTES + 1} -- "$lvslab_file" | base64 -w0
            printf ' %s' "$(lvslab_extended "$lvslab_file" 2>/dev/null)"
            ;;
          esac
        fi
        echo
      done
    }
  `,
);

/** Reads what `lvslab_show` printed; unknown where it is not that, or too much. */
export function parseListed(output = ''): Observed<readonly ListedFile[]> {
  const lines = filledLines(output);
  if (lines.length > MOST_FILES) {
    return unknown(
      `${lines.length} files of one kind; more than ${MOST_FILES} are not looked through`,
    );
  }
  const files: ListedFile[] = [];
  for (const line of lines) {
    const words = wordsOf(line);
    if (words === undefined) return unknown(`the list of files has a line '${line.slice(0, 40)}'`);
    const path = wordOf(words.name);
    const bytes = Buffer.from(words.content, 'base64');
    if (bytes.length > MOST_BYTES) return unknown(`${path} is larger than ${MOST_BYTES} bytes`);
    const { mode, owner } = words;
    const whole = wholeOf(words);
    files.push({ path, text: decode(bytes), mode, owner: Number(owner), whole });
  }
  return value(files);
}

/** One line of the list, as it was printed. */
interface PrintedFile {
  readonly name: string;
  readonly mode: string;
  readonly owner: string;
  readonly user: string;
  readonly gid: string;
  readonly group: string;
  readonly content: string;
  readonly extended: string;
}

function wordsOf(line: string): PrintedFile | undefined {
  const [, name, mode, owner, user = '', gid = '', group = '', content = '', extended = ''] =
    /^([A-Za-z0-9+/]+={0,2}|=[\w@%+=:,./-]+) ([0-7]{1,4}) (\d{1,10}) (\S+) (\d{1,10}) (\S+) ([A-Za-z0-9+/]*={0,2})(?: ([A-Za-z0-9+/]*={0,2}))?$/.exec(
      line,
    ) ?? [];
  if (name === undefined || mode === undefined || owner === undefined) return undefined;
  return { name, mode, owner, user, gid, group, content, extended };
}

/** Reads a word that was printed behind '=' where it has usual characters alone, else in base64. */
export function wordOf(printed: string): string {
  return printed.startsWith('=') ? printed.slice(1) : decode(Buffer.from(printed, 'base64'));
}

/** Who has no name is told by number. */
function wholeOf({ owner, user, gid, group, content, extended }: PrintedFile): WholeFile {
  return {
    base64: content,
    user: user === 'UNKNOWN' ? owner : user,
    group: group === 'UNKNOWN' ? gid : group,
    ...(extended !== '' && { extended }),
  };
}

function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : bytes.toString('latin1');
}

/** By name in the order that byte values give; of files with one name in several folders only that of the first folder. */
export function firstOfEachName(
  files: readonly ListedFile[],
  folders: readonly string[],
): readonly ListedFile[] {
  const chosen = new Map<string, { readonly rank: number; readonly file: ListedFile }>();
  for (const file of files) {
    const cut = file.path.lastIndexOf('/');
    const [folder, name] = [file.path.slice(0, cut), file.path.slice(cut + 1)];
    const rank = folders.indexOf(folder);
    const known = chosen.get(name);
    if (rank >= 0 && (known === undefined || rank < known.rank)) chosen.set(name, { rank, file });
  }
  return [...chosen]
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([, { file }]) => file);
}
