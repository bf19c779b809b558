import { type Resource } from './resource.ts';
import { type ResourceKind } from './resource-kind.ts';

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

/** The plays of one lab, in order. */
export interface Playbook<Context = unknown> {
  readonly name: string;
  readonly plays: readonly Play<Context>[];
  /** The playbook's own kinds of resources; a teardown undoes them when it is given this playbook. */
  readonly kinds?: readonly ResourceKind[];
}
