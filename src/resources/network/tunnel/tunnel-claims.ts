import { type Conflict } from '../../../engine/model/conflict.ts';
import { lines, type Script, sh } from '../../../engine/model/shell/script.ts';
import { matchesGlob } from '../../../platforms/network/formats/netplan/netplan-files.ts';
import { TUNNEL_DEVICE, tunnelEvidence } from '../../../platforms/network/tunnel-unit.ts';
import { filledLines, parseSections, section } from '../../../platforms/sections.ts';

const MOST_BYTES = 100_000;

/** What a kernel that is told so does not make: the devices that come with a tunnel's module. */
const FALLBACK = '/proc/sys/net/core/fb_tunnels_only_for_init_net';

/** A file for every device there is, too, has networkd take away the addresses that it does not know of. */
const NETWORKD = ['/etc/systemd/network', '/run/systemd/network', '/usr/lib/systemd/network'];

/** Shell that prints what of others is against the tunnel's device. Read back with `parseTunnelClaims`. */
export const observeTunnelClaims: Script = lines(
  section(
    'fallback',
    sh`if [ ! -e ${tunnelEvidence} ] && [ -r ${FALLBACK} ]; then cat ${FALLBACK}; fi`,
  ),
  section(
    'claims',
    sh`
      {
        grep -nHEs '^[[:space:]]*iface[[:space:]]+tunl0(:[^[:space:]]*)?[[:space:]]' \
          /etc/network/interfaces /etc/network/interfaces.d/* || :
        grep -nHEs '^[[:space:]]*DEVICE=["'\'']?tunl0' /etc/sysconfig/network-scripts/ifcfg-* || :
        grep -nHEs '^[[:space:]]*interface-name[[:space:]]*=[[:space:]]*tunl0[[:space:]]*$' \
          /etc/NetworkManager/system-connections/* || :
        grep -nHEs '^[[:space:]]+["'\'']?tunl0["'\'']?[[:space:]]*:' /etc/netplan/*.yaml || :
      } </dev/null | head -c ${MOST_BYTES}
    `,
  ),
  section(
    'matches',
    sh`
      for folder in ${NETWORKD}; do
        systemctl -q is-active systemd-networkd 2>/dev/null ||
          systemctl -q is-enabled systemd-networkd 2>/dev/null || break
        for file in "$folder"/*.network; do
          [ -f "$file" ] || continue
          ## What tells a device by something else as well is not for a tunnel.
          grep -qEs '^[[:space:]]*(Type|Kind|Driver|Path|(Permanent)?MACAddress)[[:space:]]*=' "$file" ||
            grep -nHEs '^[[:space:]]*(Original)?Name[[:space:]]*=' "$file" || :
        done
      done | head -c ${MOST_BYTES}
    `,
  ),
);

/** Reads what `observeTunnelClaims` printed. */
export function parseTunnelClaims(output: string): readonly Conflict[] {
  const sections = parseSections(output);
  const claims = filledLines(sections.get('claims')).flatMap(placed);
  const matches = filledLines(sections.get('matches'))
    .flatMap(placed)
    .filter(({ text }) => namesOf(text).some((name) => matchesGlob(name, TUNNEL_DEVICE)));
  return [
    ...(sections.get('fallback')?.trim() === '2'
      ? [
          {
            file: FALLBACK,
            why: `it is 2, so the kernel makes no ${TUNNEL_DEVICE} when the module ipip is loaded`,
            hint: 'Set net.core.fb_tunnels_only_for_init_net to 0, or take fb_tunnels=none off the command line of the kernel, and reboot.',
          },
        ]
      : []),
    ...[...claims, ...matches].map(({ file, line }) => ({
      file,
      line,
      why: `it configures ${TUNNEL_DEVICE}, which lvslab does by a unit of its own`,
      hint: `Take that out of ${file}: lvslab gives ${TUNNEL_DEVICE} the VIP and brings it up, now and at every boot.`,
    })),
  ];
}

interface PlacedLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Reads 'FILE:NUMBER:TEXT'. */
function placed(printed: string): readonly PlacedLine[] {
  const [, file, number, text = ''] = /^(\/[^:]*):(\d+):(.*)$/.exec(printed) ?? [];
  return file === undefined ? [] : [{ file, line: Number(number), text }];
}

/** The words of a `Name=` that takes devices, and none that leaves some out. */
function namesOf(text: string): readonly string[] {
  const words = text
    .slice(text.indexOf('=') + 1)
    .trim()
    .split(/\s+/);
  return words[0]?.startsWith('!') === true ? [] : words;
}
