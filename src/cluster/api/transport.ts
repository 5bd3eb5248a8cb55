import { fetch, type Response } from 'undici';
import { type Clock, SYSTEM_CLOCK, withLimit } from '../../core/clock.ts';
import { abortedAfter, anyOf } from '../../core/concurrency.ts';
import { asSentence, messageOf } from '../../core/errors.ts';
import { retry } from '../../core/retry.ts';
import { readObject, readText, refusalOf, requireNoPage } from './answer.ts';
import { type Authorized, Connection } from './connection.ts';
import {
  ClusterError,
  invalidAnswerError,
  isUnauthorized,
  type RequestName,
  unauthorizedError,
  unreachableError,
} from './errors.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { Pace } from './pace.ts';
import { proxiedError } from './proxy.ts';
import { isUnconditional, type ObjectRequest, type Request, requireReadOnly } from './request.ts';

/** What a client reports while it works. */
export interface ClientOptions {
  /** Each request: method, path, status and milliseconds; no body. */
  readonly onRequest?: (line: string) => void;
  /** Each failed attempt that is made again: its reason, and when. */
  readonly onRetry?: (line: string) => void;
  /** Times the retries and the limits. */
  readonly clock?: Clock;
}

/** Milliseconds until a request that got no answer counts as failed. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Milliseconds until a watch must have been accepted: the API server does that before it has anything to tell. */
const ACCEPT_TIMEOUT_MS = 10_000;
/** Milliseconds for which a request is made again while the server cannot be reached or is not well. */
const RETRY_BUDGET_MS = 60_000;
/** Milliseconds that a request that changes something gets for its answer after the work was cancelled. */
const LAST_ANSWER_MS = 2_000;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;
/** Characters of the longest line of a watch: several times those of the largest object that etcd takes. */
const LONGEST_LINE = 16 * 1024 * 1024;
/** Answers that say "later": too many requests, and each 5xx but those that say "never". */
const isLater = (status: number) => status === 408 || status === 429 || (status >= 500 && !NEVER.has(status));
/** Not implemented, HTTP version not supported, storage is full. */
const NEVER = new Set([501, 505, 507]);

/** What a transport's requests are part of. */
interface Scope {
  readonly cancelled?: AbortSignal | undefined;
  readonly beforeChange?: (() => void) | undefined;
  readonly isReadOnly?: boolean;
}

/**
 * Sends requests to the API server. One that meets a connection error, an answer that is cut or not the API server's, 408,
 * 429 or 5xx is made again for a minute, with growing delays. After 401 the credentials are asked for anew, once.
 */
export class Transport {
  readonly #connection: Connection;
  readonly #pace: Pace;
  readonly #options: ClientOptions;
  readonly #cancelled: AbortSignal | undefined;
  readonly #abandoned: AbortSignal | undefined;

  readonly #beforeChange: (() => void) | undefined;
  readonly #isReadOnly: boolean;

  private constructor(
    connection: Connection,
    pace: Pace,
    options: ClientOptions,
    { cancelled, beforeChange, isReadOnly = false }: Scope = {},
  ) {
    this.#connection = connection;
    this.#pace = pace;
    this.#options = options;
    this.#isReadOnly = isReadOnly;
    this.#beforeChange = beforeChange;
    this.#cancelled = cancelled;
    this.#abandoned = cancelled === undefined ? undefined : abortedAfter(cancelled, LAST_ANSWER_MS);
  }

  /** @throws LaunchpadError `kubeconfig-invalid` */
  static async open(access: ClusterAccess, options: ClientOptions): Promise<Transport> {
    const clock = options.clock ?? SYSTEM_CLOCK;
    return new Transport(await Connection.open(access, clock), new Pace(clock), options);
  }

