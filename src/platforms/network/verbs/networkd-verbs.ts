import { type Script, sh } from '../../../engine/model/shell/script.ts';
import { type WrittenFiles } from '../network-backend.ts';
import { keepingRoutes } from './foreign-routes.ts';

/** Seconds that networkd gets for a NIC. */
const LONGEST = 30;

/**
 * Shell that has networkd configure the NIC by its files. It reads them again, and touches the links whose files are new; where
 * none is, it does this NIC once more.
 */
export function reconfigure({ device, paths }: WrittenFiles): Script {
  const verb = paths.length === 0 ? sh`networkctl reconfigure ${device}` : sh`networkctl reload`;
  return sh`
    if systemctl is-active -q systemd-networkd.service; then
    ${keepingRoutes(
      device,
      sh`
      ${verb}
      ## It begins a moment later.
      sleep 0.5
      ${waitUntilConfigured(device)}
    `,
    )}
    fi
  `;
}

/** A link that it leaves alone stays as it is. */
function waitUntilConfigured(device: string): Script {
  return sh`
    tries=0
    while [ "$tries" -lt ${LONGEST * 5} ]; do
      case $(networkctl --no-pager --no-legend list ${device} 2>/dev/null) in
      *configured* | *unmanaged* | '') break ;;
      *failed*)
        networkctl --no-pager status ${device} >&2 || :
        exit 1
        ;;
      esac
      tries=$((tries + 1))
      sleep 0.2
    done
  `;
}
