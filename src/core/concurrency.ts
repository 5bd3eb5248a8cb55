import { setTimeout } from 'node:timers/promises';

/** Does things one after the other, in the order in which they were asked for. One that fails does not hold up the next. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Does the work when its turn has come, and gives back its result or throws its error.
   *
   * @param signal ends the wait for the turn, with its reason; what has begun goes on to its end
   */
  async add<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last;
    const ended = Promise.withResolvers<void>();
    this.#last = Promise.all([before, ended.promise]);
    try {
      await endOf(before, signal);
      return await work();
    } finally {
      ended.resolve();
    }
  }
}

async function endOf(turn: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const aborted = Promise.withResolvers<void>();
  const stop = () => aborted.resolve();
  signal?.addEventListener('abort', stop, { once: true });
  await Promise.race([turn, aborted.promise]);
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
}

/**
 * Awaits everything that was started, then gives back the results, or throws what failed: the one error, or an
 * AggregateError with all of them, so that an operator mends them in one go. Nothing is still under way afterwards.
 */
export async function settleAll<T extends readonly unknown[] | []>(
  promises: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  const outcomes = await Promise.allSettled(promises);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  // A signal that aborts several things makes them all fail with the same reason.
  const errors = [...new Set(reasons)];
  if (errors.length === 0) return await Promise.all(promises);
  throw errors.length === 1 ? errors[0] : new AggregateError(errors, `${errors.length} things failed.`);
}

/** Waits so many milliseconds; when the signal aborts it throws the signal's reason, and no error of a timer's. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** A signal that aborts so many milliseconds after that one, with its reason: for what must not be cut off at once. */
export function abortedAfter(signal: AbortSignal, ms: number): AbortSignal {
  const later = new AbortController();
  const abort = () => globalThis.setTimeout(() => later.abort(signal.reason), ms).unref();
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return later.signal;
}

/**
 * Does the work for each item, at most so many at once, each as soon as there is room for it.
 *
 * @returns the results in the order of the items
 * @throws what the first that failed throws; give it work that does not throw where the others shall go on
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
