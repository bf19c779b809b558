import { type RuleCase } from './rule-case.ts';
import { directorCases } from './rule-cases-director.ts';
import { hostCases } from './rule-cases-hosts.ts';
import { tableCases } from './rule-cases-table.ts';
import { vipCases } from './rule-cases-vip.ts';

/** One case for each cause at least; where a cause comes in several shapes, one for each. */
export const ruleCases: readonly RuleCase[] = [
  ...tableCases(),
  ...vipCases(),
  ...directorCases(),
  ...hostCases(),
];
