import { lines, type Script, sh } from '../engine/model/shell/script.ts';
import { shellFunction } from '../engine/model/shell/shared-shell.ts';

/** What would take longer in the shell than a process takes to start, in bytes. */
const MOST_BY_SHELL = 4000;

/** Shell that sets $lvslab_newline. */
export const newline = shellFunction(
  'lvslab_newline',
  sh`
    lvslab_newline='
    '
  `,
);

/** Shell function `lvslab_say NAME TEXT`: prints the section NAME with this text, at once: each line of its own would be a packet. */
export const sayFunction: Script = lines(
  newline,
  shellFunction(
    'lvslab_say',
    sh`
      lvslab_say() {
        lvslab_section=$1 lvslab_left=$2
        case $lvslab_left in *"$lvslab_newline"*)
          if [ "\${#lvslab_left}" -gt ${MOST_BY_SHELL} ]; then
            printf '%s\n' "$1"
            printf '%s\n' "$lvslab_left" | sed 's/^/ /'
            return
          fi
          while :; do
            case $lvslab_left in *"$lvslab_newline"*) ;; *) break ;; esac
            lvslab_section="$lvslab_section$lvslab_newline \${lvslab_left%%"$lvslab_newline"*}"
            lvslab_left=\${lvslab_left#*"$lvslab_newline"}
          done
          ;;
        esac
        printf '%s\n %s\n' "$lvslab_section" "$lvslab_left"
      }
    `,
  ),
);

/**
 * Shell that prints the section `name` with the lines of the first of these files that can be read, and an empty one without
 * any. It starts no process, and the shell reads one byte after the other: for files of a few lines.
 */
export function fileSection(name: string, ...files: readonly string[]): Script {
  return sh`
    ${shortFileFunction}
    lvslab_say_file ${name} ${files}
  `;
}

const shortFileFunction = lines(
  newline,
  shellFunction(
    'lvslab_say_file',
    sh`
      lvslab_say_file() {
        lvslab_section=$1
        shift
        for lvslab_one; do
          if [ -f "$lvslab_one" ] && [ -r "$lvslab_one" ]; then
            while IFS= read -r lvslab_line || [ -n "$lvslab_line" ]; do
              lvslab_section="$lvslab_section$lvslab_newline $lvslab_line"
            done <"$lvslab_one"
            break
          fi
        done
        printf '%s\n' "$lvslab_section"
      }
    `,
  ),
);

/**
 * Shell that prints `name` on a line and below it, indented, what `body` prints; fails when `body` fails. Whatever a
 * host answers, it can't pass for another section.
 * @param mayFail the section is there in any case, with what was printed; costs no process where `body` is one command.
 */
export function section(
  name: string,
  body: Script,
  { mayFail = false }: { readonly mayFail?: boolean } = {},
): Script {
  return sh`
    ${sayFunction}
    lvslab_out=$(
    ${body}
    ) || ${mayFail ? sh`:` : sh`exit`}
    lvslab_say ${name} "$lvslab_out"
  `;
}

/** Shell that prints the section `name`; `body` prints its lines, each behind a space, and fails it. */
export function indentedSection(name: string, body: Script): Script {
  return sh`
    lvslab_out=$(
    ${body}
    ) || exit
    printf '%s\n%s\n' ${name} "$lvslab_out"
  `;
}

/** Reads what `section` printed: contents by name, without the newline at their ends. */
export function parseSections(output: string): ReadonlyMap<string, string> {
  const contents = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of output.split('\n')) {
    if (line.startsWith(' ')) current.push(line.slice(1));
    else if (line !== '') contents.set(line, (current = []));
  }
  return new Map([...contents].map(([name, lines]) => [name, lines.join('\n')]));
}

/** The lines of a section that hold something. */
export function filledLines(text = ''): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
