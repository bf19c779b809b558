import { type Script, sh } from '../engine/model/shell/script.ts';

/**
 * Shell that prints the live table as `ipvsadm -S -n` does, and what that leaves out, the thresholds, in comments behind it.
 * Read with `parsePrintedTable`.
 */
export const printIpvsTable: Script = sh`
  ipvsadm -S -n || exit
  lvslab_listing=$(ipvsadm -L -n --thresholds) || exit
  printf '%s\n' "$lvslab_listing" | sed 's/^/# /'
`;
