import type { Say } from '../report.ts';
import { retry } from '../retry.ts';
import { nameOf } from './answers.ts';

export interface RetryWhileOptions {
  /** What is tried, in words, such as `Making bucket media`. */
  readonly what: string;
  readonly say: Say;
  /** Whether the service may answer otherwise a little later. */
  readonly isTransient: (error: unknown) => boolean;
  /** Milliseconds for which it is tried; without it, those of `retry`. */
  readonly budgetMs?: number;
}

/**
 * Makes a request again as long as the service refuses it for a reason that passes: what the SDK takes for final, since
 * it knows no more than the status. The last refusal is thrown.
 */
export async function retryWhile<T>(request: () => Promise<T>, options: RetryWhileOptions): Promise<T> {
  const { isTransient, ...rest } = options;
  try {
    return await retry(
      async () => {
        try {
          return await request();
        } catch (error) {
          throw isTransient(error) ? new TransientError(error) : error;
        }
      },
      { ...rest, isTransient: (error) => error instanceof TransientError },
    );
  } catch (error) {
    throw error instanceof TransientError ? error.cause : error;
  }
}

/** Carries the service's code where `retry` looks for that of Node, so that the log says why it waits. */
class TransientError extends Error {
  readonly code: string;

  constructor(cause: unknown) {
    super('The service refused for now.', { cause });
    this.code = nameOf(cause);
  }
}
