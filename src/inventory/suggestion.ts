import { distance } from 'fastest-levenshtein';

/** The candidate that differs in the fewest letters, if at most `within` of them do. */
export function closest(
  name: string,
  candidates: readonly string[],
  within: number,
): string | undefined {
  // No need to compare letters of what can't be close, a 10 kB name for one.
  const near = candidates
    .filter((candidate) => Math.abs(candidate.length - name.length) <= within)
    .map((candidate) => ({ candidate, letters: distance(name.toLowerCase(), candidate) }))
    .filter(({ letters }) => letters <= within);
  return near.toSorted((a, b) => a.letters - b.letters)[0]?.candidate;
}

/** 'did you mean X?', when something is close. */
export function didYouMean(name: string, candidates: readonly string[]): string | undefined {
  const match = closest(name, candidates, Math.max(3, Math.floor(name.length / 4)));
  return match === undefined ? undefined : `did you mean ${match}?`;
}
