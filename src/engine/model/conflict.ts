/** What stands against a wanted state on a host, and is somebody else's: no change that lvslab may make puts it right. */
export interface Conflict {
  /** Absolute path of the file that holds it. */
  readonly file: string;
  /** From 1; not set where the whole file is meant. */
  readonly line?: number;
  /** What it does: 'it sets … at boot', after its place. */
  readonly why: string;
  /** What the reader can do: one imperative sentence. */
  readonly hint: string;
}

/** Where a conflict stands: '/etc/sysctl.d/zz.conf:3'. */
export function placeOfConflict({ file, line }: Conflict): string {
  return line === undefined ? file : `${file}:${line}`;
}
