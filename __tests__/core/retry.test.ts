import type { Clock } from '../../src/core/clock.ts';
import { backoffMs, type Retry, type RetryOptions, retry } from '../../src/core/retry.ts';

/** Time that passes only by sleeping. */
function heldClock(): Clock & { readonly sleeps: number[] } {
  const sleeps: number[] = [];
  const now = () => sleeps.reduce((sum, ms) => sum + ms, 0);
  const sleep = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    sleeps.push(ms);
  };
  return { sleeps, wallMs: now, monotonicMs: now, sleep };
}

const DELAYS = { firstDelayMs: 100, longestDelayMs: 1_000 };
const transient = new Error('transient');

/** Work that fails so often, then gives the number of the attempt. */
function failing(times: number, error: unknown = transient) {
  return async (attempt: number) => {
    if (attempt <= times) throw error;
    return attempt;
  };
}

function outcomeOf(work: (attempt: number) => Promise<number>, options: Partial<RetryOptions> = {}) {
  const clock = heldClock();
  const result = retry(work, { isTransient: (error) => error === transient, ...DELAYS, clock, ...options });
  return { result, sleeps: clock.sleeps };
}

describe('a retry', () => {
  it('gives the result of the first attempt that succeeds, after growing delays', async () => {
    const { result, sleeps } = outcomeOf(failing(5), { attempts: 6 });
    await expect(result).resolves.toBe(6);
    const most = [100, 200, 400, 800, 1_000];
    expect(sleeps).toHaveLength(most.length);
    for (const [index, ms] of sleeps.entries()) {
      expect(ms).toBeGreaterThanOrEqual((most[index] ?? 0) / 2);
      expect(ms).toBeLessThanOrEqual(most[index] ?? 0);
    }
  });

  it('throws an error that is not transient at once', async () => {
    const permanent = new Error('permanent');
    const { result, sleeps } = outcomeOf(failing(1, permanent));
    await expect(result).rejects.toBe(permanent);
    expect(sleeps).toEqual([]);
  });

  it('throws the last error after the last attempt', async () => {
    const { result, sleeps } = outcomeOf(failing(9), { attempts: 3 });
    await expect(result).rejects.toBe(transient);
    expect(sleeps).toHaveLength(2);
  });

  it('begins no delay that would pass its budget', async () => {
    const { result, sleeps } = outcomeOf(failing(99), { budgetMs: 1_500 });
    await expect(result).rejects.toBe(transient);
    expect(sleeps.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(1_500);
    expect(sleeps.length).toBeGreaterThan(1);
  });

  it('begins no delay that would pass the time that is left altogether', async () => {
    const { result, sleeps } = outcomeOf(failing(1), { remainingMs: () => 49 });
    await expect(result).rejects.toBe(transient);
    expect(sleeps).toEqual([]);
  });

  it('waits at least as long as the server asks', async () => {
    const { result, sleeps } = outcomeOf(failing(1), { askedWaitMs: () => 7_000 });
    await expect(result).resolves.toBe(2);
    expect(sleeps[0]).toBeGreaterThanOrEqual(7_000);
    expect(sleeps[0]).toBeLessThan(7_100);
  });

  it('counts that wait only if it does not extend the budget', async () => {
    const options = { budgetMs: 1_000, askedWaitMs: () => 7_000 };
    await expect(outcomeOf(failing(1), options).result).rejects.toBe(transient);
    await expect(outcomeOf(failing(1), { ...options, extendsBudget: true }).result).resolves.toBe(2);
  });

  it('reports each attempt that follows', async () => {
    const retries: Retry[] = [];
    const { result, sleeps } = outcomeOf(failing(2), { budgetMs: 5_000, onRetry: (next) => retries.push(next) });
    await result;
    expect(retries).toMatchObject([
      { error: transient, attempt: 2, delayMs: sleeps[0], leftMs: 5_000 },
      { error: transient, attempt: 3, delayMs: sleeps[1] },
    ]);
  });

  it('ends with the reason of its signal, before an attempt, during one and during a delay', async () => {
    const reason = new Error('cancelled');
    const begun: number[] = [];
    const count = async (attempt: number) => begun.push(attempt);
    await expect(outcomeOf(count, { signal: AbortSignal.abort(reason) }).result).rejects.toBe(reason);
    expect(begun).toEqual([]);

    const during = new AbortController();
    const aborting = async (): Promise<number> => {
      during.abort(reason);
      throw transient;
    };
    await expect(outcomeOf(aborting, { signal: during.signal }).result).rejects.toBe(reason);

    const delayed = new AbortController();
    const options = { signal: delayed.signal, onRetry: () => delayed.abort(reason) };
    await expect(outcomeOf(failing(1), options).result).rejects.toBe(reason);
  });
});

it('a delay doubles up to the longest one, with a jitter of at most half of it', () => {
  for (const [attempt, most] of [
    [1, 100],
    [2, 200],
    [9, 1_000],
  ] as const) {
    expect(backoffMs(attempt, DELAYS)).toBeGreaterThanOrEqual(most / 2);
    expect(backoffMs(attempt, DELAYS)).toBeLessThanOrEqual(most);
  }
});
