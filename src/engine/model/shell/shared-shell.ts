import { inFront, lines, type Script, sh, trusted } from './script.ts';

/** A shell function, which is there wherever this is put: `definition` stands in front once. */
export function shellFunction(name: string, definition: Script): Script {
  return inFront(name, { kind: 'function', wanted: new Set(), make: () => definition });
}

/**
 * Shell that prints what a script prints, which runs once for all that want it; fails as it fails.
 * @param name a word, the same for this script alone.
 */
export function onceForAll(name: string, script: Script): Script {
  const run = trusted(`lvslab_read_${name}`);
  const printed = trusted(`lvslab_printed_${name}`);
  const isDone = trusted(`lvslab_done_${name}`);
  const reading = inFront(name, {
    kind: 'reading',
    wanted: new Set(),
    make: () => sh`
      ${isDone}=
      ${printed}=$(${run} 2>/dev/null) && ${isDone}=yes
    `,
  });
  const definition = sh`
    ${run}() {
      ${script}
    }
  `;
  return sh`
    ${lines(shellFunction(`lvslab_read_${name}`, definition), reading)}
    if [ -n "$${isDone}" ]; then
      printf '%s\n' "$${printed}"
    else
      ${run} || exit
    fi
  `;
}
