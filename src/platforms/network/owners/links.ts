import { inFront, lines, type Script, sh } from '../../../engine/model/shell/script.ts';
import { shellFunction } from '../../../engine/model/shell/shared-shell.ts';
import { newline } from '../../sections.ts';

/**
 * Shell with $lvslab_links, what `ip` says of all links of the host, a line each, and with two functions: `lvslab_next_link`
 * takes the first line off $lvslab_links_left and sets $lvslab_link to it and $lvslab_nic to the link's name, or fails where
 * none is left; `lvslab_link_of NIC` sets $lvslab_link to the line of this link, or to ''.
 */
export const links: Script = lines(
  newline,
  inFront('links', {
    kind: 'reading',
    wanted: new Set(),
    make: () => sh`lvslab_links=$(ip -o -d link show 2>/dev/null) || :`,
  }),
  shellFunction(
    'lvslab_links',
    sh`
      lvslab_next_link() {
        [ -n "$lvslab_links_left" ] || return 1
        lvslab_link=\${lvslab_links_left%%"$lvslab_newline"*}
        case $lvslab_links_left in
        *"$lvslab_newline"*) lvslab_links_left=\${lvslab_links_left#*"$lvslab_newline"} ;;
        *) lvslab_links_left= ;;
        esac
        lvslab_nic=\${lvslab_link#*: }
        lvslab_nic=\${lvslab_nic%%[:@]*}
      }
      lvslab_link_of() {
        lvslab_links_left=$lvslab_links
        while lvslab_next_link; do
          [ "$lvslab_nic" != "$1" ] || return 0
        done
        lvslab_link=
      }
    `,
  ),
);
