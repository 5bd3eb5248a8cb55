import { sleep } from './concurrency.ts';

/** Time as a run knows it. It is passed in, so that a test can hold it. */
export interface Clock {
  /** Milliseconds since 1970; it may jump when somebody sets the machine's clock. */
  wallMs(): number;
  /** Milliseconds since some moment; it only goes forward. */
  monotonicMs(): number;
  /** Waits. @throws the signal's reason when it aborts */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const SYSTEM_CLOCK: Clock = { wallMs: () => Date.now(), monotonicMs: () => performance.now(), sleep };
