import { SEARCH_PATH } from '../../engine/host/observe.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { type CaptureOrder } from './capture.ts';

/** Where packets are captured: on the host's own NICs, or at the ends of cables in a network namespace of this machine. */
export type CapturePlaces =
  | { readonly kind: 'own-nics' }
  | { readonly kind: 'cables'; readonly namespace: string; readonly devices: readonly string[] };

/** What the capture script exits with where there is no tcpdump. */
export const NO_TCPDUMP = 127;
/** Of more NICs than that, a lab uses a few; the others are somebody else's. */
const MOST_NICS = 8;
/** The headers, and the beginning of a request. */
const BYTES_OF_FRAME = 256;
const MOST_FRAMES = 2000;
/** The script ends by itself should the controller vanish. */
export const CAPTURE_SECONDS = 60;

/** What a capture may send back at most: each frame in base64, with what tcpdump writes before it. */
export const MOST_OUTPUT_BYTES = Math.ceil(MOST_NICS * MOST_FRAMES * (BYTES_OF_FRAME + 16) * 1.4);

/** The word that the capture script prints, alone on a line, once all NICs are listened to. */
export function readyMark(nonce: string): string {
  return `ready ${nonce}`;
}

/** Shell that captures until it is told to stop, then prints what each NIC has seen; nothing of it stays on the host. */
export function captureScript(
  places: CapturePlaces,
  { ports: { first, last }, nonce }: Pick<CaptureOrder, 'ports' | 'nonce'>,
): Script {
  const filter = `(tcp and portrange ${first}-${last}) or (ip proto 4) or icmp`;
  return sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    command -v tcpdump >/dev/null || exit ${NO_TCPDUMP}
    umask 077
    dir=${folderOf(nonce)}
    mkdir "$dir" || exit 1
    pids='' count=0
    finish() {
      for pid in $pids; do kill "$pid" 2>/dev/null || :; done
      wait
      rm -rf "$dir"
    }
    trap finish EXIT
    trap 'exit 1' HUP INT PIPE TERM
    ## Written through standard output: some tcpdumps give up root before they open a file.
    capture() {
      count=$((count + 1))
      printf '%s %s\n' "$1" "$2" >"$dir/$count.nic"
      device=$1
      shift 2
      "$@" -i "$device" -n -p -s ${BYTES_OF_FRAME} -c ${MOST_FRAMES} -U --immediate-mode -w - ${filter} \
        >"$dir/$count.pcap" 2>"$dir/$count.said" &
      pids="$pids $!"
    }
    ${startCaptures(places)}
    seen=0
    for pid in $pids; do
      seen=$((seen + 1))
      until grep -q 'listening on' "$dir/$seen.said"; do
        kill -0 "$pid" 2>/dev/null || { cat "$dir/$seen.said" >&2; exit 1; }
        sleep 0.1
      done
    done
    printf '%s\n' ${readyMark(nonce)}
    waited=0
    while [ ! -e "$dir/stop" ] && [ "$waited" -lt ${CAPTURE_SECONDS * 5} ]; do
      waited=$((waited + 1))
      sleep 0.2
    done
    ## What has passed last may still be on its way into the files.
    size=''
    until [ "$(cat "$dir"/*.pcap | wc -c)" = "$size" ]; do
      size=$(cat "$dir"/*.pcap | wc -c)
      sleep 0.3
    done
    for pid in $pids; do kill "$pid" 2>/dev/null || :; done
    wait
    seen=0
    for pid in $pids; do
      seen=$((seen + 1))
      cat "$dir/$seen.nic"
      base64 "$dir/$seen.pcap"
      printf '%s\n' ${nonce}
    done
  `;
}

/** Shell that tells a capture that it is enough. */
export function stopScript(nonce: string): Script {
  return sh`: >${`${folderOf(nonce)}/stop`}`;
}

/**
 * Every Ethernet NIC that is up. What is a part of a bridge or a bond shows the same frames as that does, and is left out.
 */
function startCaptures(places: CapturePlaces): Script {
  if (places.kind === 'cables') {
    const { namespace, devices } = places;
    return lines(
      ...devices.map((device) => sh`capture ${device} - ip netns exec ${namespace} tcpdump`),
    );
  }
  return sh`
    for nic in /sys/class/net/*; do
      [ "$count" -lt ${MOST_NICS} ] || break
      [ "$(cat "$nic/type")" = 1 ] || continue
      [ ! -e "$nic/master" ] || continue
      [ "$(cat "$nic/operstate")" != down ] || continue
      capture "\${nic##*/}" "$(cat "$nic/address")" tcpdump
    done
    [ "$count" -gt 0 ] || { echo 'there is no Ethernet NIC that is up' >&2; exit 1; }
  `;
}

function folderOf(nonce: string): string {
  return `/run/lvslab-trace-${nonce}`;
}
