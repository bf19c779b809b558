import { type Script, sh } from '../../../engine/model/shell/script.ts';
import { type WrittenFiles } from '../network-backend.ts';
import { reconfigure } from './networkd-verbs.ts';
import { activateProfile, loadProfiles } from './nm-verbs.ts';

/**
 * Shell that renders netplan's files beside, takes over what is rendered for this NIC alone, and has the one for whom that
 * is make it active: whatever else lies in netplan's files unused stays unused.
 */
export function renderAndApply(change: WrittenFiles): Script {
  const { device } = change;
  const profile = sh`"$lvslab_profile"`;
  return sh`
    lvslab_root=$(mktemp -d)
    for folder in lib etc run; do
      if [ -d "/$folder/netplan" ]; then
        mkdir -p "$lvslab_root/$folder"
        cp -a "/$folder/netplan" "$lvslab_root/$folder/"
      fi
    done
    if ! netplan generate --root-dir "$lvslab_root" >"$lvslab_root/told" 2>&1; then
      cat "$lvslab_root/told" >&2
      rm -rf -- "$lvslab_root"
      exit 1
    fi
    lvslab_nic=${device}
    lvslab_mac=$(cat ${`/sys/class/net/${device}/address`} 2>/dev/null || echo none)
    ## Whether a rendered file is for this NIC, by a pattern of its name or by its hardware address.
    lvslab_is_for() (
      set -f
      if grep -Eqix -e "(Permanent)?MACAddress=$lvslab_mac|mac-address=$lvslab_mac" "$1"; then exit 0; fi
      sed -n 's/^Name=//p; s/^interface-name=//p' "$1" | tr ' ;' '[\n*]' | while IFS= read -r pattern; do
        case $lvslab_nic in
          $pattern) echo "$pattern" ;;
        esac
      done | grep -q .
    )
    ## Takes over the files of a folder that are for it, and prints the last one's path; what is not rendered any more goes.
    lvslab_take() {
      for file in "$lvslab_root$1"/*netplan-* "$1"/*netplan-*; do
        if [ ! -e "$file" ] || ! lvslab_is_for "$file"; then continue; fi
        taken=$1/\${file##*/}
        if [ ! -e "$lvslab_root$taken" ]; then
          rm -f -- "$taken"
        elif ! cmp -s "$lvslab_root$taken" "$taken"; then
          mkdir -p -- "$1"
          cp -p -- "$lvslab_root$taken" "$taken"
        fi
        printf '%s\n' "$taken"
      done | tail -n 1
    }
    lvslab_network=$(lvslab_take /run/systemd/network)
    lvslab_profile=$(lvslab_take /run/NetworkManager/system-connections)
    rm -rf -- "$lvslab_root"
    if [ -n "$lvslab_network" ]; then
    ${reconfigure(change)}
    fi
    if [ -n "$lvslab_profile" ]; then
    ${forgetGone}
    ${loadProfiles([profile])}
    ${activateProfile(device, [profile])}
    fi
  `;
}

/** A profile that netplan does not render any more. */
const forgetGone = sh`
  if [ ! -e "$lvslab_profile" ]; then
    LC_ALL=C.UTF-8 nmcli -t -f UUID,FILENAME connection show 2>/dev/null | while IFS= read -r line; do
      if [ "\${line#*:}" = "$lvslab_profile" ]; then nmcli -w 30 connection delete uuid "\${line%%:*}" >/dev/null; fi
    done
  fi
`;
