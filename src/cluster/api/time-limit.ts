import type { Clock } from '../../core/clock.ts';

/** What ends a piece of work before it is done. */
export interface Limit {
  readonly clock: Clock;
  readonly ms: number;
  readonly signals: readonly (AbortSignal | undefined)[];
}

/**
 * Does the work with a signal that aborts with one of the signals, or after the time with an Error that says so. The
 * signal outlives the work, for a body that is read later, but its time counts only for the work.
 */
export async function withLimit<T>(
  { clock, ms, signals }: Limit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  const abort = () => late.abort(new Error(`none within ${ms / 1000} s`));
  clock.sleep(ms, done.signal, 'limit').then(abort, () => undefined);
  try {
    return await work(anyOf([late.signal, ...signals]));
  } finally {
    done.abort();
  }
}

export function anyOf(signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
