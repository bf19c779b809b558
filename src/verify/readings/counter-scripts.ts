import { type Script, sh } from '../../engine/model/shell/script.ts';

/** Totals of IPVS by processor, which don't lag behind; the line '~' is the estimator's sum, which does. */
const TOTALS = '/proc/net/ip_vs_stats_percpu';
/** It came with Linux 6.2, whose estimator takes counters at many moments of its two seconds. */
const ESTIMATOR_SETTING = '/proc/sys/net/ipv4/vs/est_nice';
/** The estimator comes round every two seconds; it is looked for ten times a second. */
const MOST_LOOKS = 22;

/**
 * What tells the counters of a director, and whether they are complete, in four parts: the kernel's totals, the listing, the
 * totals again, and the setting of an estimator that works in ticks.
 * @param pause seconds to wait before, 0 or more.
 */
export function counterScripts(pause: number): readonly Script[] {
  return [
    sh`
      sleep ${pause}
      ${untilComeRound}
      cat ${TOTALS}
    `,
    sh`ipvsadm -Ln --stats --exact`,
    sh`cat ${TOTALS}`,
    sh`cat ${ESTIMATOR_SETTING}`,
  ];
}

/** Waits until the estimator has all that the processors have, no longer than it takes it to come round. */
const untilComeRound = sh`
  looks=0 counted=1 estimated=0
  while [ "$looks" -lt ${MOST_LOOKS} ] && [ "$counted" -ne "$estimated" ]; do
    if [ "$looks" -gt 0 ]; then sleep 0.1; fi
    looks=$((looks + 1)) counted=0 estimated=0
    totals=$(cat ${TOTALS} 2>/dev/null)
    set -- $totals
    ## Two lines of titles, then six numbers a processor: its own, connections, packets in and out, bytes in and out.
    while [ "$#" -ge 6 ]; do
      case $1 in
        '~') estimated=$((0x$2 + 0x$3 + 0x$4)); break ;;
        *[!0-9A-F]*) shift ;;
        *) counted=$((counted + 0x$2 + 0x$3 + 0x$4)); shift 6 ;;
      esac
    done
  done
`;
