import { type Answer } from '../readings/answers.ts';
import { type RequestTally } from '../report.ts';

/** '298 answered, 2 refused': how requests ended, in words. */
export function describeRequests({ asked, made, ...ends }: RequestTally): string {
  const { answered, refused, timedOut, strange } = ends;
  return [
    `${answered} answered`,
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(timedOut > 0 ? [`${timedOut} timed out`] : []),
    ...(strange > 0 ? [`${strange} otherwise`] : []),
    ...(made < asked ? [`then given up, ${asked - made} not made`] : []),
  ].join(', ');
}

/** What can make requests end like this, the likeliest first; '' when all were answered. */
export function explainRequests(tally: RequestTally, answers: readonly Answer[]): string {
  return [
    ...(tally.refused > 0 ? [explainRefused(tally)] : []),
    ...(tally.timedOut > 0 ? [explainTimedOut(tally)] : []),
    ...explainStrange(answers),
  ].join(' ');
}

function explainRefused({ refused, made }: RequestTally): string {
  return refused === made
    ? "All were refused: no real server's nginx listens, the virtual service has no servers or is missing (run plan), or the director's firewall rejects the VIP's port."
    : "Some were refused: the nginx of at least one real server does not listen; the others still answer, for IPVS doesn't look whether a server lives (systemctl status nginx there).";
}

function explainTimedOut({ timedOut, made }: RequestTally): string {
  return timedOut === made
    ? "All timed out: the director doesn't forward (net.ipv4.ip_forward), its firewall drops the replies (stateful, with net.ipv4.vs.conntrack=0), or no real server's way back leads through the DIP."
    : 'Some timed out: the way back of at least one real server does not lead through the DIP (its gateway), its firewall drops the requests, or it is down.';
}

function explainStrange(answers: readonly Answer[]): readonly string[] {
  const met = answers.flatMap((answer) => (answer.kind === 'strange' ? [answer.what] : []));
  const kinds = [...new Set(met)].slice(0, 3);
  return kinds.length === 0 ? [] : [`Met, but not expected: ${kinds.join('; ')}.`];
}
