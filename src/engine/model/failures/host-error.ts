import { InternalError, LvslabError } from './errors.ts';

/** Whatever went wrong while one host was dealt with, as that host's own failure: it is nobody else's. */
export function hostError(error: unknown, host: string): LvslabError {
  if (error instanceof LvslabError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new InternalError(`a mistake in lvslab itself: ${message}`, {
    host,
    cause: error,
    hint: 'Report it, with what the same command prints with --verbose; the other hosts are not concerned.',
  });
}