  /**
   * The same transport for work that the signal cancels: then nothing more is sent and questions under way are dropped,
   * with the signal's reason. What changes something is given a moment for its answer, as it may be done already.
   *
   * @param beforeChange called directly before each change is sent; it aborts the signal and throws where none may begin
   */
  until(signal: AbortSignal, beforeChange?: () => void): Transport {
    const scope = { cancelled: signal, beforeChange, isReadOnly: this.#isReadOnly };
    return new Transport(this.#connection, this.#pace, this.#options, scope);
  }

  /** The same transport, which refuses, before anything is sent, every request by which something would be stored. */
  readOnly(): Transport {
    return new Transport(this.#connection, this.#pace, this.#options, { cancelled: this.#cancelled, isReadOnly: true });
  }

  /** URL of the API server. */
  get server(): string {
    return this.#connection.server;
  }

  get clock(): Clock {
    return this.#options.clock ?? SYSTEM_CLOCK;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  /**
   * The lines of an answer, as they come. It is not made again when it breaks.
   *
   * @param onAnswer called when the answer has begun
   */
  async *lines(request: Request, signal: AbortSignal, onAnswer?: () => void): AsyncGenerator<string> {
    const name = { server: this.server, method: 'GET', path: `${request.path}?watch` };
    const limit = { clock: this.clock, ms: REQUEST_TIMEOUT_MS, signals: [signal] };
    await this.#pace.turn(anyOf([signal, this.#cancelled]));
    const response = await withLimit(limit, async (until) => {
      const answer = await this.#answer(request, until, ACCEPT_TIMEOUT_MS);
      await requireNoPage(answer, name);
      return answer;
    });
    onAnswer?.();
    let rest = '';
    try {
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        yield* lines.filter((line) => line !== '');
        if (rest.length > LONGEST_LINE) throw invalidAnswerError(name, response.status, 'a line without an end');
      }
    } catch (error) {
      throw error instanceof ClusterError ? error : unreachableError(name, error, { verb: 'cut its answer to' });
    }
  }

  /** The object in the answer, of one of the request's kinds. */
  async json<T>(request: ObjectRequest): Promise<T> {
    return await this.#send(request, (response, name) => readObject<T>(response, name, request.kinds));
  }

  /** The body of the answer. */
  async text(request: Request): Promise<string> {
    return await this.#send(request, readText);
  }

  /** Sends the request, again where that may help, and reads the answer. */
  async #send<T>(request: Request, read: (response: Response, name: RequestName) => Promise<T>): Promise<T> {
    const name = { server: this.server, method: request.method, path: request.path };
    const limit = { clock: this.clock, ms: REQUEST_TIMEOUT_MS, signals: this.#signalsOf(request) };
    const attempt = async () => {
      if (request.isUrgent !== true) await this.#pace.turn(anyOf([this.#cancelled, request.signal]));
      return await withLimit(
        limit,
        async (signal) => await read(await this.#answer(request, signal, REQUEST_TIMEOUT_MS), name),
      );
    };
    return await retry(attempt, {
      isTransient: (error) => error instanceof ClusterError && isRetried(error, request),
      askedWaitMs: (error) => (error instanceof ClusterError ? error.retryAfterMs : undefined),
      ...(request.attempts === undefined ? {} : { attempts: request.attempts }),
      budgetMs: RETRY_BUDGET_MS,
      firstDelayMs: FIRST_DELAY_MS,
      longestDelayMs: LONGEST_DELAY_MS,
      onRetry: ({ error, attempt: next, delayMs, leftMs }) => {
        if (error instanceof ClusterError && error.retryAfterMs !== undefined) this.#pace.pause(error.retryAfterMs);
        this.#options.onRetry?.(
          `${asSentence(messageOf(error))} Attempt ${next} in ${(delayMs / 1000).toFixed(1)} s, for ${Math.round(leftMs / 1000)} s at most.`,
        );
      },
      signal: anyOf([this.#cancelled, request.signal]),
      clock: this.clock,
    });
  }

  /** What ends one attempt besides its time: the caller, or the cancellation of all that it belongs to. */
  #signalsOf(request: Request): (AbortSignal | undefined)[] {
    return [request.signal, isQuestion(request) ? this.#cancelled : this.#abandoned];
  }

  /** The answer of a success. @param acceptMs milliseconds until it must have begun */
  async #answer(request: Request, signal: AbortSignal, acceptMs: number): Promise<Response> {
    if (this.#isReadOnly) requireReadOnly(request);
    const limit = { clock: this.clock, ms: acceptMs, signals: [signal] };
    for (let isSecond = false; ; isSecond = true) {
      const authorized = await this.#connection.authorize(signal);
      try {
        return await withLimit(limit, (until) => this.#attempt(request, authorized, until));
      } catch (error) {
        if (!isUnauthorized(error)) throw error;
        const isAnew = !isSecond && (await this.#connection.renew(authorized, signal));
        if (!isAnew) throw unauthorizedError(error, this.#connection.credentials, isSecond);
      }
    }
  }

  async #attempt(request: Request, { headers, dispatcher, proxy }: Authorized, signal: AbortSignal): Promise<Response> {
    const { method, path, query = {}, body, contentType = 'application/json', accept = 'application/json' } = request;
    const name = { server: this.server, method, path };
    const { clock } = this;
    const start = clock.monotonicMs();
    const report = (outcome: string | number) =>
      this.#options.onRequest?.(`${method} ${path} ${outcome} ${Math.round(clock.monotonicMs() - start)} ms`);
    if (!isQuestion(request)) this.#beforeChange?.();
    let response: Response;
    try {
      response = await fetch(`${this.server}${path}${search(query)}`, {
        method,
        headers: { ...headers, accept, ...(body === undefined ? {} : { 'content-type': contentType }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(dispatcher === undefined ? {} : { dispatcher }),
        signal,
      });
    } catch (error) {
      report('no answer');
      throw proxy === undefined ? unreachableError(name, error) : proxiedError(name, error, proxy);
    }
    report(response.status);
    if (response.ok) return response;
    throw await refusalOf(response, name);
  }
}

function isQuestion({ method, isQuestion = method === 'GET' }: Request): boolean {
  return isQuestion;
}

function isRetried(error: ClusterError, request: Request): boolean {
  if (error.isPermanent || error.status === 0) return !error.isPermanent;
  return isLater(error.status) || (error.reason === 'Conflict' && isUnconditional(request));
}

function search(query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? '' : `?${text}`;
}
