import { type Clock, SYSTEM_CLOCK } from '../core/clock.ts';
import { LaunchpadError, messageOf } from '../core/errors.ts';
import { retry } from '../core/retry.ts';
import type { GitResult } from './git.ts';
import type { Classified } from './refusals.ts';

/** Where is fetched from, and pushed to. */
export interface Remote {
  /** Such as `origin`; or a URL. */
  readonly name: string;
  /** Without credentials. */
  readonly url: string;
  /** Short name of the branch that the run is about. */
  readonly branch: string;
  readonly onRetry?: ((line: string) => void) | undefined;
  /** Ends the wait before the next attempt. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** Attempts of a fetch or a push in all. */
export const TRIES = 5;
/** Milliseconds within which the last attempt begins, whatever a server asks to wait. */
const BUDGET_MS = 300_000;
/** Milliseconds before the next attempt after too many requests, if the server does not say how long. */
const RATE_LIMIT_MS = 15_000;

/** An attempt that failed, and may succeed the next time. */
class TransientFailure extends Error {
  readonly error: LaunchpadError;
  /** Milliseconds that the server asks to wait. */
  readonly askedMs: number | undefined;

  constructor(error: LaunchpadError, askedMs: number | undefined) {
    super(error.message);
    this.error = error;
    this.askedMs = askedMs;
  }
}

/** The error of a failed attempt, for `retryTransient`. */
export function failedAttempt(
  { error, isTransient }: Classified,
  { retryAfter }: Pick<GitResult, 'retryAfter'>,
  { clock = SYSTEM_CLOCK }: Pick<Remote, 'clock'>,
): Error {
  if (!isTransient) return error;
  const askedMs = retryAfter === undefined ? undefined : waitOf(retryAfter, clock);
  if (askedMs === undefined)
    return new TransientFailure(error, error.code === 'rate-limited' ? RATE_LIMIT_MS : undefined);
  const { code, message, remedy, title } = error;
  const asks = `It asks to wait ${Math.ceil(askedMs / 1_000)} seconds.`;
  return new TransientFailure(new LaunchpadError(code, `${message} ${asks}`, { remedy, title }), askedMs);
}

/** Milliseconds of a header Retry-After: seconds or a date (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after). */
function waitOf(retryAfter: string, clock: Clock): number | undefined {
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.wallMs());
}

/**
 * Does the work again while it throws a failed attempt that is transient: the connection failed, or somebody else pushed
 * first. The jitter of the delays parts two that race.
 */
export async function retryTransient<T>({ onRetry, signal, clock }: Remote, work: () => Promise<T>): Promise<T> {
  try {
    return await retry(work, {
      isTransient: (error) => error instanceof TransientFailure,
      attempts: TRIES,
      budgetMs: BUDGET_MS,
      askedWaitMs: (error) => (error instanceof TransientFailure ? error.askedMs : undefined),
      firstDelayMs: 500,
      longestDelayMs: 8_000,
      onRetry: ({ error, attempt }) => onRetry?.(`${messageOf(error)} Trying again (${attempt} of ${TRIES}).`),
      signal,
      ...(clock === undefined ? {} : { clock }),
    });
  } catch (error) {
    throw error instanceof TransientFailure ? error.error : error;
  }
}
