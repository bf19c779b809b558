import { type LabCase, type StoppedPackets } from '../../lab-case.ts';
import { concerns } from '../finding-parts.ts';
import { type Finding, RANK, type Rule } from '../../rule.ts';

/** The director's packet filter stops requests, or the replies that it should forward. */
export const directorFirewall: Rule = {
  id: 'L04',
  title: "the director's firewall stops requests or replies",
  page: 'L04-director-firewall',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.firewall,
  find: (of) => {
    if (of.isFailing === undefined) return 'not told';
    if (!of.isFailing) return [];
    const stopped = of.stopped(of.director);
    if (stopped === undefined) return 'not told';
    const inTheWay = stopped.filter((rule) => isInTheWay(rule, of.lab.service));
    const [most = uncounted(of)] = inTheWay;
    return most === undefined ? [] : [findingOf(of, most)];
  },
  hints: [
    'Does the director have a packet filter at all? `nft list ruleset`, or `iptables -nvL`',
    'Ask again, and look once more: which counter of a rule that drops or rejects has risen?',
  ],
};

/** What stops only strangers, or other protocols than requests come by, is no cause. */
function isInTheWay(
  stopped: StoppedPackets,
  { protocol, address: vip }: LabCase['lab']['service'],
): boolean {
  const { rule, chain } = stopped;
  // keepalived's own rules have a page of their own.
  if (/\bkeepalived\b/.test(chain) || !concerns(stopped, protocol)) return false;
  const [, to] = /(?:daddr|-d) (\d+\.\d+\.\d+\.\d+)/.exec(rule) ?? [];
  return to === undefined || to === vip;
}

/** A rule that does not count what it stops, where a trace has lost a packet on the director, and all else there is right. */
function uncounted(of: LabCase): StoppedPackets | undefined {
  const { name } = of.lab.director;
  const hook = of.endsAt(name, 'request')
    ? 'input'
    : of.endsAt(name, 'reply')
      ? 'forward'
      : undefined;
  if (hook === undefined || !isElseRight(of)) return undefined;
  const rule = of.director?.filtersAfter?.find(
    (one) =>
      one.packets === undefined &&
      (one.hook === undefined || one.hook === hook) &&
      isInTheWay({ ...one, stopped: 0 }, of.lab.service),
  );
  return rule === undefined ? undefined : { ...rule, stopped: 0 };
}

/** The service is there, and neither forwarding nor rp_filter explains that packets end on the director. */
function isElseRight(of: LabCase): boolean {
  const { live, director } = of;
  const hasServer = typeof live === 'object' && live.destinations.some(({ weight }) => weight > 0);
  const isForwarding = director?.settings?.['net.ipv4.ip_forward'] === '1';
  return hasServer && isForwarding && of.rise(director, 'TcpExtIPReversePathFilter') === 0;
}

function findingOf(of: LabCase, most: StoppedPackets): Finding {
  const { chain, rule, verdict, stopped, hook } = most;
  const host = of.lab.director.name;
  const isReply = hook === 'forward' || /forward|invalid/i.test(`${chain} ${rule}`);
  const verb = verdict === 'reject' ? 'rejects' : 'drops';
  return {
    host,
    what: isReply
      ? "drops the real servers' replies in its own packet filter"
      : `${verb} requests in its own packet filter, before IPVS sees them`,
    ...causeOf(of, most, verb),
    proof: [
      {
        host,
        command: 'nft list ruleset || iptables -nvxL',
        output: [`${chain}: ${rule}`],
        remark:
          stopped === 0
            ? 'it does not count; the trace lost a packet here'
            : `+${stopped} packets during the requests`,
      },
    ],
    hits: 'now',
  };
}

function causeOf(
  of: LabCase,
  { chain, rule }: StoppedPackets,
  verb: string,
): Pick<Finding, 'cause' | 'mend' | 'isDrift'> {
  const host = of.lab.director.name;
  const isHidden = of.director?.settings?.['net.ipv4.vs.conntrack'] === '0';
  const cause =
    isHidden && /invalid/i.test(rule)
      ? 'the filter drops what belongs to no connection that it knows, and IPVS hides its connections from it (net.ipv4.vs.conntrack is 0)'
      : `the chain ${chain} ${verb} them`;
  if (of.unit('director', 'firewalld')?.active === 'active') {
    const mend = [{ host, command: 'systemctl disable --now firewalld' }];
    return { cause: `${cause}; firewalld has made it`, mend, isDrift: true };
  }
  const command =
    isHidden && /invalid/i.test(rule)
      ? 'sysctl -w net.ipv4.vs.conntrack=1'
      : deleteCommand(chain, rule);
  return { cause, mend: [{ host, command }], isDrift: false };
}

/** nft deletes a rule by its handle, which is asked for first; iptables by its own words. */
function deleteCommand(chain: string, rule: string): string {
  if (rule.startsWith('-') || rule.includes(' -j ')) {
    const [, table = 'filter', name = ''] = chain.split(' ');
    return `iptables -t ${table} -D ${name} ${rule}`;
  }
  return `nft -a list chain ${chain}; nft delete rule ${chain} handle HANDLE`;
}
