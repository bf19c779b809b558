import { type Rule } from '../rule.ts';
import { directorRules } from './director/director-rules.ts';
import { realServerRules } from './real-servers/real-server-rules.ts';
import { tableRules } from './table/table-rules.ts';
import { vipRules } from './vip/vip-rules.ts';

/** All causes that are known, by their ids. */
export const rules: readonly Rule[] = [
  ...tableRules,
  ...vipRules,
  ...directorRules,
  ...realServerRules,
].toSorted((a, b) => (a.id < b.id ? -1 : 1));
