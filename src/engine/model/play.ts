import { type Resource } from './resource.ts';

/** A list of resources for the hosts of one group, in the order in which they are made. */
export interface Play<Context = unknown> {
  /** Shown to people; unique in its playbook. */
  readonly name: string;
  /** The inventory group, or host, that it is for. */
  readonly hosts: string;
  /**
   * Names of earlier plays that must have succeeded on all of their hosts. Where one failed, this play is skipped.
   * Plays that don't name each other run side by side; on one host they run in the order of the playbook.
   */
  readonly after?: readonly string[];
  /** Any error thrown here stops this host only. */
  resources(context: Context): readonly Resource[];
}

/** Kinds of resources by name; each takes what it wrote into the `args` of its own spec. */
export type ResourceKinds = Readonly<Record<string, (args: never) => Resource>>;

/** The plays of one lab, in order. */
export interface Playbook<Context = unknown> {
  readonly name: string;
  readonly plays: readonly Play<Context>[];
  /**
   * The playbook's own kinds of resources, called as in their `spec`: what makes each again from the spec's `args`. A
   * teardown takes them back when it is given this playbook.
   */
  readonly kinds?: ResourceKinds;
}
