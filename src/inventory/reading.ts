import { type ProblemList } from './problem-list.ts';
import { type Vault } from './vault/vault.ts';

/** What accompanies the reading of files: where mistakes go, and what opens encrypted ones. */
export interface Reading {
  readonly problems: ProblemList;
  readonly vault: Vault;
  /** It is about hosts outside the lab only: what stays closed there is nobody's problem. */
  readonly isOutside?: true;
}
