import { type Flavour } from '../embedded/images/recipes/image-recipe.ts';
import { type LabMode } from '../embedded/lab/lab-modes.ts';
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
export interface CredentialFlags {
  readonly askPass?: boolean;
  readonly askBecomePass?: boolean;
  readonly connectionPasswordFile?: string;
  readonly becomePasswordFile?: string;
  readonly askVaultPass?: boolean;
  readonly vaultPasswordFile?: readonly string[];
  /** 'dev@FILE', 'dev@prompt'. */
  readonly vaultId?: readonly string[];
  readonly hostKeyChecking?: 'ask' | 'strict' | 'accept-new';
  /** How many hosts log in and are read at the same time. */
  readonly forks?: number;
  /** What a person has typed already. */
  readonly passwords?: Passwords;
}

/** Which lab a command is about, and which of its hosts. */
interface InventoryFlags {
  readonly inventory: string;
  readonly extraVars: readonly string[];
  /** The hosts that may be changed; not set, all of them. */
  readonly limit?: string;
}

/** Those of a command that can do without a lab. */
export type OptionalInventoryFlags = Omit<InventoryFlags, 'inventory'> &
  Partial<Pick<InventoryFlags, 'inventory'>>;

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

/** What commands have in common, as the functions below them take it: each only the group that it needs. */
export interface FlagGroups {
  readonly output: OutputFlags;
  readonly inventory: InventoryFlags;
  readonly credentials: CredentialFlags;
  readonly change: ChangeFlags;
}

/** Where a lab is described, and how to get into its hosts. */
export type LabFlags = Pick<FlagGroups, 'inventory' | 'credentials'>;

/** Which plays a command is about. */
export interface PlaybookFlag {
  /** Not set, those of the whole documented lab. */
  readonly playbook?: string;
}

/** Which embedded lab a command is about. */
export interface EmbeddedFlags {
  readonly name: string;
  /** Not set where none is asked for: a lab that is there keeps its own. */
  readonly flavour?: Flavour;
  /** An image that the hosts are made of instead. */
  readonly image?: string;
  /** A mirror of Debian for the images. */
  readonly mirror?: string;
  /** Not set where none is asked for: a lab that is there keeps its own. */
  readonly mode?: LabMode;
  /** Not set where none is asked for: a lab that is there keeps its own. */
  readonly realServers?: number;
  readonly accelerator: 'auto' | 'kvm' | 'tcg';
}
