import { sleep } from './concurrency.ts';

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
