import { type RollbackPlan } from './rollback-plan.ts';
import { type Script } from './script.ts';

/** What is known of one piece of a host's state: a value, that it is not there, or that it can't be told. */
export type Observed<S> =
  | { readonly kind: 'value'; readonly value: S }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly reason: string };

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
   * Finds or fetches the file on the controller; resolves to its path. Called only when the resource will change, and ends
   * in CancelledError when the signal fires.
   */
  readonly source: (options: { readonly signal: AbortSignal }) => Promise<string>;
  /** Absolute path on the host, under /run/lvslab/uploads/. */
  readonly path: string;
}

/** What a host's journal says of a resource. */
export interface Past<S> {
  /** What was there before lvslab. */
  readonly before: Target<S>;
  /** What lvslab has made of it, as far as nobody else's playbook wants that. */
  readonly specs: readonly ResourceSpec[];
  /** What its changes brought, the first one first. */
  readonly outcomes: readonly unknown[];
  /** A change of it was begun, and its end was never seen. */
  readonly interrupted: boolean;
}

/** A read-only question to the host, and what follows from its answer. */
interface Question {
  readonly script: Script;
  settle(output: string): Answer;
}

/** What follows from a host's answer. */
export interface Answer {
  /** The same resource without what must stay. */
  readonly resource: Resource;
  /** Which fields of its changes must stay, and why. */
  readonly stays: ReadonlyMap<string, string>;
}

/**
 * A lens on one piece of a host's state: how to read it, how two states differ, and the commands that lead from one to
 * the other. Doing and undoing are the same function with other arguments.
 */
export interface Resource<S = unknown> {
  /** 'sysctl net.ipv4.ip_forward': unique on its host, shown to people as it is. */
  readonly id: string;
  readonly desired: Target<S>;
  /** Prints the piece of state and changes nothing, not even a temporary file. Exit status 0 or the state is unknown. */
  readonly observe: Script;
  /** Reads what `observe` printed. */
  parse(output: string): Observed<S>;
  /** Pure; [] means that nothing is to be done. `observed` is never unknown here. */
  diff(observed: Target<S>, to: Target<S>): readonly Change[];
  /** The commands that lead from one state to the other, and no others. Runs under `set -eu` with stdin closed. */
  converge(from: Target<S>, to: Target<S>): Script;
  /** Set where this change may cut the host off from us: how it is tried, and taken back without us. */
  guard?(from: Target<S>, to: Target<S>): RollbackPlan | undefined;
  /**
   * Teardown takes it to its state of before only once the others of its play are back: what was there before depends on
   * them, or the way to the host does.
   */
  readonly undoLast?: true;
  /** What this state will have become after the resources with these ids, earlier in the plan, have changed. */
  afterChanges?(observed: Target<S>, changed: ReadonlySet<string>): Target<S>;
  readonly uploads?: readonly Upload[];
  /** A sentence for the person once the resource is as desired: 'takes full effect after a reboot'. */
  notice?(observed: Target<S>): string | undefined;
  /** What the journal needs to undo this later; a resource without it can't be taken back by teardown. */
  readonly spec?: ResourceSpec;
  /** Others may have come to rely on it, so only a teardown takes it back, and only when it isn't told to keep it. */
  readonly shared?: true;
  /** Whether a state that a journal tells is one of this kind's; without it, any is taken for one. */
  isState?(state: unknown): boolean;
  /** The same resource, once the host's journal has told its past. */
  withPast?(past: Past<S>): Resource<S>;
  /** What a change brought, for the journal: plain data, handed back as part of the past. */
  outcome?(from: Target<S>, to: Target<S>): unknown;
  /** What going to `to` might take from others, which only the host can tell; undefined where it can't. */
  askOthers?(observed: Target<S>, to: Target<S>): Question | undefined;
  /**
   * Whether others made this of it since lvslab did. Without it, a field that differs from what was before and from what
   * lvslab made says so.
   */
  isForeign?(observed: Target<S>, before: Target<S>): boolean;
}

/** A state that is there. */
export function value<S>(state: S): Target<S> {
  return { kind: 'value', value: state };
}

/** A state that is not there; not the same as not knowing. */
export const absent = { kind: 'absent' } as const;

/** A state that could not be read, and why. Equal to nothing. */
export function unknown(reason: string): Observed<never> {
  return { kind: 'unknown', reason };
}
