import { statePaths } from '../../engine/host/state-paths.ts';
import { type Script, sh } from '../../engine/model/shell/script.ts';
import { MARKS } from '../../platforms/packet-marks/mark-filter.ts';
import { ipipSupport, printSupport } from '../../platforms/facts/kernel-support.ts';
import { CONTAINERS, webServers } from '../web-servers.ts';
import { beginningOf } from './beginning-of.ts';
import { directorScripts } from './director-scripts.ts';
import { readFilters } from './filter-script.ts';
import { named, type NamedScript, wayTo } from './reading-parts.ts';

/** What a host is asked beside what every host is. */
export interface HostQuestions {
  /** Addresses to which the way is asked, IPv4 dotted. */
  readonly waysTo: readonly string[];
  /** Its packet filter is read where it stands in the way of requests, or of their answers. */
  readonly isProvider: boolean;
  readonly isDirector: boolean;
  /** The service goes by a mark. */
  readonly isMarked?: boolean;
  /** It has to unpack what comes through a tunnel. */
  readonly isTunnelEnd: boolean;
  /** Servers that it is to request a page from by itself, as 'ADDRESS:PORT'. */
  readonly requests: readonly string[];
  /** What a client calls them: the VIP. */
  readonly calledAs: string;
}

/** Systemd's own order of folders; a file of one folder stands in for its namesakes in the later ones. */
const SYSCTL_FOLDERS = ['/etc', '/run', '/usr/local/lib', '/usr/lib'] as const;

const UNITS = [
  ...webServers,
  ...[CONTAINERS, 'ipvsadm', 'keepalived', 'firewalld', 'nftables', 'iptables', 'ufw', MARKS],
];

/** What is read on both sides of the requests: counters alone. */
export function counterScripts({ isProvider }: HostQuestions): readonly NamedScript[] {
  return [
    named('counters', sh`cat /proc/net/snmp /proc/net/netstat`),
    ...(isProvider ? [named('filters', readFilters)] : []),
  ];
}

/** What is read once, after the requests. */
export function stateScripts(questions: HostQuestions): readonly NamedScript[] {
  const { waysTo, requests, calledAs, isDirector, isTunnelEnd } = questions;
  return [
    named('addresses', sh`ip -o -4 addr show`),
    named('links', sh`ip -o link show`),
    named('default routes', sh`ip -4 route show default`),
    named('neighbours', sh`ip -4 neigh show`),
    ...waysTo.map((address) => named(wayTo(address), readWay(address))),
    named('settings', readSettings()),
    named('boot settings', readBootSettings()),
    named('sockets', readSockets('/proc/net/tcp')),
    named('udp sockets', readSockets('/proc/net/udp')),
    named('units', readUnits(isDirector)),
    named('kernel', sh`uname -r`),
    named(
      'journal',
      sh`if [ -s ${`${statePaths.stateDir}/journal`} ]; then echo yes; else echo no; fi`,
    ),
    ...(isDirector ? directorScripts(questions) : []),
    ...(isTunnelEnd ? [named('ipip support', printSupport(ipipSupport))] : []),
    ...(requests.length > 0 ? [named('requests', requestServers(requests, calledAs))] : []),
  ];
}

/** Read-only: the way to an address. Where there is none, the kernel says so through `ip` on its standard error, and that is an answer, too. */
export function readWay(address: string): Script {
  return sh`
    way=$(ip -4 route get ${address} 2>&1) || case $way in
      *'RTNETLINK answers'*) ;;
      *) printf '%s\n' "$way" >&2; exit 1 ;;
    esac
    printf '%s\n' "$way"
  `;
}

/** Where the kernel has no IPv6, there is no such list of it. */
function readSockets(list: string): Script {
  return sh`
    cat ${list} || exit
    [ ! -e ${`${list}6`} ] || cat ${`${list}6`}
  `;
}

/** All by one process: on a slow host, one for each would be most of the reading. */
function readSettings(): Script {
  return sh`
    cd /proc/sys/net/ipv4 || exit
    ## The patterns are the shell's to fill in. What is not there is no failure.
    grep -Hs '' ip_forward conf/*/rp_filter conf/*/arp_ignore conf/*/arp_announce conf/*/forwarding \
      conf/*/accept_local conf/*/proxy_arp vs/conntrack vs/conn_reuse_mode vs/expire_nodest_conn \
      vs/expire_quiescent_template || [ -r ip_forward ]
  `;
}

