import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  type Change,
  type Observed,
  type Target,
  unknown,
  value,
  absent,
} from '../../engine/model/resource.ts';
import { lines, type Script, sh, trusted } from '../../engine/model/shell/script.ts';
import {
  describeExtended,
  observeExtended,
  parseExtended,
  restoreExtended,
} from './extended-attributes.ts';
import { type Fields, fieldChanges } from '../field-changes.ts';
import { lookedAt, statFunction } from '../../platforms/many-files.ts';
import { parseSections, section } from '../../platforms/sections.ts';
import { account, mode, text } from '../schemas.ts';

/** A regular file, with all that is needed to write it again. */
export interface FileState {
  /** As text, or in base64 where it isn't UTF-8. */
  readonly content: string;
  readonly encoding?: 'base64';
  /** Octal, four digits: '0644'. */
  readonly mode: string;
  /** User name, or number where it has no name. */
  readonly owner: string;
  readonly group: string;
  /** Extended attributes, access lists and SELinux context, where there are any and they are to be kept. */
  readonly extended?: string;
}

/** The shape of a file in a journal. */
export const fileState = z.object({
  content: text,
  encoding: z.literal('base64').exactOptional(),
  mode,
  owner: account,
  group: account,
  extended: text.exactOptional(),
});

/** A file as it shall be. Mode, owner and group that are not set stay as they are; a new file gets the usual ones. */
export type FileAim = Omit<FileState, keyof Attributes> & Partial<Attributes>;

type Attributes = Pick<FileState, 'mode' | 'owner' | 'group'>;

/** Shell that prints the file at `path`, a path or a shell word; a symlink is followed. Read back with `parseFile`. */
export function observeFile(path: string | Script): Script {
  return sh`
    ${typeof path === 'string' ? lookedAt(path) : statFunction}
    if [ -f ${path} ]; then
    lvslab_stat ${path} || exit
    lvslab_stat=\${lvslab_stat#* }
    lvslab_say stat "\${lvslab_stat#* }"
    ${section('content', sh`base64 -w0 -- ${path}`)}
    case \${lvslab_plain-} in *' '${path}' '*) ;; *)
    ${observeExtended(path)}
    ;;
    esac
    elif [ -e ${path} ]; then
    ${section('type', sh`stat -L -c %F -- ${path}`)}
    fi
  `;
}

/** Reads what `observeFile` printed. */
export function parseFile(output: string): Observed<FileState> {
  const sections = parseSections(output);
  const type = sections.get('type');
  if (type !== undefined) return unknown(`it is a ${type}, not a file`);
  const stat = sections.get('stat');
  if (stat === undefined) return absent;
  const extended = parseExtended(sections.get('extended'));
  return value({
    ...decode(sections.get('content') ?? ''),
    ...parseAttributes(stat),
    ...(extended !== undefined && { extended }),
  });
}

/** Reads '644 0 root 0 root'; an owner without a name keeps his number. */
function parseAttributes(stat: string): Attributes {
  const [mode = '', uid = '', user = '', gid = '', group = ''] = stat.split(' ');
  return {
    mode: mode.padStart(4, '0'),
    owner: user === 'UNKNOWN' ? uid : user,
    group: group === 'UNKNOWN' ? gid : group,
  };
}

/** How two states of a file differ. */
export function diffFile(from: Target<FileAim>, to: Target<FileAim>): readonly Change[] {
  // Where nothing is known of extended attributes, whatever the file has will do.
  const isExtended = to.kind === 'value' && to.value.extended !== undefined;
  const changes = fieldChanges(
    describe(from, isExtended),
    describe(to, isExtended, attributesOf(from)),
  );
  // Of a file that comes or goes, only what is unusual about it is told.
  if (from.kind === to.kind) return changes;
  return changes.filter(({ field, from: old, to: wanted = old }) => usual[field] !== wanted);
}

/** What a file is written with when it doesn't exist yet, and kept as it is when it does. */
export const plainAttributes = { mode: '0644', owner: 'root', group: 'root' } as const;

const usual: Fields = plainAttributes;

/**
 * Shell that makes the file what `to` says.
 * @param found what was there when it was planned: a file that somebody has changed since is left alone, and the shell
 * fails. What an earlier step of the same invocation has written is nobody's change. Not to be given where a program may
 * have written the file as well.
 */
export function convergeFile(
  path: string,
  to: Target<FileAim>,
  found: Target<FileAim> = absent,
): Script {
  if (found.kind === 'absent') return makeFile(path, to);
  const contents = [found, to].flatMap((one) => (one.kind === 'value' ? [sha256(one.value)] : []));
  return lines(refuseChanged(path, contents), makeFile(path, to));
}

