import { portsOf, serviceTitle } from '../../../ipvs/virtual-service.ts';
import { MARKS } from '../../../platforms/packet-marks/mark-filter.ts';
import { type MarkRule, markText } from '../../../platforms/packet-marks/mark-rule.ts';
import { nftMarks } from '../../../platforms/packet-marks/nft-marks.ts';
import { type LabCase } from '../../lab-case.ts';
import { type Finding, RANK, type Rule } from '../../rule.ts';

/** The service goes by a mark, and nothing gives packets for it that mark, now or after the next boot. */
export const unmarkedPackets: Rule = {
  id: 'L38',
  title: "the packets of a service with several ports don't get its mark",
  page: 'L38-unmarked-packets',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.table,
  find: (of) => {
    const rule = wantedRule(of);
    if (rule === undefined) return [];
    const { marks } = of.director ?? {};
    if (marks === undefined) return of.unlessPassing;
    const has = marks.includes(markText(rule));
    // Somebody else's rule will do as well.
    if (!has) return of.isPassing ? [] : [findingNow(of, rule, marks)];
    return isGoneAtBoot(of) ? [findingAtBoot(of, rule)] : [];
  },
  hints: [
    'Are the requests refused at once, to all ports of the service? Then something answers them with a "no".',
    'The service goes by a mark: which rule gives packets that mark, and has its counter risen? `nft list ruleset`, or `iptables -t mangle -nvL`',
  ],
};

function wantedRule({ lab: { service } }: LabCase): MarkRule | undefined {
  const { mark, address, protocol } = service;
  return mark === undefined ? undefined : { mark, address, protocol, ports: portsOf(service) };
}

function findingNow(of: LabCase, rule: MarkRule, marks: readonly string[]): Finding {
  const host = of.lab.director.name;
  const others = marks.filter((line) => line.includes(` mark ${rule.mark}`));
  const isUnit = of.unit('director', MARKS)?.load === 'loaded';
  return {
    host,
    what: `takes packets for ${serviceTitle(of.lab.service)} for its own: they don't have the mark ${rule.mark}, by which IPVS knows the service`,
    cause:
      others.length > 0
        ? `the rule that gives packets the mark ${rule.mark} is about others: ${others.join('; ')}`
        : 'the rule of its packet filter that gives them the mark is not there: somebody has emptied the filter, or loaded other rules into it',
    proof: [
      {
        host,
        command: `nft list table ip ${MARKS} || iptables -t mangle -S ${MARKS}`,
        output: marks.length > 0 ? marks : ['(nothing)'],
        remark: `should be ${markText(rule)}`,
      },
    ],
    mend: isUnit
      ? [{ host, command: `systemctl restart ${MARKS}` }]
      : nftMarks.starts([rule]).map((command) => ({ host, command })),
    isDrift: true,
    hits: 'now',
  };
}

function isGoneAtBoot(of: LabCase): boolean {
  const unit = of.unit('director', MARKS);
  return unit?.load === 'loaded' && /^(disabled|masked)/.test(unit.enabled);
}

function findingAtBoot(of: LabCase, rule: MarkRule): Finding {
  const host = of.lab.director.name;
  const enabled = of.unit('director', MARKS)?.enabled ?? '';
  return {
    host,
    what: `will not give packets for ${serviceTitle(of.lab.service)} the mark ${rule.mark} after the next boot`,
    cause: `the service ${MARKS}, which puts the rule in, is ${enabled}`,
    proof: [{ host, command: `systemctl is-enabled ${MARKS}`, output: [enabled] }],
    mend: [
      ...(enabled.startsWith('masked') ? [{ host, command: `systemctl unmask ${MARKS}` }] : []),
      { host, command: `systemctl enable ${MARKS}` },
    ],
    isDrift: true,
    hits: 'after a boot',
  };
}
