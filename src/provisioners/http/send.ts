import type { Clock } from '../../core/clock.ts';
import { type Fields, fieldsOf, isFields } from '../../core/fields.ts';
import { hintOf } from '../causes.ts';
import { connectionError, isConnectionError, messageOf } from '../connection-errors.ts';
import { type Pod, retryInPod } from '../pod.ts';
import { ProvisionerError } from '../provisioner-error.ts';

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
  readonly isEmpty: boolean;
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

/** An answer of success that is not what the API's document says: a proxy's page, or one that lacks a required part. */
class InvalidAnswer extends Error {
  /** For the line about the next attempt. */
  readonly status: string;

  /** @param lacks the required part; without it the answer is no JSON */
  constructor({ status, headers }: ApiAnswer, lacks?: string) {
    const type = headers.get('content-type')?.replace(/;.*$/s, '') ?? 'without a content type';
    const problem = lacks === undefined ? 'is not JSON' : `lacks ${lacks}`;
    super(`the answer (${status}, ${type}) ${problem}`);
    this.name = 'InvalidAnswer';
    this.status = `${status}, but the answer ${problem}`;
  }
}

/** The fields of an answer. @throws InvalidAnswer where it is no JSON object */
export function fieldsIn(answer: ApiAnswer): Fields {
  if (isFields(answer.body)) return answer.body;
  throw new InvalidAnswer(answer);
}

/** A part of an answer that its document requires. @throws InvalidAnswer where there is none */
export function need<T>(answer: ApiAnswer, name: string, value: T | undefined): T {
  if (value === undefined) throw new InvalidAnswer(answer, name);
  return value;
}

/** Requires the answer to a deletion, which is empty or JSON. @throws InvalidAnswer */
export function requireDeletion(answer: ApiAnswer): void {
  if (answer.body === undefined && !answer.isEmpty) throw new InvalidAnswer(answer);
}

/** Milliseconds within which the API must answer. */
const TIMEOUT_MS = 30_000;

/** What requests are sent with. */
export interface Sending {
  /** The API in words, such as `DigitalOcean's API`, for the lines about retries. */
  readonly service: string;
  readonly pod: Pod;
}

/** Whether a refusal is about another change that is under way. */
export type IsConflict = (error: unknown) => boolean;

/** Another client's write, or a cluster that is being changed (RFC 9110, 15.5.10). */
function isConflict(error: unknown): boolean {
  return error instanceof HttpError && error.status === 409;
}

/**
 * Sends a request, and again after 408, 429, a 5xx or a failed connection: with jittered backoff, or after the time that
 * the API asks for (Retry-After, ratelimit-reset), while the pod has time; after a conflict for as long as the pod has.
 * Node's fetch respects HTTPS_PROXY and NO_PROXY where NODE_USE_ENV_PROXY is set.
 *
 * @param read takes what is needed from the answer. @throws InvalidAnswer where it lacks that: it is asked for again
 * @throws HttpError for a status of 400 or more, Node's error for a failed connection
 */
export async function send<T>(
  request: ApiRequest,
  sending: Sending,
  read: (answer: ApiAnswer) => T,
  conflict: IsConflict = isConflict,
): Promise<T> {
  return await retrying(async () => read(await sendOnce(request)), sending, conflict);
}

/** Does work that is more than a request, and retries it as `send` does. */
export async function retrying<T>(
  work: () => Promise<T>,
  { service, pod }: Sending,
  conflict: IsConflict = isConflict,
): Promise<T> {
  const attempt = () =>
    retryInPod(pod, service, work, {
      isTransient,
      askedWaitMs: (error) => (error instanceof HttpError ? askedWaitMs(error.answer, pod.clock) : undefined),
    });
  return await retryInPod(pod, service, attempt, { isTransient: conflict, budgetMs: pod.remainingMs() });
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
  const text = await response.text();
  const { status } = response;
  const answer = { status, headers: response.headers, body: parse(text), isEmpty: text.trim() === '' };
  if (status >= 400) throw new HttpError(answer);
  return answer;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Not implemented, HTTP version not supported: that does not change. */
const PERMANENT = new Set([501, 505]);

function isTransient(error: unknown): boolean {
  if (error instanceof InvalidAnswer) return true;
  if (error instanceof HttpError) {
    const { status } = error;
    return status === 408 || status === 429 || (status >= 500 && !PERMANENT.has(status));
  }
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

/** A call of a vendor's API, for its error. */
export interface ApiCall {
  /** Such as `Atlas's API`; its first word begins the error's code. */
  readonly service: string;
  readonly host: string;
  /** What was tried, in words. */
  readonly doing: string;
}

/** What an API's answer means. */
export interface Explanation {
  /** In kebab-case. */
  readonly code: string;
  /** The status, and the API's own message and request ID. */
  readonly problem: string;
  /** What to check. */
  readonly hint: string;
}

/** The error of a call that failed: by an answer, or without one. */
export function apiError(
  error: unknown,
  { service, host, doing }: ApiCall,
  explain: (answer: ApiAnswer) => Explanation,
): ProvisionerError {
  if (error instanceof ProvisionerError) return error;
  const lost = error instanceof HttpError ? undefined : connectionError(error, service, host);
  if (lost !== undefined) return lost;
  const [prefix = ''] = service.toLowerCase().split(/\W/);
  const { code, problem, hint } = error instanceof HttpError ? explain(error.answer) : withoutStatus(error, prefix);
  return new ProvisionerError(code, `${service} at ${host}: ${doing} failed: ${problem}.`, {
    host,
    hint,
    cause: error,
  });
}

function withoutStatus(error: unknown, prefix: string): Explanation {
  const problem = messageOf(error);
  if (error instanceof InvalidAnswer)
    return { code: `${prefix}-invalid-answer`, problem, hint: hintOf('atlas-invalid-answer') };
  const hint = 'Check that the pods of the cluster reach the API, through a proxy where they need one.';
  return { code: `${prefix}-no-answer`, problem, hint };
}

/** The answer that an error came from, if there was one. */
export function answerOf(error: unknown): ApiAnswer | undefined {
  const cause = error instanceof ProvisionerError ? error.cause : error;
  return cause instanceof HttpError ? cause.answer : undefined;
}
