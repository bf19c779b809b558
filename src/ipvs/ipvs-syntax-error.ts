/** A listing of the IPVS table that can't be understood; a caller that reads hosts turns it into "unknown". */
export class IpvsSyntaxError extends Error {
  /** Counted from 1. */
  readonly line: number;
  /** The message without its line. */
  readonly reason: string;

  constructor(line: number, reason: string) {
    super(`line ${line}: ${reason}`);
    this.name = 'IpvsSyntaxError';
    this.line = line;
    this.reason = reason;
  }
}
