import { type Script, sh } from '../engine/model/script.ts';

/**
 * Shell that prints `name` on a line and below it, indented, what `body` prints; fails when `body` fails. Whatever a
 * host answers, it can't pass for another section.
 */
export function section(name: string, body: Script): Script {
  return sh`
    lvslab_out=$(
    ${body}
    ) || exit
    printf '%s\n' ${name}
    printf '%s\n' "$lvslab_out" | sed 's/^/ /'
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
