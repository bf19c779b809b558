import { type Hop } from './path/hop.ts';
import { type PathEnd } from './path/path-end.ts';

/** One packet of the connection with its path. */
export interface TracedPacket {
  /** 'SYN', 'SYN-ACK', 'request', 'answer', 'RST', 'ICMP port unreachable' … */
  readonly name: string;
  readonly way: 'request' | 'reply';
  readonly hops: readonly Hop[];
  readonly end: PathEnd;
}

/** How the client's request ended. */
export type TraceAnswer =
  | { readonly kind: 'answered'; readonly server: string }
  | { readonly kind: 'refused' | 'timed-out' }
  | { readonly kind: 'strange'; readonly what: string };

/** What `traceRequest` found. */
export interface TraceReport {
  /** '192.168.4.133:80 wrr'. */
  readonly service: string;
  readonly client: string;
  /** 'LVS-NAT'. */
  readonly mode: string;
  readonly answer: TraceAnswer;
  /** 1–65535; not set where no SYN was seen. */
  readonly clientPort?: number;
  /** In the order in which they come in a connection. */
  readonly packets: readonly TracedPacket[];
  /** Hosts on which nothing could be captured, and why. */
  readonly unheard: readonly { readonly host: string; readonly reason: string }[];
  /** 'failed' where the request was not answered, or a packet was lost. */
  readonly verdict: 'ok' | 'failed';
  /** The verdict in a sentence: what went through, or where it ended. */
  readonly conclusion: string;
}
