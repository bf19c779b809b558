import { type Script, sh } from '../../engine/model/shell/script.ts';
import { beginningOf } from './beginning-of.ts';

const readNft = sh`nft list ruleset`;
const readIptables = sh`iptables-save -c`;

/**
 * The rules of a host's packet filter. Those that nft knows are all that there are where it knows any; iptables-save knows only
 * its own. Where the kernel has no such filter, there is no rule; whatever else goes wrong is no answer.
 */
export const readFilters: Script = sh`
  unless_none() {
    case $1 in
      *'not supported'* | *'No such file or directory'*) ;;
      *) printf '%s\n' "\${1:-the rules could not be listed}" >&2; exit 1 ;;
    esac
  }
  if command -v nft >/dev/null; then
    rules=$({
    ${beginningOf(readNft)}
    } 2>/dev/null) || unless_none "$(${readNft} 2>&1 >/dev/null)"
    if [ -n "$rules" ]; then
      printf 'nft\n%s\n' "$rules"
      exit 0
    fi
  fi
  if command -v iptables-save >/dev/null; then
    rules=$({
    ${beginningOf(readIptables)}
    } 2>/dev/null) || unless_none "$(${readIptables} 2>&1 >/dev/null)"
    printf 'iptables\n%s\n' "$rules"
  else
    echo none
  fi
`;
