import { type TraceReport } from './report.ts';

/** The last place where a packet of a connection was seen that came to nothing. */
interface LastPlace {
  /** 'SYN-ACK'. */
  readonly packet: string;
  readonly way: 'request' | 'reply';
  /** Where it was seen, by inventory name; not set where that is none of the lab's hosts. */
  readonly host?: string;
  /** Whether it was seen to leave that host: what became of it then, nobody knows. */
  readonly hasLeft: boolean;
}

/** What a trace has to say to whoever looks for a cause, as plain data. */
export interface TraceFindings {
  /** What went through, or where it ended: 'the SYN-ACK reached director ens33, and did not leave director again'. */
  readonly conclusion: string;
  readonly isAnswered: boolean;
  /** The hosts beside the client at which a packet of the request was seen to come in, by inventory name. */
  readonly reached: readonly string[];
  /** Not set where all went through, and where nobody listened. */
  readonly last?: LastPlace;
  /** Hosts on which nothing could be captured. */
  readonly unheard: readonly string[];
}

/** Picks from a trace what narrows the causes. Pure. */
export function traceFindings(report: TraceReport): TraceFindings {
  const { conclusion, answer, packets, unheard } = report;
  const requests = packets.filter(({ way }) => way === 'request');
  const reached = requests.flatMap(({ hops }) =>
    hops.flatMap(({ to: { host, isSeen } }) => (isSeen && host !== undefined ? [host] : [])),
  );
  const last = lastPlace(report);
  return {
    conclusion,
    isAnswered: answer.kind === 'answered',
    reached: [...new Set(reached)],
    ...(last !== undefined && { last }),
    unheard: unheard.map(({ host }) => host),
  };
}

function lastPlace(report: TraceReport): LastPlace | undefined {
  const lost = report.packets.find(({ end }) => end.kind === 'lost');
  if (lost === undefined) return silentPlace(report);
  const { name: packet, way, hops } = lost;
  const hop = hops.at(-1);
  const hasLeft = hop?.to.isSeen !== true;
  const host = (hasLeft ? hop?.from : hop.to)?.host;
  return { packet, way, hasLeft, ...(host !== undefined && { host }) };
}

/** Where a request came to its end, and nothing was sent back for it. */
function silentPlace({ packets, answer }: TraceReport): LastPlace | undefined {
  const last = packets.at(-1);
  const isSilence = answer.kind === 'timed-out' && packets.every(({ way }) => way === 'request');
  if (!isSilence || last?.end.kind !== 'arrived') return undefined;
  return { packet: last.name, way: 'request', host: last.end.host, hasLeft: false };
}
