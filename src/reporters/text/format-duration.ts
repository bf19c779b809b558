/** '41 s', '1 min 12 s'. */
export function formatSeconds(milliseconds: number): string {
  const seconds = Math.round(notNegative(milliseconds) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** '0.4 s', '41 s', '1 min 12 s': as exact as a person wants to know it. */
export function formatDuration(milliseconds: number): string {
  return milliseconds < 9950
    ? `${(notNegative(milliseconds) / 1000).toFixed(1)} s`
    : formatSeconds(milliseconds);
}

/** What was measured on two clocks, or by a host, may come out a little below nothing. */
function notNegative(milliseconds: number): number {
  return Math.max(0, milliseconds);
}
