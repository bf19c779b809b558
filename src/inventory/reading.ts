import { type ProblemList } from './problem-list.ts';
import { type Vault } from './vault/vault.ts';

/** What accompanies the reading of files: where mistakes go, and what opens encrypted ones. */
export interface Reading {
  readonly problems: ProblemList;
  readonly vault: Vault;
}
