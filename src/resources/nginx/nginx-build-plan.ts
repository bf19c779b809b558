/** Where a tree is taken from, and where one is left for the other hosts; absolute paths on the host. */
export interface TreePlaces {
  /** The archive that the controller has put there, where it has one. */
  readonly archive: string;
  /** Its SHA-256, and the host that it is from. */
  readonly sum: string;
  /** Is there where the controller asks for this host's. */
  readonly wanted: string;
  /** The archive that the controller fetches. */
  readonly made: string;
}

/** Where they are for a build whose tarball lies there. */
export function treePlaces(upload: string): TreePlaces {
  return {
    archive: `${upload}.tree`,
    sum: `${upload}.tree.sum`,
    wanted: `${upload}.wanted`,
    made: `${upload}.made`,
  };
}

/** All that decides what a build gives. */
export interface NginxBuildPlan {
  readonly version: string;
  /** Lower-case hex of the tarball. */
  readonly sha256: string;
  readonly prefix: string;
  /** Where the tarball lies on the host. */
  readonly upload: string;
  readonly configureArguments: readonly string[];
  /** The sources use names that OpenSSL 3 has deprecated, which their own -Werror makes fatal. */
  readonly needsOldOpensslNames: boolean;
  /** Where trees are handed from host to host; not set, each host builds its own. */
  readonly tree?: TreePlaces;
}

/** The file in the prefix that says what lvslab built there; empty while it is being installed. */
export function stampFile(prefix: string): string {
  return `${prefix}/.lvslab-build`;
}

/** What the stamp says of a build, apart from what only the host knows. */
export function stampOf({ version, sha256, configureArguments }: NginxBuildPlan): string {
  return [
    `version ${version}`,
    `sha256 ${sha256}`,
    ...configureArguments.map((argument) => `argument ${argument}`),
  ].join('\n');
}
