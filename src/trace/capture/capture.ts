import { type CapturedFrame } from '../packets/packet.ts';

/** A NIC of a host, which packets are seen to leave or to reach. */
export interface CapturePoint {
  /** The inventory name. */
  readonly host: string;
  /** Device name inside the host: 'ens33'. */
  readonly device: string;
  /** '00:0c:29:53:71:84'. */
  readonly mac: string;
}

/** What passed one NIC. */
export interface NicCapture {
  readonly point: CapturePoint;
  readonly frames: readonly CapturedFrame[];
}

/** A capture that goes on. */
export interface Capturing {
  /**
   * Ends it, once all that has passed is written down.
   * @throws ObserveError, and what `Connection.run` throws.
   */
  stop(): Promise<readonly NicCapture[]>;
}

/** Which packets are of interest: those of one connection to come, and what is said of them on the way. */
export interface CaptureOrder {
  /** The client takes one of these ports; 1–65535. */
  readonly ports: { readonly first: number; readonly last: number };
  readonly nonce: string;
  readonly signal: AbortSignal;
}
