import { setTimeout } from 'node:timers/promises';
import type { Say } from './report.ts';

/** Milliseconds for which a server that cannot be reached is tried again; Argo's deadline may end it earlier. */
const BUDGET_MS = 120_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;

/** Codes of connections that may come about a little later: a server that restarts, a network that is not up yet. */
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
]);

export interface RetryOptions {
  /** What is tried, in words, such as `MySQL at db:3306`. */
  readonly what: string;
  readonly say: Say;
  /** Whether the error may be gone at the next attempt. */
  readonly isTransient: (error: unknown) => boolean;
  /** Milliseconds that the server itself asks to wait; such a wait does not count against the budget. */
  readonly askedWaitMs?: (error: unknown) => number | undefined;
  /** Milliseconds that are left altogether: a wait that would pass it is not begun. */
  readonly remainingMs?: () => number;
  readonly budgetMs?: number;
}

/** Tries the work again, with growing and jittered delays, as long as it fails for a reason that may pass. */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { what, say, isTransient, askedWaitMs, remainingMs, budgetMs = BUDGET_MS } = options;
  let budgetEndsAt = Date.now() + budgetMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      const asked = askedWaitMs?.(error);
      const delayMs = asked === undefined ? backoffMs(attempt) : asked + Math.random() * FIRST_DELAY_MS;
      if (asked !== undefined) budgetEndsAt += delayMs;
      if (Date.now() + delayMs > budgetEndsAt || delayMs > (remainingMs?.() ?? delayMs)) throw error;
      say(`${what}: ${shortReason(error)}; attempt ${attempt + 1} in ${(delayMs / 1000).toFixed(1)} s`);
      await setTimeout(delayMs);
    }
  }
}

function backoffMs(attempt: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}

/** Why an attempt failed, in a word or two. */
function shortReason(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'status' in error) return `answered ${String(error.status)}`;
  return codeOf(error) ?? 'no answer';
}

/** Whether the connection failed in a way that may pass. */
export function isConnectionError(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && CONNECTION_CODES.has(code);
}

/** Node's code of an error, or of the one that caused it. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return 'cause' in error ? codeOf(error.cause) : undefined;
}
