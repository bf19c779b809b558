import { lines, type Script, sh } from '../../engine/model/shell/script.ts';

/**
 * Shell that sets $url to each of these in turn, by $i, which counts from 1.
 * @param urls one at least.
 */
export function inTurn(urls: readonly string[]): Script {
  return lines(
    sh`case $(((i - 1) % ${urls.length})) in`,
    ...urls.map((url, place) => sh`${place}) url=${url} ;;`),
    sh`esac`,
  );
}
