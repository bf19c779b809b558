/** An RPM package of the system that is stood in for, made of the files of Debian packages. */
export interface RpmPackage {
  readonly name: string;
  /** `[epoch:]version-release`, as that system has it. */
  readonly version: string;
  /** Debian packages whose files it gets. */
  readonly debs: readonly string[];
  /** Paths of files that it owns beside those, which the image has already. */
  readonly files?: readonly string[];
  readonly requires?: readonly string[];
  readonly provides?: readonly string[];
  /** What its part of the spec file says beside that. */
  readonly extra?: SpecExtra;
}

/** Pieces of a spec file. */
export interface SpecExtra {
  /** Shell that puts more files into %{buildroot}. */
  readonly install: string;
  /** These files, as %files lists them. */
  readonly files: string;
  /** What runs on the host when the package is installed or removed. */
  readonly scriptlets?: string;
}
