import { anyOf, sleep, untilAborted } from './concurrency.ts';

/** The time, passed in so that a test can control it. */
export interface Clock {
  /** Milliseconds since 1970; it may jump when somebody sets the machine's clock. */
  wallMs(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number;
  /**
   * Waits. @throws the signal's reason when it aborts
   *
   * @param purpose a `limit` ends work that takes too long: a test's clock that moves by itself does not move for it
   */
  sleep(ms: number, signal?: AbortSignal, purpose?: 'limit'): Promise<void>;
}

export const SYSTEM_CLOCK: Clock = { wallMs: () => Date.now(), monotonicMs: () => performance.now(), sleep };

/** A moment by both clocks. */
export interface Moment {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export function momentOf(clock: Clock): Moment {
  return { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() };
}

/**
 * Milliseconds since that moment, by the clock that shows more of them: the wall clock can be set back, and the monotonic
 * one may stand still while the machine sleeps (https://man7.org/linux/man-pages/man2/clock_gettime.2.html).
 */
export function elapsedMs(clock: Clock, { wallMs, monotonicMs }: Moment): number {
  return Math.max(clock.monotonicMs() - monotonicMs, clock.wallMs() - wallMs);
}

/** The time for some work was over before its end. */
export class OutOfTime extends Error {}

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
  error: Error = new Error(`none within ${ms / 1000} s`),
): Promise<T> {
  const [late, done] = [new AbortController(), new AbortController()];
  clock.sleep(ms, done.signal, 'limit').then(
    () => late.abort(error),
    () => undefined,
  );
  try {
    return await work(anyOf([late.signal, ...signals]));
  } finally {
    done.abort();
  }
}

/**
 * Does the work within so many milliseconds. The signal that it gets aborts after them, or with that one; then its end is
 * not waited for.
 *
 * @throws the signal's reason when it aborts; OutOfTime after the time
 */
export async function within<T>(
  ms: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const error = new OutOfTime(`no answer within ${(ms / 1000).toFixed(1)} s`);
  return await withLimit({ clock, ms, signals: [signal] }, (limit) => untilAborted(work(limit), limit), error);
}
