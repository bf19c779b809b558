import { type Mode } from '../../lab/modes/mode.ts';
import { type Answer } from '../readings/answers.ts';
import { type RequestCounts } from '../report.ts';

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

/** What can make requests end like this, the likeliest first; '' when all were answered. */
export function explainRequests(
  counts: RequestCounts,
  answers: readonly Answer[],
  { traffic: { allTimedOut, someTimedOut } }: Pick<Mode, 'traffic'>,
): string {
  return [
    ...(counts.refused > 0 ? [explainRefused(counts)] : []),
    ...(counts.timedOut > 0 ? [counts.timedOut === counts.made ? allTimedOut : someTimedOut] : []),
    ...explainStrange(answers),
  ].join(' ');
}

function explainRefused({ refused, made }: RequestCounts): string {
  return refused === made
    ? "All were refused: no real server's nginx listens, the virtual service has no servers or is missing (run plan), or the director's firewall rejects the VIP's port."
    : "Some were refused: the nginx of at least one real server does not listen; the others still answer, for IPVS doesn't look whether a server lives (systemctl status nginx there).";
}

function explainStrange(answers: readonly Answer[]): readonly string[] {
  const met = answers.flatMap((answer) => (answer.kind === 'strange' ? [answer.what] : []));
  const kinds = [...new Set(met)].slice(0, 3);
  return kinds.length === 0 ? [] : [`Met, but not expected: ${kinds.join('; ')}.`];
}
