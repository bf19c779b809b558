import { SEARCH_PATH } from '../../engine/host/observe.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { ipipSupport, ipvsSupport } from './kernel-support.ts';
import { sayListeners } from './listeners-script.ts';
import { login } from './login-script.ts';
import { links } from '../network/owners/links.ts';
import { observeOwners } from '../network/owners/nic-owner.ts';
import { clock } from '../clock.ts';
import { fileSection, sayFunction, section } from '../sections.ts';

/** The programs whose presence is a fact. */
const TOOLS = [
  ...['apt-get', 'yum', 'dnf', 'rpm', 'dpkg-query', 'systemctl', 'ip', 'ifup', 'nmcli'],
  'getenforce',
  ...['setenforce', 'ipvsadm', 'modprobe', 'curl', 'gcc', 'make', 'ss', 'sudo', 'setsid'],
] as const;

const DISKS = ['/', '/usr/local', '/var', '/tmp'] as const;

/** 'Filesystem 1024-blocks Used Available Capacity Mounted on'. */
const DF_HEADER_WORDS = 7;

/** Modules that mark packets, beside those named after ip_vs. */
const MARKING = ['nf_tables', 'iptable_mangle', 'xt_mark', 'xt_multiport'] as const;

const inLists = (name: string): string =>
  String.raw`s|^\([^:]*/\)\{0,1\}\(${name}\)[.]ko[^:/]*\(:.*\)\{0,1\}$|\2|p`;

/**
 * The modules named after ip_vs that this kernel has, and those that mark packets: loaded, built in, or there to be loaded.
 * modprobe goes by the same lists; where they are missing, as in a container, it is not known what the kernel has.
 */
const ipvsModules = sh`
  lvslab_said=
  lvslab_lists=/lib/modules/$lvslab_kernel
  if [ -r "$lvslab_lists/modules.dep" ] && [ -r "$lvslab_lists/modules.builtin" ]; then
    set -- "$lvslab_lists/modules.dep" "$lvslab_lists/modules.builtin"
    lvslab_said=all$lvslab_newline
  else
    set --
  fi
  lvslab_out=$(
    sed -n ${['ip_vs_[a-z0-9_]*', ...MARKING].flatMap((name) => ['-e', inLists(name)])} \
      -e 's/^\(ip_vs_[a-z0-9_]*\) .*/\1/p' "$@" /proc/modules 2>/dev/null
  ) || :
  lvslab_say ipvs-modules "$lvslab_said$lvslab_out"
`;

/** The address that this connection comes from, the route there, and all the routes that lead there. */
const controller = sh`
  ${login}
  lvslab_one=\${lvslab_login%% *}
  lvslab_one=\${lvslab_one##*:ffff:}
  case $lvslab_one in *[!0-9.]*) lvslab_one= ;; esac
  lvslab_said=$lvslab_one
  if [ -n "$lvslab_one" ]; then
    lvslab_out=$(ip -o -4 route get "$lvslab_one" 2>/dev/null) || :
    lvslab_said=$lvslab_said$lvslab_newline$lvslab_out
    lvslab_out=$(ip -o -4 route show to match "$lvslab_one" 2>/dev/null) || :
    lvslab_said=$lvslab_said$lvslab_newline$lvslab_out
  fi
  lvslab_say controller "$lvslab_said"
`;

/** What the kernel calls itself, and the machine. */
const kernelNames = sh`
  ${sayFunction}
  lvslab_kernel=$(uname -r -m) || exit
  lvslab_say architecture "\${lvslab_kernel##* }"
  lvslab_kernel=\${lvslab_kernel%% *}
  lvslab_say kernel "$lvslab_kernel"
`;

/** Free KiB of each folder: of all at once where df tells of each in six words, else of one after the other. */
const disks = sh`
  lvslab_said=
  lvslab_out=$(df -Pk -- ${DISKS} 2>/dev/null) || :
  set -f
  set -- $lvslab_out
  if [ "$#" = ${DF_HEADER_WORDS + 6 * DISKS.length} ]; then
    shift ${DF_HEADER_WORDS}
    for lvslab_one in ${DISKS}; do
      lvslab_said="$lvslab_said$lvslab_one $4$lvslab_newline"
      shift 6
    done
  else
    for lvslab_one in ${DISKS}; do
      lvslab_out=$(df -Pk -- "$lvslab_one" 2>/dev/null | awk 'NR == 2 { print $4 }')
      lvslab_said="$lvslab_said$lvslab_one $lvslab_out$lvslab_newline"
    done
  fi
  set +f
  lvslab_say disks "$lvslab_said"
`;

/** Says 'yes' where the shell finds that something is so, else 'no'. */
function yesNo(name: string, condition: Script): Script {
  return sh`
    ${sayFunction}
    if ${condition}; then lvslab_say ${name} yes; else lvslab_say ${name} no; fi
  `;
}

const facts = lines(
  fileSection('os-release', '/etc/os-release', '/usr/lib/os-release'),
  fileSection('centos-release', '/etc/centos-release'),
  fileSection('debian-version', '/etc/debian_version'),
  kernelNames,
  fileSection('boot-id', '/proc/sys/kernel/random/boot_id'),
  fileSection('machine-id', '/etc/machine-id'),
  fileSection('hostname', '/proc/sys/kernel/hostname'),
  sh`
    ${links}
    lvslab_say links "$lvslab_links"
  `,
  section('addresses', sh`ip -o -4 addr show 2>/dev/null`, { mayFail: true }),
  section('nic-owners', observeOwners),
  section('default-routes', sh`ip -4 route show default 2>/dev/null`, { mayFail: true }),
  controller,
  lines(ipvsSupport, sh`lvslab_say ipvs "$lvslab_support"`),
  ipvsModules,
  lines(ipipSupport, sh`lvslab_say ipip "$lvslab_support"`),
  disks,
  sayListeners,
  sh`
    ${clock}
    lvslab_say clock "$lvslab_now"
  `,
  yesNo('systemd', sh`[ -d /run/systemd/system ]`),
  sh`
    lvslab_found=
    for lvslab_one in ${TOOLS}; do
      if command -v "$lvslab_one" >/dev/null 2>&1; then
        lvslab_found=$lvslab_found$lvslab_one$lvslab_newline
      fi
    done
    lvslab_say tools "$lvslab_found"
  `,
  yesNo('selinux', sh`[ -e /etc/selinux/config ] || [ -d /sys/fs/selinux ]`),
);

/** Prints all facts of a host; reads only, and only with what every Linux system has. */
export const factsScript: Script = sh`
  export LC_ALL=C PATH=${SEARCH_PATH}
  (
  ${facts}
  ) </dev/null
`;
