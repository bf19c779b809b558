import { pause } from '../../engine/model/failures/cancellation.ts';
import { type LabIdentity } from '../embedded-lab.ts';
import { type LabHostSpec } from '../lab/lab-hosts.ts';
import { readVitalSigns } from './vital-signs.ts';
import { type Patience, Progress, type Standing } from './progress.ts';
import { type Readiness } from './readiness.ts';

export interface WaitOptions {
  readonly lab: LabIdentity;
  readonly host: LabHostSpec;
  readonly patience: Patience;
  readonly signal?: AbortSignal | undefined;
}

/** Why a wait was given up. */
export interface GivenUp {
  readonly standing: Exclude<Standing, 'working'>;
  /** Milliseconds since the wait began. */
  readonly afterMs: number;
}

/** Between two looks, and between two readings of the vital signs, milliseconds. */
const BETWEEN_LOOKS_MS = 200;
const BETWEEN_READINGS_MS = 500;
const LONGEST_LOOK_MS = 120_000;

type Outcome<T> = { readonly ready: T } | { readonly givenUp: GivenUp };

/**
 * Looks at a host until it is ready. The wait has no end of its own: it goes on while the host makes progress, and ends
 * at once when the host has ended.
 * @throws CancelledError
 */
export async function waitUntilReady<T>(
  readiness: Readiness<T>,
  options: WaitOptions,
): Promise<Outcome<T>> {
  const outcome = await lookUntilOver(readiness, options);
  if ('ready' in outcome || outcome.givenUp.standing === 'ended') return outcome;
  // The probe that was running may have hung on a connection to an earlier life of the host.
  const { lab, host, signal = new AbortController().signal } = options;
  const ready = await readiness.look({ lab, host, limitMs: LONGEST_LOOK_MS, signal });
  return ready === undefined ? outcome : { ready };
}

async function lookUntilOver<T>(
  readiness: Readiness<T>,
  options: WaitOptions,
): Promise<Outcome<T>> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, ...(options.signal ? [options.signal] : [])]);
  const looking = lookAgainAndAgain(readiness, { ...options, signal });
  const watching = watch({ ...options, signal });
  try {
    return await Promise.race([looking, watching]);
  } finally {
    over.abort();
    await Promise.allSettled([looking, watching]);
  }
}

interface Waiting extends WaitOptions {
  readonly signal: AbortSignal;
}

async function lookAgainAndAgain<T>(
  { look, firstLookMs }: Readiness<T>,
  { lab, host, signal }: Waiting,
): Promise<{ readonly ready: T }> {
  let limitMs = firstLookMs;
  for (;;) {
    const began = performance.now();
    const ready = await look({ lab, host, limitMs, signal });
    if (ready !== undefined) return { ready };
    const wasShortOfTime = performance.now() - began > limitMs / 2;
    if (wasShortOfTime) limitMs = Math.max(limitMs, Math.min(LONGEST_LOOK_MS, limitMs * 2));
    await pause(BETWEEN_LOOKS_MS, signal, { host: host.name });
  }
}

/** Resolves when there is no sense in waiting any longer. */
async function watch({
  lab,
  host,
  patience,
  signal,
}: Waiting): Promise<{ readonly givenUp: GivenUp }> {
  const began = performance.now();
  const progress = new Progress(await readVitalSigns(lab, host.name), began);
  for (;;) {
    await pause(BETWEEN_READINGS_MS, signal, { host: host.name });
    const signs = await readVitalSigns(lab, host.name);
    const now = performance.now();
    const standing = progress.standing(signs, now, patience);
    if (standing !== 'working') return { givenUp: { standing, afterMs: now - began } };
  }
}
