import { type Script, sh } from '../engine/model/shell/script.ts';

const DEBIAN_SWITCH = '/etc/default/ipvsadm';
const DEBIAN_FILE = '/etc/ipvsadm.rules';
const EL_FILE = '/etc/sysconfig/ipvsadm';

/** What the unit that restores the IPVS table at boot has to read. */
export interface SavedRules {
  readonly path: string;
  /** Whether the unit looks at the file at all: AUTO of Debian's second file; not set where there is no such switch. */
  readonly auto?: boolean;
  /** The file's text; '' where there is no such file. */
  readonly text: string;
}

/**
 * Shell that prints what the unit restores: a line with the file's path and its switch, and the file. Of Debian's two files, the
 * second decides whether the first is looked at. It fails where what there is can't be read.
 * @param print how the file is printed; whole, unless told. Read with `parseSavedRules`.
 */
export function printSavedRules(print = (cat: Script): Script => cat): Script {
  return sh`
    if [ -e ${DEBIAN_SWITCH} ]; then
      [ -r ${DEBIAN_SWITCH} ] || exit
      file=${DEBIAN_FILE}
      auto=$(sed -n 's/^AUTO=["'\'']*\([a-z]*\).*/\1/p' ${DEBIAN_SWITCH} | tail -n 1)
    else
      file=${EL_FILE}
      auto=
    fi
    printf '%s %s\n' "$file" "$auto"
    [ -f "$file" ] || exit 0
    ${print(sh`cat "$file"`)}
  `;
}

/** Takes apart what `printSavedRules` prints; undefined for what is no such thing. */
export function parseSavedRules(printed: string): SavedRules | undefined {
  const [, path, auto = '', text = ''] = /^(\/\S*) ?(\S*)[^\n]*\n?([^]*)$/.exec(printed) ?? [];
  if (path === undefined) return undefined;
  return { path, ...(path === DEBIAN_FILE && { auto: auto === 'true' }), text };
}
