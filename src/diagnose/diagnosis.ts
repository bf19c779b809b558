import { LabCase } from './lab-case.ts';
import { type Finding, type Rule } from './rule.ts';
import { type Readings } from './readings/readings.ts';
import { rules as allRules } from './rules/rules.ts';

/** A cause that was found, by the name that the pages, `break` and exercises use. */
export interface NamedCause extends Finding {
  /** 'L01'. */
  readonly id: string;
  readonly title: string;
  readonly page: string;
}

/** What readings come to. */
export interface Diagnosis {
  /** In the order in which they are to be mended. */
  readonly causes: readonly NamedCause[];
  /** What was looked for and is not so. */
  readonly ruledOut: readonly Pick<Rule, 'id' | 'title'>[];
  /** What the readings are not enough for. */
  readonly notTold: readonly Pick<Rule, 'id' | 'title'>[];
  /**
   * Healthy is only what was seen to be: requests that were made, and all answered, with every cause ruled out, and nothing of
   * director and real servers that could not be read.
   */
  readonly verdict: 'healthy' | 'named' | 'unnamed' | 'not told';
}

/** Judges readings by all rules of their mode and protocol. Pure. */
export function diagnose(readings: Readings, rules: readonly Rule[] = allRules): Diagnosis {
  const found = new LabCase(readings);
  const judged = rules
    .filter(({ modes }) => modes.includes(found.lab.mode))
    .filter(({ protocol }) => protocol === undefined || protocol === found.lab.service.protocol)
    .toSorted((a, b) => a.rank - b.rank)
    .map((rule) => ({ rule, findings: judge(rule, found) }));
  const causes = judged.flatMap(({ rule: { id, title, page }, findings }) =>
    findings === 'not told' ? [] : findings.map((finding) => ({ id, title, page, ...finding })),
  );
  const withFindings = (isSo: (findings: readonly Finding[] | 'not told') => boolean) =>
    judged.flatMap(({ rule: { id, title }, findings }) => (isSo(findings) ? [{ id, title }] : []));
  const notTold = withFindings((findings) => findings === 'not told');
  return {
    causes,
    ruledOut: withFindings((findings) => findings !== 'not told' && findings.length === 0),
    notTold,
    verdict: verdictOf(found, { causes, notTold }),
  };
}

/** What the readings of hosts are not enough for, a request on its way may tell. */
function judge(rule: Rule, found: LabCase): ReturnType<Rule['find']> {
  const findings = rule.find(found);
  const { keepsFrom } = rule;
  const isPassed = keepsFrom !== undefined && found.hasReached(keepsFrom);
  return findings === 'not told' && isPassed ? [] : findings;
}

function verdictOf(
  { isFailing, isAllRead }: LabCase,
  { causes, notTold }: Pick<Diagnosis, 'causes' | 'notTold'>,
): Diagnosis['verdict'] {
  if (causes.length > 0) {
    const isExplained = isFailing !== true || causes.some(({ hits }) => hits === 'now');
    return isExplained ? 'named' : 'unnamed';
  }
  if (isFailing === undefined) return 'not told';
  if (isFailing) return 'unnamed';
  return isAllRead && notTold.length === 0 ? 'healthy' : 'not told';
}
