import { type LvslabError } from '../engine/model/failures/errors.ts';

/** How a check ended. What could not be read is never 'ok'. */
export type Verdict = 'ok' | 'failed' | 'skipped';

/** One statement about the lab that was put to the test. */
export interface Check {
  /** 'order of the answers'. */
  readonly name: string;
  readonly verdict: Verdict;
  readonly expected: string;
  readonly actual: string;
  /** Likely causes and what to look at; '' when there is nothing to explain. */
  readonly explanation: string;
}

/** What the three sources count about one real server. */
export interface ServerCounts {
  readonly name: string;
  /** RIP and port: '192.168.2.128:80'. */
  readonly address: string;
  readonly weight: number;
  /** How many of the requests are its share; absent when the scheduler promises no exact number. */
  readonly expected?: number;
  /** First source: answers with its page that the client got. */
  readonly bodies: number;
  /** Second source: connections that IPVS gave to it; absent when they could not be read. */
  readonly connections?: number;
  /** Third source: these requests in its access log; absent when it could not be read. */
  readonly logged?: number;
  /** The addresses that the log says they came from. */
  readonly clientAddresses: readonly string[];
}

/** How requests ended. */
export interface RequestCounts {
  readonly asked: number;
  /** Fewer than asked for when too many timed out. */
  readonly made: number;
  /** Answered with the page of a real server of the lab. */
  readonly answered: number;
  /** curl's exit status 7. */
  readonly refused: number;
  /** curl's exit status 28. */
  readonly timedOut: number;
  /** Anything else: another failure, another page. */
  readonly strange: number;
}

/** What of the requests passed the director, by its own count. */
export interface PassedTraffic {
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** What `verifyLab` found. */
export interface VerifyReport {
  /** '192.168.4.133:80 wrr'. */
  readonly service: string;
  /** The host that the requests came from. */
  readonly client: string;
  /** The client's address as its own kernel chose it; absent when no connection came about. */
  readonly clientAddress?: string;
  readonly requests: RequestCounts;
  /** Absent when the counters could not be read. */
  readonly passed?: PassedTraffic;
  /** The addresses that the access logs say were asked: '192.168.4.133:80'. */
  readonly asked: readonly string[];
  /** Where the real servers' replies to the client go first: 'via 192.168.2.130', 'directly'. */
  readonly waysBack: readonly string[];
  readonly servers: readonly ServerCounts[];
  readonly checks: readonly Check[];
  /** 'ok' when nothing failed; never 'skipped'. */
  readonly verdict: Verdict;
}

/** What became of the requests while certain real servers were stopped. */
export interface DrillPhase {
  /** 'rs2 stopped'. */
  readonly title: string;
  readonly stopped: readonly string[];
  readonly requests: RequestCounts;
  readonly servers: readonly DrillServer[];
  readonly checks: readonly Check[];
}

/** One real server in one phase of the drill. */
export interface DrillServer {
  readonly name: string;
  readonly running: boolean;
  readonly bodies: number;
  /** Connections that IPVS gave to it; absent when they could not be read. */
  readonly connections?: number;
}

/** Whether a real server that the drill stopped runs again. */
export interface Restoration {
  readonly host: string;
  readonly restored: boolean;
  /** What to type on the host if it doesn't run; '' otherwise. */
  readonly command: string;
  /** Why it doesn't run; '' otherwise. */
  readonly reason: string;
}

/** What `drillLab` found. */
export interface DrillReport {
  readonly service: string;
  readonly client: string;
  readonly phases: readonly DrillPhase[];
  readonly restorations: readonly Restoration[];
  /** Why the drill ended early: interrupted, a connection lost … */
  readonly error?: LvslabError;
  /** 'ok' when every phase went as expected and all servers run again. */
  readonly verdict: Verdict;
}

/** 'ok' when no check failed and at least one was made. */
export function overallVerdict(checks: readonly Check[]): Verdict {
  const made = checks.filter(({ verdict }) => verdict !== 'skipped');
  return made.length > 0 && made.every(({ verdict }) => verdict === 'ok') ? 'ok' : 'failed';
}

/** '298 answered, 2 refused': how requests ended, in words. */
export function describeRequests({ asked, made, ...ends }: RequestCounts): string {
  const { answered, refused, timedOut, strange } = ends;
  return [
    `${answered} answered`,
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(timedOut > 0 ? [`${timedOut} timed out`] : []),
    ...(strange > 0 ? [`${strange} otherwise`] : []),
    ...(made < asked ? [`then given up, ${asked - made} not made`] : []),
  ].join(', ');
}
