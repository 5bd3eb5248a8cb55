import type { Clock } from '../../core/clock.ts';
import { fieldsOf } from '../../core/fields.ts';
import { isConnectionError } from '../connection-errors.ts';
import { type Pod, retryInPod } from '../pod.ts';

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

/** Milliseconds within which the API must answer. */
const TIMEOUT_MS = 30_000;

/** What requests are sent with. */
export interface Sending {
  /** The API in words, such as `DigitalOcean's API`, for the lines about retries. */
  readonly service: string;
  readonly pod: Pod;
}

/**
 * Sends a request, and again after 408, 429, a 5xx or a failed connection: with jittered backoff, or after the time that
 * the API asks for (Retry-After, ratelimit-reset), while the pod has time. Node's fetch respects HTTPS_PROXY and NO_PROXY
 * where NODE_USE_ENV_PROXY is set.
 *
 * @throws HttpError for a status of 400 or more, Node's error for a failed connection
 */
export async function send(request: ApiRequest, sending: Sending): Promise<ApiAnswer> {
  return await retrying(() => sendOnce(request), sending);
}

/** Does work that is more than a request, and retries it as `send` does. */
export async function retrying<T>(work: () => Promise<T>, { service, pod }: Sending): Promise<T> {
  return await retryInPod(pod, service, work, {
    isTransient,
    askedWaitMs: (error) => (error instanceof HttpError ? askedWaitMs(error.answer, pod.clock) : undefined),
  });
}

/** Sends a request once. @throws as `send` */
export async function sendOnce({ method, url, headers, body }: ApiRequest, timeoutMs = TIMEOUT_MS): Promise<ApiAnswer> {
  const response = await fetch(url, {
    method,
    headers,
    // A redirect could carry the token to another host.
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
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
  return fieldsOf(error).name === 'TimeoutError' || isConnectionError(error);
}

/**
 * Milliseconds that the API asks to wait: Retry-After in seconds or as a date (RFC 9110, 10.2.3), else on a 429 the
 * second since 1970 at which DigitalOcean's limit is reset (https://docs.digitalocean.com/reference/api/#rate-limit).
 */
function askedWaitMs({ status, headers }: ApiAnswer, clock: Clock): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const after = headers.get('retry-after');
  if (after !== null && after !== '') {
    const ms = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - clock.wallMs();
    return Number.isNaN(ms) ? undefined : Math.max(0, ms);
  }
  const reset = Number(headers.get('ratelimit-reset') ?? '');
  const isUsedUp = headers.get('ratelimit-remaining') === '0';
  return status === 429 && isUsedUp && reset > 0 ? Math.max(0, reset * 1000 - clock.wallMs()) : undefined;
}
