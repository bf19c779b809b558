/** A release tarball, and how to tell that it is the right one. */
export interface SourceTarball {
  /** File name in the cache. */
  readonly name: string;
  readonly url: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** A file on the controller that is used instead of the download, absolute. */
  readonly local?: string;
}

/** The downloads of one invocation of lvslab; hosts that want the same file share one. */
export interface Downloads {
  /**
   * The path on the controller of a tarball that has this checksum.
   * @throws DownloadError, CancelledError
   */
  fetch(tarball: SourceTarball, options: { readonly signal: AbortSignal }): Promise<string>;
}
