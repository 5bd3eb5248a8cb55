import type { Clock } from '../core/clock.ts';
import { type LaunchpadError, messageOf } from '../core/errors.ts';
import { retry } from '../core/retry.ts';
import { classify } from './refusals.ts';

/** Where is fetched from, and pushed to. */
export interface Remote {
  /** Such as `origin`; or a URL. */
  readonly name: string;
  /** Without credentials. */
  readonly url: string;
  /** Short name of the branch that the run is about. */
  readonly branch: string;
  readonly onLine?: ((line: string) => void) | undefined;
  /** Ends the wait before the next attempt. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** Attempts of a fetch or a push in all. */
export const TRIES = 5;
const TRANSIENT: readonly string[] = ['repository-unreachable', 'push-outrun'];

/** An attempt that failed, and may succeed the next time. */
class TransientFailure extends Error {
  readonly error: LaunchpadError;

  constructor(error: LaunchpadError) {
    super(error.message);
    this.error = error;
  }
}

/**
 * The error of a failed attempt, for `retryTransient`.
 *
 * @param stderr of git
 * @param describe makes the error that the caller gets
 */
export function failedAttempt(
  stderr: string,
  remote: Remote,
  describe: (stderr: string, remote: Remote) => LaunchpadError = classify,
): Error {
  const error = describe(stderr, remote);
  return TRANSIENT.includes(classify(stderr, remote).code) ? new TransientFailure(error) : error;
}

/**
 * Does the work again while it throws a failed attempt that is transient: the connection failed, or somebody else pushed
 * first. The jitter of the delays parts two that race.
 */
export async function retryTransient<T>({ onLine, signal, clock }: Remote, work: () => Promise<T>): Promise<T> {
  try {
    return await retry(work, {
      isTransient: (error) => error instanceof TransientFailure,
      attempts: TRIES,
      firstDelayMs: 300,
      longestDelayMs: 1_000,
      onRetry: ({ error, attempt }) => onLine?.(`${messageOf(error)} Trying again (${attempt} of ${TRIES}).`),
      signal,
      ...(clock === undefined ? {} : { clock }),
    });
  } catch (error) {
    throw error instanceof TransientFailure ? error.error : error;
  }
}