/** A link to /dev/null takes its namesakes away, and says nothing itself. */
function readBootSettings(): Script {
  return beginningOf(sh`
    {
      for folder in ${SYSCTL_FOLDERS}; do
        for file in "$folder"/sysctl.d/*.conf; do
          [ ! -f "$file" ] && [ ! -c "$file" ] || printf '%s %s\n' "\${file##*/}" "$file"
        done
      done
    } | sort -s -k 1,1 -u | {
      set --
      while read -r _ file; do
        [ ! -f "$file" ] || set -- "$@" "$file"
      done
      [ "$#" -eq 0 ] || grep -EHs '^[[:space:]]*-?net[./]ipv4[./]' -- "$@" || [ "$?" -eq 1 ]
    }
  `);
}

/** What a unit made of an init script is at boot, systemd has to be asked about apart: `show` calls all of them generated. */
function readUnits(isDirector: boolean): Script {
  const units = UNITS.map((name) => `${name}.service`);
  const show = sh`systemctl show -p Id -p LoadState -p ActiveState -p UnitFileState -- ${units}`;
  if (!isDirector) return show;
  return sh`
    ${show}
    printf '\nId=ipvsadm.service\nAtBoot=%s\n' "$(systemctl is-enabled -- ipvsadm.service 2>/dev/null || :)"
  `;
}

/** How often the counters are looked at until they are complete, and after how many seconds the next time. */
const ROUNDS = 12;
const ROUND_SECONDS = 0.25;

/**
 * IPVS's counters of each server, once all that happened before is in them: the kernel adds them up every two seconds only,
 * and has totals that don't lag behind. What the listing lacks of these for good was counted for servers that are gone.
 * Only where IPVS is there: ipvsadm itself would load it.
 * @param lacking what the listing lacks where it is complete, as an earlier reading printed it; not set, they are taken as
 * they are.
 */
export function readIpvsCounters(lacking?: string): Script {
  return sh`
    [ -e /proc/net/ip_vs ] && command -v ipvsadm >/dev/null || exit 0
    totals() {
      [ -r /proc/net/ip_vs_stats_percpu ] || return 1
      connections=0 in=0 out=0
      ## Six numbers are a processor's; the rates below have five.
      while read -r cpu a b c _ e _; do
        case "$cpu$a$b$c" in *[!0-9A-Fa-f]*) continue ;; esac
        [ -n "$e" ] || continue
        connections=$((connections + 0x$a)) in=$((in + 0x$b)) out=$((out + 0x$c))
      done </proc/net/ip_vs_stats_percpu
    }
    without_listed() {
      while read -r arrow _ a b c _; do
        [ "$arrow" = '->' ] || continue
        case "$a$b$c" in '' | *[!0-9]*) continue ;; esac
        connections=$((connections - a)) in=$((in - b)) out=$((out - c))
      done
      printf '%s %s %s' "$connections" "$in" "$out"
    }
    round=${lacking === undefined ? ROUNDS : 0}
    while :; do
      listing=$(
      ${beginningOf(sh`ipvsadm -Ln --stats --exact`)}
      ) || exit
      lacking=
      if totals; then lacking=$(printf '%s\n' "$listing" | without_listed); fi
      if [ "$lacking" = ${lacking ?? ''} ] || [ "$round" -ge ${ROUNDS} ]; then break; fi
      round=$((round + 1))
      sleep ${ROUND_SECONDS} 2>/dev/null || { sleep 1 && round=$((round + 3)); }
    done
    printf '%s\n%s\n' "$lacking" "$listing"
  `;
}

/**
 * A request to each past IPVS, all at once, and as a client's would be: what curl's exit statuses and those of HTTP tell of the
 * servers and the way there; nothing without curl.
 */
function requestServers(servers: readonly string[], calledAs: string): Script {
  return sh`
    command -v curl >/dev/null || exit 0
    for server in ${servers}; do
      {
        status=0
        answer=$(curl -q --silent --noproxy '*' --output /dev/null --connect-timeout 3 --max-time 6 \
          --header ${`Host: ${calledAs}`} --write-out '%{http_code}' "http://$server/") || status=$?
        printf '%s %s %s\n' "$server" "$status" "$answer"
      } &
    done
    wait
  `;
}
