/** '41 s', '1 min 12 s'. */
export function formatSeconds(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** '0.4 s', '41 s', '1 min 12 s': as exact as a person wants to know it. */
export function formatDuration(milliseconds: number): string {
  return milliseconds < 9950
    ? `${(milliseconds / 1000).toFixed(1)} s`
    : formatSeconds(milliseconds);
}
