import { type Observed, unknown, value } from '../../../engine/model/resource.ts';
import { inFront, type Script, sh } from '../../../engine/model/shell/script.ts';
import { askedUnit } from '../../many-units.ts';
import { filledLines, newline, parseSections, sayFunction, section } from '../../sections.ts';
import { type LinkKind } from '../boot/boot-view.ts';
import { linkKindOf, masterOf } from '../boot/link-kind.ts';
import { links } from './links.ts';

/** Who configures NICs on a Linux host. */
type NicManager = 'networkmanager' | 'networkd' | 'ifupdown' | 'initscripts';

/** One who says that a NIC is its own. */
export interface NicClaim {
  readonly manager: NicManager;
  /** netplan has written what it goes by. */
  readonly byNetplan: boolean;
  /** The file that it goes by; not set where that is not known. */
  readonly file?: string;
  /** What it says of itself, for people: 'NetworkManager: connected, profile 1111…'. */
  readonly evidence: string;
}

/** What was found out about a NIC. */
export interface NicOwner {
  /** None: nobody configures it. More than one: they fight about it. */
  readonly claims: readonly NicClaim[];
  /** Why those who are there leave it alone, for people. */
  readonly reasons: readonly string[];
  readonly link: LinkKind;
  /** The bridge or bond that it is a port of. */
  readonly master?: string;
}

/** What those who configure NICs say of all of them. */
const managers: Script = inFront('who configures NICs', {
  kind: 'reading',
  wanted: new Set(),
  make: () => sh`
    ${newline}
    ${askedUnit(NETWORKD)}
    ${askedUnit(IFUPDOWN)}
    lvslab_nm=''
    lvslab_networkd=''
    lvslab_ifstate=''
    lvslab_ifupdown=''
    lvslab_initscripts=''
    if command -v nmcli >/dev/null 2>&1 && [ "$(nmcli -t -f RUNNING general 2>/dev/null)" = running ]; then
      lvslab_nm=$(
        nmcli -t -f DEVICE,STATE device 2>/dev/null | sed 's/^/state /'
        ## Where characters are ASCII, it prints '?' for any other one in a path.
        LC_ALL=C.UTF-8 nmcli -t -f UUID,FILENAME connection show 2>/dev/null | sed 's/^/file /'
      )
      lvslab_nm=running$lvslab_newline$lvslab_nm
    fi
    lvslab_unit ${NETWORKD} 2>/dev/null || lvslab_unit=
    lvslab_property ActiveState
    case $lvslab_property in active | reloading | refreshing)
      lvslab_networkd=$(networkctl --no-pager --no-legend list 2>/dev/null | sed 's/^/list /')
      lvslab_networkd=running$lvslab_newline$lvslab_networkd
      ;;
    esac
    if [ -r /run/network/ifstate ]; then
      while read -r lvslab_line || [ -n "$lvslab_line" ]; do
        lvslab_ifstate=$lvslab_ifstate$lvslab_line$lvslab_newline
      done </run/network/ifstate
    fi
    if command -v ifup >/dev/null 2>&1 && command -v ifquery >/dev/null 2>&1; then
      lvslab_enabled ${IFUPDOWN}
      lvslab_ifupdown=installed$lvslab_newline$lvslab_enabled
      lvslab_at_boot=$lvslab_newline$(ifquery --list --allow auto 2>/dev/null)$lvslab_newline
      lvslab_at_boot=$lvslab_at_boot$(ifquery --list --allow hotplug 2>/dev/null)$lvslab_newline
      if [ -d /etc/NetworkManager ] && grep -Eqis '^[[:space:]]*managed[[:space:]]*=[[:space:]]*(true|yes|on|1)[[:space:]]*$' \
        /etc/NetworkManager/NetworkManager.conf /etc/NetworkManager/conf.d/*.conf; then
        lvslab_ifupdown=$lvslab_ifupdown\${lvslab_newline}beside-nm
      fi
    fi
    ${ifcfgFiles}
  `,
});

const NETWORKD = 'systemd-networkd.service';
const IFUPDOWN = 'networking.service';

/** A file is about a NIC by its DEVICE, or by its own name where it has none. */
const ifcfgFiles: Script = sh`
  if [ -x /etc/rc.d/init.d/network ]; then
    lvslab_initscripts=installed
    for lvslab_file in /etc/rc.d/rc[2345].d/S*network; do
      if [ -e "$lvslab_file" ]; then
        lvslab_initscripts=installed\${lvslab_newline}enabled
        break
      fi
    done
    lvslab_ifcfgs=$(
      for file in /etc/sysconfig/network-scripts/ifcfg-*; do
        [ -f "$file" ] || continue
        case $file in *~ | *.bak | *.old | *.orig | *.rpm*) continue ;; esac
        about=$(sed -n 's/^[[:space:]]*DEVICE=["'\'']\{0,1\}\([^"'\'' #]*\).*/\1/p' "$file" | tail -n 1)
        printf '%s%s\n' "\${about:-\${file##*/ifcfg-}}" "$file"
      done
    )
  fi
`;

