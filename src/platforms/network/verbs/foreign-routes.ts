import { type Script, sh } from '../../../engine/model/shell/script.ts';

/**
 * Shell that does `verb` and puts back what it takes away of the routes that others have added to the NIC by hand: whoever
 * configures a NIC takes away all that its profile doesn't hold. Theirs are those that name no protocol.
 */
export function keepingRoutes(device: string, verb: Script): Script {
  return sh`
    lvslab_by_hand() {
      ip -4 -o route show dev ${device} | sed -n '/ proto /d; /^default/d; s/ linkdown//; s/ *$//; /./p'
    }
    lvslab_kept=$(lvslab_by_hand)
    ${verb}
    printf '%s\n' "$lvslab_kept" | while read -r route; do
      if [ -n "$route" ] && ! lvslab_by_hand | grep -Fqx -- "$route"; then
        ip route replace $route dev ${device} || :
      fi
    done
  `;
}
