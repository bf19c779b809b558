import { type Flavour } from '../embedded/images/image-recipe.ts';
import { type Secret } from '../engine/model/secret.ts';
import { type Invocation } from './hints/invocation.ts';

/** Passwords that are known before an inventory is read; what the inventory says of a host goes before them. */
export interface Passwords {
  readonly login?: Secret;
  readonly become?: Secret;
  /** By the path of the key file. */
  readonly passphrases?: ReadonlyMap<string, Secret>;
}

/** How a command gets at encrypted files, and into hosts; named as Ansible names it. */
export interface AccessFlags {
  readonly askPass?: boolean;
  readonly askBecomePass?: boolean;
  readonly connectionPasswordFile?: string;
  readonly becomePasswordFile?: string;
  readonly askVaultPass?: boolean;
  readonly vaultPasswordFile?: readonly string[];
  /** 'dev@FILE', 'dev@prompt'. */
  readonly vaultId?: readonly string[];
  readonly hostKeyChecking?: 'ask' | 'strict' | 'accept-new';
  /** What a person has typed already. */
  readonly passwords?: Passwords;
}

/** What every command that works with an inventory takes. */
export interface LabFlags extends AccessFlags {
  readonly inventory: string;
  readonly extraVars: readonly string[];
  readonly limit?: string;
  readonly playbook?: string;
}

/** What a command takes that works with all hosts of an inventory. */
export type InventoryFlags = Omit<LabFlags, 'limit' | 'playbook'>;

/** What every command that changes hosts takes. */
export interface ChangeFlags {
  readonly yes?: boolean;
  /** Seconds. */
  readonly wait?: number;
  /** Seconds. */
  readonly confirmWithin?: number;
}

/** How a command shows what it does. */
export interface OutputFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
  /** Not set where no command was typed: what is said of commands stays in its short form. */
  readonly invocation?: Invocation;
}

/** Which embedded lab a command is about. */
export interface EmbeddedFlags {
  readonly name: string;
  /** Not set where none is asked for: a lab that is there keeps its own. */
  readonly flavour?: Flavour;
  readonly accelerator: 'auto' | 'kvm' | 'tcg';
}