/**
 * Shell that prints who has to do with a NIC. Read back with `parseOwner`.
 * @param device its name, or a shell word that is.
 */
export function observeOwner(device: string | Script): Script {
  return sh`
    ${managers}
    ${links}
    ${sayFunction}
    lvslab_link_of ${device}
    lvslab_say link "$lvslab_link"
    lvslab_said=$lvslab_nm
    [ -z "$lvslab_said" ] || lvslab_said=$lvslab_said$lvslab_newline$(
      nmcli -t -f GENERAL.STATE,GENERAL.REASON,GENERAL.CON-UUID device show ${device} 2>/dev/null
    ) || :
    lvslab_say nm "$lvslab_said"
    lvslab_said=$lvslab_networkd
    [ -z "$lvslab_said" ] || lvslab_said=$lvslab_said$lvslab_newline$(
      networkctl --no-pager status ${device} 2>/dev/null |
        sed -n 's/^ *\(Network File\): */file /p'
    ) || :
    lvslab_say networkd "$lvslab_said"
    lvslab_say ifstate "$lvslab_ifstate"
    lvslab_said=$lvslab_ifupdown
    if [ -n "$lvslab_said" ]; then
      if ifquery ${device} >/dev/null 2>&1; then lvslab_said=$lvslab_said\${lvslab_newline}named; fi
      case $lvslab_at_boot in *"$lvslab_newline"${device}"$lvslab_newline"*)
        lvslab_said=$lvslab_said\${lvslab_newline}at-boot
        ;;
      esac
    fi
    lvslab_say ifupdown "$lvslab_said"
    if [ -z "$lvslab_initscripts" ]; then
      lvslab_say initscripts ''
    else
      ${section('initscripts', initscriptsOf(device))}
    fi
  `;
}

function initscriptsOf(device: string | Script): Script {
  return sh`
    printf '%s\n' "$lvslab_initscripts"
    printf '%s\n' "$lvslab_ifcfgs" | while IFS= read -r file; do
      if [ "\${file%%/*}" = ${device} ]; then
        file=/\${file#*/}
        printf 'file %s\n' "$file"
        if grep -Eqis '^[[:space:]]*NM_CONTROLLED=["'\'']?(no|false|0)' "$file"; then echo not-nm; fi
      fi
    done
  `;
}

/** Of a host with many NICs, like one of containers, that many are asked about. */
const MOST_NICS = 24;

/** Shell that prints who has to do with each NIC of the host. Read back with `parseOwners`. */
export const observeOwners = sh`
  ${links}
  lvslab_links_left=$lvslab_links lvslab_count=0
  while [ "$lvslab_count" -lt ${MOST_NICS} ] && lvslab_next_link; do
    [ "$lvslab_nic" != lo ] || continue
    lvslab_count=$((lvslab_count + 1))
    printf 'nic %s\n' "$lvslab_nic"
    (
    ${observeOwner(sh`"$lvslab_nic"`)}
    ) </dev/null 2>/dev/null || :
  done
`;

/** Reads what `observeOwners` printed: the NICs of which it can be told. */
export function parseOwners(output: string): ReadonlyMap<string, NicOwner> {
  return new Map(
    output
      .split(/^nic /m)
      .slice(1, MOST_NICS + 1)
      .flatMap((part) => {
        const cut = part.indexOf('\n');
        const device = part.slice(0, cut).trim();
        const owner = parseOwner(part.slice(cut + 1), device);
        return owner.kind === 'value' ? [[device, owner.value] as const] : [];
      }),
  );
}

/** Reads what `observeOwner` printed for this device. */
export function parseOwner(output: string, device: string): Observed<NicOwner> {
  const sections = parseSections(output);
  const [link = ''] = filledLines(sections.get('link'));
  if (/^\d+: ([^:@\s]+)[:@]/.exec(link)?.[1] !== device) {
    return unknown(`ip says nothing of ${device}`);
  }
  for (const name of ['nm', 'networkd', 'ifstate', 'ifupdown', 'initscripts']) {
    if (!sections.has(name)) return unknown(`the host told no '${name}'`);
  }
  const master = masterOf(link);
  const nm = nmOf(sections, device);
  const nmHas = nm.claim !== undefined;
  const found = [
    nm,
    networkdOf(sections, device),
    ifupdownOf(sections, device, nmHas),
    serviceOf(sections, nmHas),
  ];
  return value({
    claims: found.flatMap(({ claim }) => claim ?? []),
    reasons: found.flatMap(({ reason }) => reason ?? []),
    link: linkKindOf(link),
    ...(master !== undefined && { master }),
  });
}

