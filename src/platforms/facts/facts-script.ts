import { SEARCH_PATH } from '../../engine/host/observe.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { printIpipSupport, printIpvsSupport } from './kernel-support.ts';
import { printListeners } from './listeners.ts';
import { observeOwners } from '../network/owners/nic-owner.ts';
import { sayFunction, section } from '../sections.ts';

/** The programs whose presence is a fact. */
const TOOLS = [
  ...['apt-get', 'yum', 'dnf', 'rpm', 'dpkg-query', 'systemctl', 'ip', 'ifup', 'nmcli'],
  'getenforce',
  ...['setenforce', 'ipvsadm', 'modprobe', 'curl', 'gcc', 'make', 'ss', 'sudo', 'setsid'],
] as const;

const DISKS = ['/', '/usr/local', '/var', '/tmp'] as const;

/** Modules that mark packets, beside those named after ip_vs. */
const MARKING = ['nf_tables', 'iptable_mangle', 'xt_mark', 'xt_multiport'] as const;

const inLists = (name: string): string =>
  String.raw`s|^\([^:]*/\)\{0,1\}\(${name}\)[.]ko[^:/]*\(:.*\)\{0,1\}$|\2|p`;

/**
 * The modules named after ip_vs that this kernel has, and those that mark packets: loaded, built in, or there to be loaded.
 * modprobe goes by the same lists; where they are missing, as in a container, it is not known what the kernel has.
 */
const ipvsModules = sh`
  lists=/lib/modules/$lvslab_kernel
  if [ -r "$lists/modules.dep" ] && [ -r "$lists/modules.builtin" ]; then
    echo all
    sed -n ${['ip_vs_[a-z0-9_]*', ...MARKING].flatMap((name) => ['-e', inLists(name)])} \
      "$lists/modules.dep" "$lists/modules.builtin"
  fi
  sed -n 's/^\(ip_vs_[a-z0-9_]*\) .*/\1/p' /proc/modules 2>/dev/null || :
`;

/**
 * The address that this connection comes from, the route there, and all the routes that lead there. sudo drops the
 * variable that holds the address; the processes that started it still have it.
 */
const controller = sh`
  process=$$ origin=\${SSH_CONNECTION-}
  origin=\${origin%% *}
  origin=\${origin##*:ffff:}
  case $origin in *[!0-9.]*) origin= ;; esac
  while [ -z "$origin" ] && [ "$process" -gt 1 ]; do
    origin=$(tr '\0' '\n' <"/proc/$process/environ" |
      sed -n 's/^SSH_CONNECTION=\(::ffff:\)*\([0-9.]*\) .*/\2/p')
    process=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$process/status")
  done 2>/dev/null
  if [ -n "$origin" ]; then
    echo "$origin"
    ip -o -4 route get "$origin" 2>/dev/null || :
    ip -o -4 route show to match "$origin" 2>/dev/null || :
  fi
`;

/** Reads a file that may be missing. */
function text(...files: readonly string[]): Script {
  return sh`cat -- ${files} 2>/dev/null || :`;
}

/** Says the first line of a file of the kernel's, or of one that is as short. */
function firstLine(name: string, file: string): Script {
  return sh`
    ${sayFunction}
    lvslab_line=
    [ ! -r ${file} ] || IFS= read -r lvslab_line <${file} || :
    lvslab_say ${name} "$lvslab_line"
  `;
}

/** What the kernel calls itself, the machine and the host. */
const kernelNames = sh`
  ${sayFunction}
  lvslab_kernel=$(uname -r) || exit
  lvslab_say kernel "$lvslab_kernel"
`;

const facts = lines(
  section(
    'os-release',
    sh`cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release 2>/dev/null || :`,
  ),
  section('centos-release', text('/etc/centos-release')),
  section('debian-version', text('/etc/debian_version')),
  kernelNames,
  section('architecture', sh`uname -m`),
  firstLine('boot-id', '/proc/sys/kernel/random/boot_id'),
  firstLine('machine-id', '/etc/machine-id'),
  firstLine('hostname', '/proc/sys/kernel/hostname'),
  section('links', sh`ip -o link show 2>/dev/null || :`),
  section('addresses', sh`ip -o -4 addr show 2>/dev/null || :`),
  section('nic-owners', observeOwners),
  section('default-routes', sh`ip -4 route show default 2>/dev/null || :`),
  section('controller', controller),
  section('ipvs', printIpvsSupport),
  section('ipvs-modules', ipvsModules),
  section('ipip', printIpipSupport),
  section(
    'disks',
    sh`
      kib=$(df -Pk -- ${DISKS} 2>/dev/null | awk 'NR > 1 { print $4 }')
      set -- $kib
      if [ "$#" = ${DISKS.length} ]; then
        for folder in ${DISKS}; do
          printf '%s %s\n' "$folder" "$1"
          shift
        done
      else
        for folder in ${DISKS}; do
          kib=$(df -Pk -- "$folder" 2>/dev/null | awk 'NR == 2 { print $4 }')
          printf '%s %s\n' "$folder" "$kib"
        done
      fi
    `,
  ),
  section('listeners', printListeners),
  section('clock', sh`date +%s`),
  section('systemd', sh`if [ -d /run/systemd/system ]; then echo yes; else echo no; fi`),
  section(
    'tools',
    sh`
      for tool in ${TOOLS}; do
        if command -v "$tool" >/dev/null 2>&1; then printf '%s\n' "$tool"; fi
      done
    `,
  ),
  section(
    'selinux',
    sh`if [ -e /etc/selinux/config ] || [ -d /sys/fs/selinux ]; then echo yes; else echo no; fi`,
  ),
);

/** Prints all facts of a host; reads only, and only with what every Linux system has. */
export const factsScript: Script = sh`
  export LC_ALL=C PATH=${SEARCH_PATH}
  (
  ${facts}
  ) </dev/null
`;
