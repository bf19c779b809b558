import { type FilterRule } from '../readings.ts';
import { linesOf } from './parse-network.ts';

/** Nobody reads more, and a rule that stands in the way is among the first. */
const MOST_RULES = 2000;
const LONGEST_RULE = 500;

/** The hooks of iptables' chains, which need no declaration. */
const HOOKS: ReadonlyMap<string, string> = new Map([
  ['INPUT', 'input'],
  ['FORWARD', 'forward'],
  ['OUTPUT', 'output'],
  ['PREROUTING', 'prerouting'],
  ['POSTROUTING', 'postrouting'],
]);

/**
 * Reads what a host prints of its packet filter, as `nft list ruleset` or `iptables-save -c`: the rules that let packets
 * vanish, policies among them, with their counters.
 */
export function parseFilters(text: string): readonly FilterRule[] {
  const [kind = '', ...lines] = linesOf(text);
  const rules = kind === 'nft' ? ofNft(lines) : kind === 'iptables' ? ofIptables(lines) : [];
  return rules.slice(0, MOST_RULES);
}

function ofNft(lines: readonly string[]): readonly FilterRule[] {
  const found: FilterRule[] = [];
  let table = '';
  let chain = '';
  let hook: string | undefined;
  for (const raw of lines) {
    const line = raw.trim();
    const [, newTable] = /^table (\S+ \S+) \{/.exec(line) ?? [];
    const [, newChain] = /^chain (\S+) \{/.exec(line) ?? [];
    if (newTable !== undefined) table = newTable;
    if (newChain !== undefined) {
      chain = newChain;
      hook = undefined;
      continue;
    }
    const [, newHook, policy] = /^type \S+ hook (\S+) .*?(?:policy (\w+);)?$/.exec(line) ?? [];
    if (newHook !== undefined) hook = newHook;
    const verdict = policy === 'drop' ? 'drop' : verdictOf(line);
    if (verdict === undefined) continue;
    found.push(ruleOf({ chain: `${table} ${chain}`, hook, line, verdict }));
  }
  return found;
}

function ofIptables(lines: readonly string[]): readonly FilterRule[] {
  let table = '';
  return lines.flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1);
    return [...policyOf(line, table), ...iptablesRule(line, table)];
  });
}

function policyOf(line: string, table: string): readonly FilterRule[] {
  const [, chain = '', packets] = /^:(\S+) DROP \[(\d+):/.exec(line) ?? [];
  if (packets === undefined) return [];
  const rule = { chain: `ip ${table} ${chain}`, rule: 'policy DROP', verdict: 'drop' as const };
  return [{ ...rule, ...hookOf(chain), packets: Number(packets) }];
}

function iptablesRule(line: string, table: string): readonly FilterRule[] {
  const [, packets, chain = '', rule = ''] = /^\[(\d+):\d+\] -A (\S+) (.*)$/.exec(line) ?? [];
  const target = /(?:^| )-j (DROP|REJECT)\b/.exec(rule)?.[1];
  if (packets === undefined || target === undefined) return [];
  const verdict = target === 'DROP' ? 'drop' : 'reject';
  const at = { chain: `ip ${table} ${chain}`, ...hookOf(chain) };
  return [{ ...at, rule: rule.slice(0, LONGEST_RULE), verdict, packets: Number(packets) }];
}

function hookOf(chain: string): { readonly hook?: string } {
  const hook = HOOKS.get(chain);
  return hook === undefined ? {} : { hook };
}

function verdictOf(line: string): 'drop' | 'reject' | undefined {
  if (/(^| )drop( |$)/.test(line)) return 'drop';
  return /(^| )reject( |$)/.test(line) ? 'reject' : undefined;
}

function ruleOf({
  chain,
  hook,
  line,
  verdict,
}: {
  readonly chain: string;
  readonly hook: string | undefined;
  readonly line: string;
  readonly verdict: 'drop' | 'reject';
}): FilterRule {
  const packets = /counter packets (\d+) bytes \d+/.exec(line)?.[1];
  const rule = line.replace(/counter packets \d+ bytes \d+ ?/, '').slice(0, LONGEST_RULE);
  return {
    chain,
    rule,
    verdict,
    ...(hook !== undefined && { hook }),
    ...(packets !== undefined && { packets: Number(packets) }),
  };
}
