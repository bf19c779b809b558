import { lines, type Script, sh, trusted } from '../../engine/model/shell/script.ts';

/**
 * Shell that sets a variable to each of these values in turn, by $i, which counts from 1.
 * @param name of the variable; lvslab's own.
 * @param values one at least.
 */
export function inTurn(name: 'url' | 'port', values: readonly (string | number)[]): Script {
  return lines(
    sh`case $(((i - 1) % ${values.length})) in`,
    ...values.map((one, place) => sh`${place}) ${trusted(name)}=${one} ;;`),
    sh`esac`,
  );
}
