import path from 'node:path';

import { UsageError } from '../engine/model/failures/errors.ts';
import { type LabHostName } from './lab/lab-hosts.ts';

/** Where a lab keeps what it makes. */
interface LabPaths {
  /** Everything of this one lab; gone after `takeDown`. */
  readonly state: string;
  /** What all labs share and what outlives them: images, packages, the kernel. */
  readonly cache: string;
}

/** A lab as it is addressed: all that `takeDown` needs. */
export interface LabIdentity {
  /**
   * Carried by everything that the lab makes outside its folder; it starts with 'lv', so that nothing that belongs to
   * somebody else can have such a name.
   */
  readonly name: string;
  readonly paths: LabPaths;
}

/** The lab's name where none is asked for. */
export const defaultLabName = 'lvslab';

const NAME = /^lv[a-z0-9]{1,6}$/;

/**
 * The lab with its folders where the inventory of the embedded lab expects them.
 * @throws UsageError for a name that the lab's objects can't carry.
 */
export function labNamed(name: string): LabIdentity {
  if (!NAME.test(name)) {
    throw new UsageError(`“${name}” can't be the name of an embedded lab`, {
      hint: "Use 'lv' and up to six lower-case letters or digits.",
    });
  }
  return { name, paths: { state: `/var/lib/lvslab-lab/${name}`, cache: '/var/cache/lvslab' } };
}

/** The network namespace of a container. */
export function hostNamespace({ name }: LabIdentity, host: LabHostName): string {
  return `${name}-${host}`;
}

/**
 * The control group that holds all processes of the lab, or those of one host, of the work on the lab itself, or of what
 * only looks at it.
 */
export function labCgroup({ name }: LabIdentity, part?: LabHostName | 'work' | 'probes'): string {
  return part === undefined ? `lvslab-lab-${name}` : `lvslab-lab-${name}/${part}`;
}

/** The folder of one host: its disk or root file system, and its console log. */
export function hostFolder({ paths }: LabIdentity, host: LabHostName): string {
  return path.join(paths.state, 'hosts', host);
}

/** What the host has written on its console. */
export function consoleLog(lab: LabIdentity, host: LabHostName): string {
  return path.join(hostFolder(lab, host), 'console.log');
}
