import { type Observed, unknown, value } from '../../../engine/model/resource.ts';
import { lines, type Script, sh } from '../../../engine/model/script.ts';
import { filledLines, parseSections, section } from '../../sections.ts';
import { type LinkKind } from '../boot/boot-view.ts';
import { linkKindOf, masterOf } from '../boot/link-kind.ts';

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

/**
 * Shell that prints who has to do with a NIC. Read back with `parseOwner`.
 * @param device its name, or a shell word that is.
 */
export function observeOwner(device: string | Script): Script {
  return lines(
    section('link', sh`ip -o -d link show dev ${device}`),
    section(
      'nm',
      sh`
        if [ "$(nmcli -t -f RUNNING general 2>/dev/null)" = running ]; then
          echo running
          nmcli -t -f GENERAL.STATE,GENERAL.REASON,GENERAL.CON-UUID device show ${device} 2>/dev/null || :
          nmcli -t -f DEVICE,STATE device 2>/dev/null | sed 's/^/state /' || :
          ## Where characters are ASCII, it prints '?' for any other one in a path.
          LC_ALL=C.UTF-8 nmcli -t -f UUID,FILENAME connection show 2>/dev/null |
            sed 's/^/file /' || :
        fi
      `,
    ),
    section(
      'networkd',
      sh`
        if systemctl is-active -q systemd-networkd 2>/dev/null; then
          echo running
          networkctl --no-pager --no-legend list ${device} 2>/dev/null | sed 's/^/list /' || :
          networkctl --no-pager status ${device} 2>/dev/null |
            sed -n 's/^ *\(Network File\): */file /p' || :
        fi
      `,
    ),
    section('ifstate', sh`cat /run/network/ifstate 2>/dev/null || :`),
    section(
      'ifupdown',
      sh`
        if command -v ifup >/dev/null 2>&1 && command -v ifquery >/dev/null 2>&1; then
          echo installed
          systemctl is-enabled networking 2>/dev/null || :
          if ifquery ${device} >/dev/null 2>&1; then echo named; fi
          for class in auto hotplug; do
            if ifquery --list --allow "$class" 2>/dev/null | grep -Fqx -- ${device}; then echo at-boot; fi
          done
          if grep -Eqis '^[[:space:]]*managed[[:space:]]*=[[:space:]]*(true|yes|on|1)[[:space:]]*$' \
            /etc/NetworkManager/NetworkManager.conf /etc/NetworkManager/conf.d/*.conf; then
            echo beside-nm
          fi
        fi
      `,
    ),
    section('initscripts', initscriptsOf(device)),
  );
}

/** A file is about a NIC by its DEVICE, or by its own name where it has none. */
function initscriptsOf(device: string | Script): Script {
  return sh`
    if [ -x /etc/rc.d/init.d/network ]; then
      echo installed
      for link in /etc/rc.d/rc[2345].d/S*network; do
        if [ -e "$link" ]; then echo enabled; break; fi
      done
      for file in /etc/sysconfig/network-scripts/ifcfg-*; do
        [ -f "$file" ] || continue
        case $file in *~ | *.bak | *.old | *.orig | *.rpm*) continue ;; esac
        about=$(sed -n 's/^[[:space:]]*DEVICE=["'\'']\{0,1\}\([^"'\'' #]*\).*/\1/p' "$file" | tail -n 1)
        if [ "\${about:-\${file##*/ifcfg-}}" = ${device} ]; then
          printf 'file %s\n' "$file"
          if grep -Eqis '^[[:space:]]*NM_CONTROLLED=["'\'']?(no|false|0)' "$file"; then echo not-nm; fi
        fi
      done
    fi
  `;
}

/** Of a host with many NICs, like one of containers, that many are asked about. */
const MOST_NICS = 24;

/** Shell that prints who has to do with each NIC of the host. Read back with `parseOwners`. */
export const observeOwners = sh`
  ip -o link show 2>/dev/null | sed -n 's/^[0-9]*: *\([^:@ ]*\).*/\1/p' | grep -vx lo | head -n ${MOST_NICS} |
    while read -r lvslab_nic; do
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
