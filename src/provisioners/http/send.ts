import type { Deadline } from '../deadline.ts';
import type { Say } from '../report.ts';
import { isConnectionError, retry } from '../retry.ts';

/** A request to a vendor's API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The body where it is JSON, else undefined. */
  readonly body: unknown;
}

/** An answer with a status of 400 or more. */
export class HttpError extends Error {
  readonly status: number;
  readonly answer: ApiAnswer;

  constructor(answer: ApiAnswer) {
    super(`HTTP status ${answer.status}`);
    this.name = 'HttpError';
    this.status = answer.status;
    this.answer = answer;
  }
}

/** Milliseconds until an answer must be there. */
const TIMEOUT_MS = 30_000;

/** What requests are sent with. */
export interface Sending {
  /** The API in words, such as `DigitalOcean's API`, for the lines about retries. */
  readonly service: string;
  readonly say: Say;
  readonly deadline: Deadline;
}

/**
 * Sends a request, and again where it failed by 408, 429, a 5xx or the connection: with jittered backoff, or as long
 * after as the API asks for (Retry-After, ratelimit-reset), inside the workflow's deadline. Node's fetch goes by
 * HTTPS_PROXY and NO_PROXY where NODE_USE_ENV_PROXY is set.
 *
 * @throws HttpError for a status of 400 or more, Node's error for a connection that did not come about
 */
export async function send(request: ApiRequest, sending: Sending): Promise<ApiAnswer> {
  return await retrying(() => sendOnce(request), sending);
}

/** Does work again that failed as `send` says: for work that is more than a request. */
export async function retrying<T>(work: () => Promise<T>, { service, say, deadline }: Sending): Promise<T> {
  return await retry(work, {
    what: service,
    say,
    isTransient,
    askedWaitMs: (error) => (error instanceof HttpError ? askedWaitMs(error.answer) : undefined),
    remainingMs: () => deadline.remainingMs(),
  });
}

/** Sends a request once. @throws as `send` */
export async function sendOnce({ method, url, headers, body }: ApiRequest): Promise<ApiAnswer> {
  const response = await fetch(url, {
    method,
    headers,
    // A redirect could carry the token to another host.
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body }),
  });
  const answer = { status: response.status, headers: response.headers, body: parse(await response.text()) };
  if (response.status >= 400) throw new HttpError(answer);
  return answer;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof HttpError) return error.status === 408 || error.status === 429 || error.status >= 500;
  const isTimeout = error instanceof Error && error.name === 'TimeoutError';
  return isTimeout || isConnectionError(error);
}

/**
 * Milliseconds that the API asks to wait: Retry-After in seconds or as a date (RFC 9110, 10.2.3), else on a 429 the
 * second since 1970 at which DigitalOcean's limit is reset (https://docs.digitalocean.com/reference/api/#rate-limit).
 */
export function askedWaitMs({ status, headers }: ApiAnswer): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const after = headers.get('retry-after');
  if (after !== null && after !== '') {
    const ms = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now();
    return Number.isNaN(ms) ? undefined : Math.max(0, ms);
  }
  const reset = Number(headers.get('ratelimit-reset') ?? '');
  const isUsedUp = headers.get('ratelimit-remaining') === '0';
  return status === 429 && isUsedUp && reset > 0 ? Math.max(0, reset * 1000 - Date.now()) : undefined;
}
