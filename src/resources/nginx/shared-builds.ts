/** The builds of one lab's hosts: the first host of each group builds, the others are given what it has made. */
export interface SharedBuilds {
  /** The host that built what is kept from an earlier run; undefined where nothing is. */
  keptFrom(group: string): string | undefined;
  /**
   * Resolves to what there is for a host, once the host that builds for its group has ended: to undefined where it has to
   * build by itself, be it the first, or that the first has failed.
   * @throws CancelledError
   */
  find(
    group: string,
    host: string,
    options: { readonly signal: AbortSignal },
  ): Promise<FoundBuild | undefined>;
  /**
   * The path of a file on the controller that asks a host for its build when it is put there; undefined for hosts that nobody
   * waits for.
   */
  askFor(group: string, host: string): Promise<string | undefined>;
  /** Whether this host is the one that the others of its group wait for. */
  isAwaited(group: string, host: string): boolean;
  /** Ends the waiting of the others. What is no tree of files that may be unpacked is not kept. Never rejects. */
  deliver(group: string, host: string, printed: string | undefined): Promise<void>;
}

/** A build that was taken from a host of the lab: files on the controller. */
export interface FoundBuild {
  /** A tar archive, compressed. */
  readonly archive: string;
  /** Its SHA-256, and the host that it is from, in one line. */
  readonly sum: string;
}
