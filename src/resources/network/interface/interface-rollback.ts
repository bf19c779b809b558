import { type RollbackPlan } from '../../../engine/model/rollback-plan.ts';
import { lines, type Script, sh } from '../../../engine/model/shell/script.ts';
import {
  type NetworkBackend,
  type WrittenFiles,
} from '../../../platforms/network/network-backend.ts';
import { whoHas } from '../arp-probe.ts';

/** What a change to a NIC has to be careful about. */
export interface RiskyChange {
  readonly device: string;
  /** The files that it writes, whether they are there or not. */
  readonly paths: readonly string[];
  /** Addresses that the NIC is going to get, IPv4 dotted. */
  readonly gained: readonly string[];
  /** The default gateway that it is going to have, IPv4 dotted; not set, the default route is not looked at. */
  readonly gateway: string | undefined;
  readonly backend: Pick<NetworkBackend, 'reload' | 'activate' | 'restoreAtBoot'>;
}

/** How a change to a NIC is made commit-confirmed, and rolled back: its files, its link, its addresses and routes, and the default routes. */
export function interfaceRollback({
  device,
  paths,
  gained,
  gateway,
  backend,
}: RiskyChange): RollbackPlan {
  const change = { device, paths };
  return {
    save: sh`
      ${lines(...paths.map(saveFile))}
      ip -o link show dev ${device} >link
      ${readers(device)}
      lvslab_addresses >addresses
      lvslab_routes >routes
    `,
    before: lines(
      gained.length === 0 ? undefined : whoHas,
      gained.length === 0 ? undefined : waitForCarrier(device),
      ...gained.map((address) => refuseTaken(device, address)),
    ),
    after: gateway === undefined ? lines() : lines(whoHas, refuseSilent(device, gateway)),
    restorePersistent: lines(
      ...paths.map((_path, number) => restoreFile(number)),
      backend.restoreAtBoot?.(change),
    ),
    restoreRunning: sh`
      ${readers(device)}
      ${takenBack(backend, change)}
      case $(cat link) in
        *[\<,]UP[,\>]*) ip link set dev ${device} up ;;
        *) ip link set dev ${device} down ;;
      esac
      ${restoreAddresses(device)}
      ${restoreRoutes}
    `,
  };
}

const nothing = lines();

/** Whoever configures the NIC gets the former files; where that fails, what follows makes do with `ip`. */
function takenBack(backend: RiskyChange['backend'], change: WrittenFiles): Script {
  const verbs = lines(
    change.paths.length === 0 ? undefined : backend.reload?.(change),
    backend.activate?.(change),
  );
  if (verbs.text === '') return nothing;
  return sh`
    (
    ${verbs}
    ) || :
  `;
}

function saveFile(path: string, number: number): Script {
  return sh`
    ## A file whose folder is missing can't have been there, and a symlink is followed.
    target=$(readlink -f -- ${path}) || target=${path}
    printf '%s' "$target" >target.${number}
    if [ -e "$target" ]; then cp -a -- "$target" file.${number}; fi
  `;
}

/**
 * Shell functions that print the NIC's addresses, and its routes and the default routes, in words that `ip` takes again.
 * How long an address is still valid is left out: it would be another text every second.
 */
function readers(device: string): Script {
  const ofDevice = ` dev ${device.replaceAll('.', '[.]')}\\( \\|$\\)`;
  return sh`
    lvslab_addresses() {
      ip -o -4 addr show dev ${device} scope global | sed '
        s/^[0-9]*: *[^ ]* *inet //
        s/ *\\.*//
        s/ \(secondary\|dynamic\|tentative\|deprecated\)//g
        s/ \([^ ]*\)$/ label \1/
      '
    }
    lvslab_routes() {
      ip -o -4 route show | sed '
        s/\\/ /g
        s/[[:space:]][[:space:]]*/ /g
        s/ \(linkdown\|dead\|offload\|trap\)//g
        s/ $//
      ' | grep -e '^default' -e ${ofDevice} || :
    }
  `;
}

function waitForCarrier(device: string): Script {
  return sh`
    if lvslab_has_segment ${device}; then
      ip link set dev ${device} up
      waited=0
      until ip -o link show dev ${device} | grep -q LOWER_UP || [ "$waited" -ge 25 ]; do
        waited=$((waited + 1))
        sleep 0.2
      done
    fi
  `;
}

function refuseTaken(device: string, address: string): Script {
  const refusal = `another machine on the segment of ${device} has ${address}:`;
  return sh`
    if lvslab_has_segment ${device}; then
      owner=$(lvslab_who_has ${device} ${address})
      [ -z "$owner" ] || { echo ${refusal} "$owner" >&2; exit 1; }
    fi
  `;
}

function refuseSilent(device: string, gateway: string): Script {
  const refusal = `no machine on the segment of ${device} answers for the gateway ${gateway}`;
  return sh`
    if lvslab_has_segment ${device}; then
      owner=$(lvslab_who_has ${device} ${gateway})
      [ -n "$owner" ] || { echo ${refusal} >&2; exit 1; }
    fi
  `;
}

/** All of the file or nothing, with owner, mode and extended attributes; gone where there was none. */
function restoreFile(number: number): Script {
  return sh`
    target=$(cat target.${number})
    if [ -e file.${number} ]; then
      temp=\${target%/*}/.\${target##*/}.lvslab
      rm -f -- "$temp"
      cp -a -- file.${number} "$temp"
      sync "$temp"
      mv -f -- "$temp" "$target"
      sync "\${target%/*}"
    else
      rm -f -- "$target"
    fi
  `;
}

/** From the first address on that is not the one of before, all go and come again: their order tells which is used. */
function restoreAddresses(device: string): Script {
  return sh`
    lvslab_addresses >now
    same=0
    while read -r was <&3 && read -r is <&4 && [ "$was" = "$is" ]; do
      same=$((same + 1))
    done 3<addresses 4<now
    tail -n "+$((same + 1))" now | while read -r address; do
      # Those that hung on one that has just gone may have gone with it.
      ip addr del $address dev ${device} 2>/dev/null || :
    done
    tail -n "+$((same + 1))" addresses | while read -r address; do
      ip addr add $address dev ${device}
    done
    lvslab_addresses | cmp -s - addresses || { echo 'the addresses are not as before' >&2; exit 1; }
  `;
}

/** Those that are there by an address come first: gateways are reached through them. */
const restoreRoutes = sh`
  lvslab_routes >now
  grep -vxFf routes now | while read -r route; do ip route del $route; done
  lvslab_routes >now
  grep -vxFf now routes >missing || :
  grep -v ' via ' missing | while read -r route; do ip route append $route; done
  grep ' via ' missing | while read -r route; do ip route append $route; done
  lvslab_routes | sort >now
  sort routes | cmp -s - now || { echo 'the routes are not as before' >&2; exit 1; }
`;
