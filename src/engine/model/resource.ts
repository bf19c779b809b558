import { type Conflict } from './conflict.ts';
import { type RollbackPlan } from './rollback-plan.ts';
import { type Script } from './shell/script.ts';

/** What is known of one piece of a host's state: a value, that it is not there, or that it can't be told. */
export type Observed<S> =
  | { readonly kind: 'value'; readonly value: S }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly reason: string; readonly hint?: string };

/** A state that a resource can be taken to. */
export type Target<S> = Exclude<Observed<S>, { kind: 'unknown' }>;

/** One difference, as shown to people. A side that is not set means "is not there". */
export interface Change {
  /** Which part differs: 'content', 'weight of 192.168.2.129:80'; '' where the resource has only one part. */
  readonly field: string;
  readonly from?: string;
  readonly to?: string;
  /** The new value depends on something that only happens during the run. */
  readonly knownAfterApply?: true;
}

/** What a resource can be made again from without its playbook: plain data, as it goes through JSON. */
export interface ResourceSpec {
  /** Which kind of resource; the engine passes it on and never looks at it. */
  readonly kind: string;
  readonly args: unknown;
}

/** A file that must lie on the host before the resource can be converged. */
export interface Upload {
  /**
   * Finds or fetches the file on the controller; resolves to its path, or to undefined where the host has to do without it.
   * Called only when the resource will change, and ends in CancelledError when the signal fires.
   */
  readonly source: (options: { readonly signal: AbortSignal }) => Promise<string | undefined>;
  /** It may have to be waited for, so it is asked for once the steps before are done; the change does without it, too. */
  readonly late?: true;
  /** Absolute path on the host, under /run/lvslab/uploads/. */
  readonly path: string;
}

/** What a change leaves behind for other hosts that would have to make the same. */
export interface Product {
  /** Whether anybody waits for this host's. */
  readonly isAwaited: () => boolean;
  /** Prints it, and takes it off the host. */
  readonly script: Script;
  /** How much of it there may be. */
  readonly maxBytes: number;
  /** Takes what was printed: input of a host. Called in any case where it is awaited, without it where there is none. Never rejects. */
  readonly deliver: (printed: string | undefined) => Promise<void>;
}

/** What a host's journal says of a resource. */
export interface Past<S = unknown> {
  /** What was there before lvslab. */
  readonly before: Target<S>;
  /** What lvslab has made of it, as far as nobody else's playbook wants that. */
  readonly specs: readonly ResourceSpec[];
  /** What its changes brought, the first one first. */
  readonly outcomes: readonly unknown[];
  /** Of kinds that tell what a change has brought: one was begun, and its end was never seen. */
  readonly interrupted: boolean;
  /** No step that makes it has come to its end, as far as the journal knows. */
  readonly unmade?: boolean;
}

/** What must stay as it is although undoing would change it: fields of changes, each with the reason. */
export type Stays = ReadonlyMap<string, string>;

/** A read-only question to the host, and what follows from its answer. */
export interface Question {
  readonly script: Script;
  settle(output: string): Stays;
}

/** What undoing a resource needs to know of its kind, where it is more than going back to what was there before. */
export interface UndoPolicy<S = unknown> {
  /** Others may have come to rely on it, so only a teardown undoes it, and only when it isn't told to keep it. */
  readonly shared?: true;
  /**
   * Where it was there before, it is undone only once the others of its play are: what was there before depends on them,
   * or the way to the host does.
   */
  readonly last?: true;
  /** Reads a state out of a journal; throws where it is none of this kind's. Without it, any is taken for one. */
  readState?(recorded: unknown): S;
  /**
   * Pure: the state to go back to where this one is found; what came since and is not lvslab's stays. Without it, that is
   * the state of before.
   */
  aim?(found: Target<S>, past: Past<S>, stays: Stays): Target<S>;
  /** What a change brought, for the journal: plain data, handed back as part of the past. */
  outcome?(from: Target<S>, to: Target<S>): unknown;
  /** What undoing might take from others, which only the host can tell; undefined where it can't. */
  askOthers?(found: Target<S>, past: Past<S>): Question | undefined;
  /**
   * Whether others made this of it since lvslab did. Without it, a field that differs from what was before and from what
   * lvslab made says so.
   */
  isForeign?(found: Target<S>, before: Target<S>): boolean;
}

/**
 * A lens on one piece of a host's state: how to read it, what it shall be where it is found so, how two states differ, and
 * the commands that lead from one to the other. Doing and undoing are the same functions with other arguments.
 */
export interface Resource<S = unknown> {
  /** 'sysctl net.ipv4.ip_forward': unique on its host, shown to people as it is. */
  readonly id: string;
  /** Prints the piece of state and changes nothing, not even a temporary file. Exit status 0 or the state is unknown. */
  readonly observe: Script;
  /** Reads what `observe` printed. */
  parse(output: string): Observed<S>;
  /**
   * Pure: the state that is wanted where this one is found: a file with our key in it, a NIC with our address added. Aiming
   * again from there leads nowhere else.
   * @param past what the host's journal says, where it knows the resource.
   */
  aim(found: Target<S>, past?: Past<S>): Target<S>;
  /** Pure; [] means that nothing is to be done. */
  diff(from: Target<S>, to: Target<S>): readonly Change[];
  /** The commands that lead from one state to the other, and no others. Runs under `set -eu` with stdin closed. */
  converge(from: Target<S>, to: Target<S>): Script;
  /** Defined where this change may cut the host off: how the host tries it, and rolls it back by itself. */
  rollback?(from: Target<S>, to: Target<S>): RollbackPlan | undefined;
  /** What a teardown needs beside the state of before. */
  readonly undo?: UndoPolicy<S>;
  /**
   * What this state will have become after the resources with these ids, earlier in the plan, have changed: on this host, and
   * on all hosts in the plays that this one comes after.
   */
  afterChanges?(found: Target<S>, changed: ReadonlySet<string>): Target<S>;
  readonly uploads?: readonly Upload[];
  readonly product?: Product;
  /**
   * Pure: what on the host keeps the aim from being reached, or from lasting, and may not be changed. The host is refused
   * then, before anything is changed on it. An undoing is never refused.
   */
  conflicts?(found: Target<S>, to: Target<S>): readonly Conflict[];
  /** A sentence for the person once the resource is as it should be: 'takes full effect after a reboot'. */
  notice?(found: Target<S>): string | undefined;
  /** What the journal needs to undo this later; without it, teardown can't undo it. */
  readonly spec?: ResourceSpec;
}

/** A state that is there. */
export function value<S>(state: S): Target<S> {
  return { kind: 'value', value: state };
}

/** A state that is not there; not the same as not knowing. */
export const absent = { kind: 'absent' } as const;

/** A state that could not be read, and why, and what to do about it. Equal to nothing. */
export function unknown(reason: string, hint?: string): Observed<never> {
  return { kind: 'unknown', reason, ...(hint !== undefined && { hint }) };
}
