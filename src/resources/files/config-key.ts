import { z } from 'zod';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { PlaybookError } from '../../engine/model/failures/errors.ts';
import {
  absent,
  type Change,
  type Resource,
  type Target,
  value,
} from '../../engine/model/resource.ts';
import { type Script, sh } from '../../engine/model/shell/script.ts';
import { filledLines, parseSections, section } from '../../platforms/sections.ts';
import { fieldChanges } from '../field-changes.ts';
import { absolutePath, line as oneLine } from '../schemas.ts';
import { removeFile, replaceFile } from './file-state.ts';

/** The lines of a shared file that set one key, as they stand there; absent where there is no file. */
export interface ConfigKeyState {
  /** More than one only where the file was found so. */
  readonly lines: readonly string[];
  /** Nothing but these lines is in the file. */
  readonly alone?: boolean;
}

/**
 * One KEY=value line in a file that belongs to somebody else; nothing but this key is touched. `file` is an absolute path,
 * and a symlink there is followed; `line` is the whole line: 'AUTO="true"'.
 * @throws PlaybookError when the key can't be one.
 */
export const configKey = defineKind('config-key', {
  args: z.object({
    file: absolutePath,
    key: z.string().regex(/^[A-Za-z_]\w*$/, 'must be a key of a configuration file'),
    line: oneLine,
  }),
  state: z.object({ lines: z.array(oneLine), alone: z.boolean().exactOptional() }),
  make: ({ file, key, line }): Resource<ConfigKeyState> => ({
    id: `${key} in ${file}`,
    aim: () => value({ lines: [line] }),
    observe: sh`
      if [ -e ${file} ]; then
      ${section('lines', observeKey(file, key))}
      ${section('others', sh`grep -cv ${`^${key}=`} -- ${file} || [ "$?" = 1 ]`)}
      fi
    `,
    parse(output) {
      const sections = parseSections(output);
      const others = sections.get('others');
      if (others === undefined) return absent;
      return value({ lines: filledLines(sections.get('lines')), alone: others.trim() === '0' });
    },
    diff(observed, to): readonly Change[] {
      const changes = fieldChanges({ '': textOf(observed) }, { '': textOf(to) });
      // A file that came with the key goes with it, unless others have written into it.
      const isLeftOver = to.kind === 'absent' && observed.kind === 'value' && observed.value.alone;
      return changes.length === 0 && isLeftOver === true
        ? [{ field: '', from: 'an empty file' }]
        : changes;
    },
    converge: (_from, to) =>
      to.kind === 'absent'
        ? sh`
            ${replaceKey(file, key, [])}
            if [ ! -s ${file} ]; then
            ${removeFile(file)}
            fi
          `
        : replaceKey(file, key, to.value.lines),
  }),
});

/** Shell that prints the lines of the file that set the key. */
export function observeKey(file: string, key: string): Script {
  return sh`
    if [ -e ${file} ]; then
    lvslab_key=${checkedKey(key)} awk 'index($0, ENVIRON["lvslab_key"] "=") == 1' ${file}
    fi
  `;
}

/** Shell that puts `wanted` in the place of the lines that set the key; at the end where there was none. */
export function replaceKey(file: string, key: string, wanted: readonly string[]): Script {
  const print = sh`
    source=/dev/null
    if [ -e "$target" ]; then source=$target; fi
    edit() {
      lvslab_key=${checkedKey(key)} lvslab_lines=${wanted.join('\n')} awk '
        function put() { if (!done && ENVIRON["lvslab_lines"] != "") print ENVIRON["lvslab_lines"]; done = 1 }
        index($0, ENVIRON["lvslab_key"] "=") == 1 { put(); next }
        { print }
        END { put() }' "$source"
    }
    ## awk ends its output with a newline; a file that had none at its end must not gain one for good.
    if [ -n "$(tail -c 1 -- "$source")" ]; then edit | head -c -1; else edit; fi
  `;
  return replaceFile(file, print);
}

function textOf(state: Target<ConfigKeyState>): string | undefined {
  if (state.kind === 'absent' || state.value.lines.length === 0) return undefined;
  return state.value.lines.join('\n');
}

function checkedKey(key: string): string {
  if (/^[A-Za-z_]\w*$/.test(key)) return key;
  throw new PlaybookError(`'${key}' is no key of a configuration file`, {
    hint: 'A key is letters, digits and underscores.',
  });
}
