import { type Script, sh } from '../../engine/model/shell/script.ts';

/** A chain of iptables that one of its own chains leads to. */
export interface IptablesChain {
  readonly table: 'mangle' | 'filter';
  readonly chain: string;
  /** 'PREROUTING', 'INPUT'. */
  readonly from: string;
}

/**
 * Shell that prints a chain and what leads to it, as `iptables -S` does. Where the table is not in use, asking for it would bring it
 * in; that of iptables on top of nftables is always there.
 */
export function printChain({ table, chain, from }: IptablesChain): Script {
  return sh`
    if command -v iptables >/dev/null; then
      case "$(iptables --version) $(cat /proc/net/ip_tables_names 2>/dev/null)" in *nf_tables* | *${table}*)
        lvslab_rules=$(iptables -w -t ${table} -S) || exit
        printf '%s\n' "$lvslab_rules" |
          grep -e ${`^-N ${chain}$`} -e ${`^-A ${chain} `} -e ${`^-A ${from} .*-j ${chain}$`} ||
          [ "$?" -eq 1 ] ;;
      esac
    fi
  `;
}

/** Shell that carries lines of iptables-restore out in one go; the rest of the table stays. The oldest one knows no --wait. */
export function restoreRules(table: IptablesChain['table'], rules: readonly string[]): Script {
  return sh`
    lvslab_rules=${[`*${table}`, ...rules, 'COMMIT'].join('\n')}
    printf '%s\n' "$lvslab_rules" | iptables-restore --noflush --wait=5 2>/dev/null ||
      printf '%s\n' "$lvslab_rules" | iptables-restore --noflush || exit
  `;
}