/** Shell that fails where the file's content is none of these, by their SHA-256 in hexadecimal, and none that this invocation has written. */
export function refuseChanged(path: string, contents: readonly string[]): Script {
  return sh`
    if [ -f ${path} ]; then
      sum=$(sha256sum <${path} | cut -c 1-64)
      case $sum in
        ${trusted([...new Set(contents)].join(' | '))}) ;;
        *)
          grep -qsx "$sum" "\${lvslab_written-}" || {
            echo ${`${path} ${CHANGED_SINCE}`} >&2
            exit 1
          }
          ;;
      esac
    fi
  `;
}

/** What a step says that has found another file than the one that was planned for. */
const CHANGED_SINCE = 'was changed by somebody else since it was planned, and is left as it is now';

function sha256({ content, encoding }: Pick<FileState, 'content' | 'encoding'>): string {
  return createHash('sha256')
    .update(content, encoding ?? 'utf8')
    .digest('hex');
}

function makeFile(path: string, to: Target<FileAim>): Script {
  if (to.kind === 'absent') return removeFile(path);
  const { mode, owner, group, extended } = to.value;
  const attributes =
    mode === undefined || owner === undefined || group === undefined
      ? undefined
      : { mode, owner, group, ...(extended !== undefined && { extended }) };
  return replaceFile(path, printContent(to.value), attributes);
}

/**
 * Shell that puts what `producer` prints in the place of the file, all of it or nothing: written beside it, synced,
 * renamed. A symlink is followed. Extended attributes, mode and owner stay where `attributes` doesn't set them.
 */
export function replaceFile(
  path: string,
  producer: Script,
  attributes?: Attributes & Pick<FileState, 'extended'>,
): Script {
  const { mode, owner, group, extended } = attributes ?? {
    ...plainAttributes,
    extended: undefined,
  };
  const setAttributes = sh`chown ${`${owner}:${group}`} "$temp"; chmod ${mode} "$temp"`;
  const setUsual = sh`
    else
      ${setAttributes}
  `;
  return sh`
    (
    target=$(readlink -f -- ${path}) || { echo ${`the folder of ${path} is missing`} >&2; exit 1; }
    folder=\${target%/*}/
    temp=$folder.\${target##*/}.lvslab
    ## What is still there after a power cut is found by its note, which a run keeps.
    note=\${lvslab_unfinished-}
    trap 'rm -f -- "$temp" "\${note:-$temp}"' EXIT
    [ -z "$note" ] || ln -sfn -- "$temp" "$note"
    rm -f -- "$temp"
    (umask 077; : >"$temp")
    if [ -e "$target" ]; then
      cp --attributes-only --preserve=all -- "$target" "$temp"
    ${attributes === undefined ? setUsual : lines()}
    fi
    ${extended === undefined ? lines() : restoreExtended(extended)}
    {
    ${producer}
    } >"$temp"
    ${attributes === undefined ? lines() : setAttributes}
    sync "$temp"
    [ -z "\${lvslab_written-}" ] || sha256sum <"$temp" | cut -c 1-64 >>"$lvslab_written"
    mv -f -- "$temp" "$target"
    sync "$folder"
    )
  `;
}

/** Shell that removes the file at the path, or the one that a symlink there leads to. */
export function removeFile(path: string): Script {
  return sh`if target=$(readlink -f -- ${path}); then rm -f -- "$target"; fi`;
}

function printContent({ content, encoding }: Pick<FileState, 'content' | 'encoding'>): Script {
  return encoding === 'base64' ? sh`printf %s ${content} | base64 -d` : printText(content);
}

/** Shell that prints the text; by way of `cat`, which says why when the disk is full. */
function printText(text: string): Script {
  return sh`printf %s ${text} | cat`;
}

function attributesOf(state: Target<FileAim>): Attributes {
  const { mode: bits, owner, group } = state.kind === 'absent' ? plainAttributes : state.value;
  return {
    mode: bits ?? plainAttributes.mode,
    owner: owner ?? plainAttributes.owner,
    group: group ?? plainAttributes.group,
  };
}

/** @param kept what stays of the file where the state doesn't say. */
function describe(
  state: Target<FileAim>,
  isExtended: boolean,
  kept: Partial<Attributes> = {},
): Fields {
  if (state.kind === 'absent') return {};
  const { content, encoding, mode: bits, owner, group, extended } = { ...kept, ...state.value };
  return {
    content: encoding === 'base64' ? `(binary) ${content}` : content,
    mode: bits,
    owner,
    group,
    ...(isExtended && { 'extended attributes': describeExtended(extended ?? '') }),
  };
}

function decode(base64: string): Pick<FileState, 'content' | 'encoding'> {
  const bytes = Buffer.from(base64, 'base64');
  const text = bytes.toString('utf8');
  const isText = !text.includes('\0') && Buffer.from(text).equals(bytes);
  return isText ? { content: text } : { content: base64, encoding: 'base64' };
}
