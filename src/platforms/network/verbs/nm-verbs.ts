import { lines, type Script, sh } from '../../../engine/model/shell/script.ts';
import { keepingRoutes } from './foreign-routes.ts';

/** Seconds that NetworkManager gets for what it does. */
const LONGEST = 30;

/** A file by its path, or shell for one word that is. */
type FileWord = string | Script;

/**
 * Shell that has NetworkManager read profiles again that were written; nothing that is active changes. Where it does not
 * run, nothing is to be told. Fails where it does not have a file's addresses afterwards: its exit status says nothing.
 */
export function loadProfiles(files: readonly FileWord[]): Script {
  return files.length === 0 ? lines() : whileRunning(lines(...files.map(loadProfile)));
}

/**
 * Shell that makes the profile active that the last of these files holds, without a gap where it is active already; a
 * profile whose file is gone is given up.
 * @param gone the uuids of profiles whose files may be gone, by their paths.
 */
export function activateProfile(
  device: string,
  files: readonly FileWord[],
  gone: ReadonlyMap<string, string> = new Map(),
): Script {
  const choose = files.map((file) => sh`if [ -e ${file} ]; then wanted=$(lvslab_uuid ${file}); fi`);
  const giveUp = [...gone].map(
    ([path, uuid]) => sh`
      if [ ! -e ${path} ] && nmcli -g connection.uuid connection show uuid ${uuid} >/dev/null 2>&1; then
        nmcli -w ${LONGEST} connection delete uuid ${uuid} >/dev/null
        given_up=yes
      fi
    `,
  );
  return whileRunning(sh`
    lvslab_active() { nmcli -g GENERAL.CON-UUID device show ${device} 2>/dev/null || :; }
    wanted='' given_up=''
    ${lines(...choose)}
    ${lines(...giveUp)}
    ${keepingRoutes(device, applyOrUp(device))}
    ${waitUntilSettled(device)}
  `);
}

/** In terse output a colon in a value has a backslash before it; where characters are ASCII, any other one is a '?'. */
function whileRunning(body: Script): Script {
  return sh`
    lvslab_uuid() {
      told=$(printf %s "$1" | sed 's/[\\:]/\\&/g')
      LC_ALL=C.UTF-8 nmcli -t -f UUID,FILENAME connection show | while IFS= read -r line; do
        if [ "\${line#*:}" = "$told" ]; then printf '%s\n' "\${line%%:*}"; fi
      done
    }
    if [ "$(nmcli -t -f RUNNING general 2>/dev/null)" = running ]; then
    ${body}
    fi
  `;
}

function loadProfile(file: FileWord): Script {
  return sh`
    if [ -e ${file} ]; then
      said=$(nmcli connection load ${file} 2>&1) || :
      uuid=$(lvslab_uuid ${file})
      has=$(nmcli -g ipv4.addresses connection show uuid "$uuid" 2>/dev/null | tr -s ',| ' '\n') || has=''
      lacks=$(sed -n '/^\[ipv4\]/,/^\[[^i]/s/^address[0-9]*=\([0-9.]*\/[0-9]*\).*/\1/p' ${file} |
        while read -r address; do
          printf '%s\n' "$has" | grep -Fqx -- "$address" || printf ' %s' "$address"
        done)
      if [ -z "$uuid" ] || [ -n "$lacks" ]; then
        printf 'NetworkManager does not take %s%s: %s\n' ${file} "\${lacks:+ (it lacks$lacks)}" "$said" >&2
        exit 1
      fi
    fi
  `;
}

/** Of a profile that is active, only what differs is changed. */
function applyOrUp(device: string): Script {
  return sh`
    if [ -n "$given_up" ]; then
      ## What it does with the NIC now is its own matter.
      :
    elif [ -z "$wanted" ] || [ "$wanted" = "$(lvslab_active)" ]; then
      if [ -n "$(lvslab_active)" ]; then nmcli -w ${LONGEST} device reapply ${device} >/dev/null; fi
    else
      nmcli -w ${LONGEST} connection up uuid "$wanted" ifname ${device} >/dev/null
    fi
  `;
}

/** What it says may lag behind what it does. */
function waitUntilSettled(device: string): Script {
  return sh`
    tries=0
    while [ "$tries" -lt ${LONGEST} ]; do
      case $(nmcli -g GENERAL.STATE device show ${device} 2>/dev/null) in
      100* | 30* | 20* | 10* | '') break ;;
      esac
      tries=$((tries + 1))
      sleep 1
    done
  `;
}
