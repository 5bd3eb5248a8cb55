import { setTimeout } from 'node:timers/promises';

/** Runs one piece of work after the other, in the order of the calls. One that fails does not stop the next. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Runs the work in its turn. @returns its result @throws its error
   *
   * @param signal ends the wait for the turn with its reason; work that has begun continues
   */
  async add<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last;
    const ended = Promise.withResolvers<void>();
    this.#last = Promise.all([before, ended.promise]);
    try {
      await untilAborted(before, signal);
      return await work();
    } finally {
      ended.resolve();
    }
  }
}

/** The result of the work. @throws the signal's reason as soon as it aborts; the work then ends unheard */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const stop = () => aborted.reject(signal?.reason);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([aborted.promise, work]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/**
 * Waits for all promises, also if one fails: nothing is still running afterwards.
 *
 * @throws the only error, or an AggregateError with all of them, so that an operator can fix them together
 */
export async function settleAll<T extends readonly unknown[] | []>(
  promises: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  const outcomes = await Promise.allSettled(promises);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  // An aborted signal makes several fail with the same reason.
  const errors = [...new Set(reasons)];
  if (errors.length === 0) return await Promise.all(promises);
  throw errors.length === 1 ? errors[0] : new AggregateError(errors, `${errors.length} things failed.`);
}

/** Waits so many milliseconds. @throws the signal's reason when it aborts, never a timer's own error */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** A signal that aborts so many milliseconds after that one, with its reason: for work that may still finish. */
export function abortedAfter(signal: AbortSignal, ms: number): AbortSignal {
  const later = new AbortController();
  const abort = () => globalThis.setTimeout(() => later.abort(signal.reason), ms).unref();
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return later.signal;
}

/** A signal that aborts with the first of those that there are. */
export function anyOf(signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}

/**
 * Does the work for each item, at most `most` at once, each with a number from 0 that no other has meanwhile.
 *
 * @returns the results in the order of the items
 * @throws the first error; work that must not stop the rest does not throw
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T, lane: number) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const waiting = items.entries();
  const worker = async (lane: number) => {
    for (const [index, item] of waiting) results.set(index, await work(item, lane));
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, (_, lane) => worker(lane)));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

/** Keeps the answers to questions: each is asked once, and all callers share the promise. A failure is forgotten. */
export class Memo<T> {
  readonly #answers = new Map<string, Promise<T>>();

  /** @param ask called if the key has no answer yet, and none is under way */
  async get(key: string, ask: () => Promise<T>): Promise<T> {
    const answer = this.#answers.get(key) ?? ask();
    this.#answers.set(key, answer);
    try {
      return await answer;
    } catch (error) {
      if (this.#answers.get(key) === answer) this.#answers.delete(key);
      throw error;
    }
  }

  /** The next caller asks again, even where an answer is under way. */
  forget(key: string): void {
    this.#answers.delete(key);
  }
}

/** The work, done when it is first asked for, for all callers; after a failure it is done again. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  const memo = new Memo<T>();
  return () => memo.get('', work);
}