/** What one manager has to do with the NIC. */
interface Verdict {
  readonly claim?: NicClaim;
  readonly reason?: string;
}

type Sections = ReadonlyMap<string, string>;

/** 'connected (externally)' means that it only looks on. */
function nmOf(sections: Sections, device: string): Verdict {
  const [running, ...told] = filledLines(sections.get('nm'));
  if (running !== 'running') return {};
  const field = (name: string): string =>
    told
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() ?? '';
  const escaped = device.replaceAll(/[\\:]/g, '\\$&');
  const state =
    told.find((line) => line.startsWith(`state ${escaped}:`))?.slice(`state ${escaped}:`.length) ??
    field('GENERAL.STATE').replace(/^\d+ \((.*)\)$/, '$1');
  const why = field('GENERAL.REASON').replace(/^\d+ \((.*)\)$/, '$1');
  if (state === '') return { reason: 'NetworkManager does not know it' };
  if (state.startsWith('unmanaged') || state.includes('externally')) {
    return { reason: `NetworkManager: ${state}${why === '' ? '' : ` (${why})`}` };
  }
  return { claim: nmClaim(told, state, field('GENERAL.CON-UUID')) };
}

/** @param uuid of the active profile; '' where there is none. */
function nmClaim(told: readonly string[], state: string, uuid: string): NicClaim {
  const file = told.find((line) => uuid !== '' && line.startsWith(`file ${uuid}:`)) ?? '';
  return {
    manager: 'networkmanager',
    byNetplan: file.includes('/run/NetworkManager/system-connections/netplan-'),
    ...(file !== '' && {
      file: file.slice(file.indexOf(':') + 1).replaceAll(/\\([:\\])/g, '$1'),
    }),
    evidence: `NetworkManager: ${state}${uuid === '' ? '' : `, profile ${uuid}`}`,
  };
}

function networkdOf(sections: Sections, device: string): Verdict {
  const [running, ...told] = filledLines(sections.get('networkd'));
  if (running !== 'running') return {};
  const after = (word: string): readonly string[] =>
    told.flatMap((line) =>
      line.startsWith(`${word} `) ? [line.slice(word.length + 1).trim()] : [],
    );
  const rows = after('list').map((row) => row.split(/\s+/));
  const setup = rows
    .find(([, name]) => name === device)
    ?.at(-1)
    ?.toLowerCase();
  const [file = 'n/a'] = after('file');
  if (setup === undefined) return { reason: 'networkd does not know it' };
  if (setup === 'unmanaged') return { reason: 'networkd: unmanaged, no .network file is for it' };
  return {
    claim: {
      manager: 'networkd',
      byNetplan: file.includes('/10-netplan-'),
      ...(file !== 'n/a' && { file }),
      evidence: `systemd-networkd: ${setup}${file === 'n/a' ? '' : `, by ${file}`}`,
    },
  };
}

/** Its state has a line 'ens33=ens33' for each NIC that it has brought up. */
function ifupdownOf(sections: Sections, device: string, nmHas: boolean): Verdict {
  const told = filledLines(sections.get('ifupdown'));
  if (told[0] !== 'installed') return {};
  const isUp = filledLines(sections.get('ifstate')).some((line) => line.split('=')[0] === device);
  const claim = { manager: 'ifupdown', byNetplan: false, file: '/etc/network/interfaces' } as const;
  if (isUp)
    return { claim: { ...claim, evidence: 'ifupdown: brought up, by /run/network/ifstate' } };
  // NetworkManager leaves alone what these files name, from its next start on, unless it was told otherwise.
  const isNext =
    told.includes('named') && (told.includes('at-boot') || !told.includes('beside-nm'));
  if (!nmHas || !isNext) return { reason: 'ifupdown has not brought it up' };
  const evidence = 'ifupdown: its files name the NIC, so from the next boot on it is its own';
  return { claim: { ...claim, evidence } };
}

/** Where NetworkManager has the NIC, the service leaves it to NetworkManager. */
function serviceOf(sections: Sections, nmHas: boolean): Verdict {
  const told = filledLines(sections.get('initscripts'));
  const file = told.find((line) => line.startsWith('file '))?.slice(5);
  if (told[0] !== 'installed' || file === undefined) return {};
  if (nmHas && !told.includes('not-nm')) return {};
  if (!told.includes('enabled')) return { reason: 'the network service is not enabled' };
  return {
    claim: { manager: 'initscripts', byNetplan: false, file, evidence: `network service: ${file}` },
  };
}
