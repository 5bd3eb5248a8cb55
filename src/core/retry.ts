import { type Clock, SYSTEM_CLOCK } from './clock.ts';

/** When to try again, and for how long. */
export interface RetryOptions {
  /** Whether the next attempt may succeed. */
  readonly isTransient: (error: unknown) => boolean;
  /** Attempts in all; without it only the time counts. */
  readonly attempts?: number;
  /** Milliseconds after which no further attempt begins; without it only the attempts count. */
  readonly budgetMs?: number;
  /** Milliseconds that are left in all: no delay begins that would pass them. */
  readonly remainingMs?: () => number;
  /** Milliseconds that the server asks to wait (Retry-After). */
  readonly askedWaitMs?: (error: unknown) => number | undefined;
  /** Whether a wait that the server asks for is added to the budget. */
  readonly extendsBudget?: boolean;
  /** Milliseconds before the second attempt; each further delay is twice as long. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  readonly onRetry?: (retry: Retry) => void;
  /** Ends the delay between two attempts with its reason; it does not end the work. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
}

/** An attempt that failed and the one that follows it. */
export interface Retry {
  readonly error: unknown;
  /** Number of the attempt that follows: 2 or more. */
  readonly attempt: number;
  /** Milliseconds until it begins. */
  readonly delayMs: number;
  /** Milliseconds that are left of the budget. */
  readonly leftMs: number;
}

/**
 * Does the work, and does it again while it fails for a transient reason, with growing and jittered delays.
 *
 * @param work gets the number of the attempt, from 1
 * @throws the last error; the signal's reason when it aborts
 */
export async function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { isTransient, attempts = Number.POSITIVE_INFINITY, budgetMs = Number.POSITIVE_INFINITY } = options;
  const { remainingMs, askedWaitMs, extendsBudget = false, onRetry, signal, clock = SYSTEM_CLOCK } = options;
  let endsAt = clock.monotonicMs() + budgetMs;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      signal?.throwIfAborted();
      if (!isTransient(error) || attempt >= attempts) throw error;
      const asked = askedWaitMs?.(error);
      const backoff = backoffMs(attempt, options);
      // A server that asks for no wait, or a short one, again and again is still asked less often, and not for ever.
      const delayMs = asked === undefined ? backoff : Math.max(backoff, asked + jitter() * options.firstDelayMs);
      if (asked !== undefined && extendsBudget) endsAt += asked;
      const leftMs = endsAt - clock.monotonicMs();
      if (delayMs > leftMs || delayMs > (remainingMs?.() ?? delayMs)) throw error;
      onRetry?.({ error, attempt: attempt + 1, delayMs, leftMs });
      await clock.sleep(delayMs, signal);
    }
  }
}

/** Milliseconds before the next attempt; the jitter spreads the retries of many clients. */
export function backoffMs(
  attempt: number,
  { firstDelayMs, longestDelayMs }: Pick<RetryOptions, 'firstDelayMs' | 'longestDelayMs'>,
): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** (attempt - 1)) * (0.5 + jitter() / 2);
}

function jitter(): number {
  return Math.random();
}

/** How often, and for how long, something is asked for that comes later. */
export interface PollOptions {
  /** Milliseconds between two questions. */
  readonly intervalMs: number;
  /** Milliseconds after which the answer is no longer waited for. */
  readonly limitMs: number;
  /** Called once, before the first wait. */
  readonly onWait?: () => void;
  readonly clock: Clock;
}

/** Asks until there is an answer. Undefined if none came within the limit. */
export async function poll<T>(
  ask: () => Promise<T | undefined>,
  { intervalMs, limitMs, onWait, clock }: PollOptions,
): Promise<T | undefined> {
  const endsAt = clock.monotonicMs() + limitMs;
  for (let isFirst = true; ; isFirst = false) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (clock.monotonicMs() + intervalMs > endsAt) return undefined;
    if (isFirst) onWait?.();
    await clock.sleep(intervalMs);
  }
}
