import { fetch, type Response } from 'undici';
import { type Clock, SYSTEM_CLOCK } from '../../core/clock.ts';
import { abortedAfter } from '../../core/concurrency.ts';
import { asSentence, LaunchpadError, messageOf } from '../../core/errors.ts';
import { retry } from '../../core/retry.ts';
import { Connection } from './connection.ts';
import { ClusterError, isPermanent, type RequestName, refusedError, unreachableError } from './errors.ts';
import type { ClusterAccess } from './kubeconfig.ts';

/** What a client reports while it works. */
export interface ClientOptions {
  /** Each request: method, path, status and milliseconds; no body. */
  readonly onRequest?: (line: string) => void;
  /** Each failed attempt that is made again: its reason, and when. */
  readonly onRetry?: (line: string) => void;
  /** Times the retries. */
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
/** Answers that say "later": too many requests, and a server or a proxy before it that is not well. */
const RETRIED_STATUSES = new Set([408, 429, 500, 502, 503, 504]);
/** One request to the API server. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** How often it is sent; without it until the time for retries is over. */
  readonly attempts?: number;
  /** Whether it only asks; GET always does. */
  readonly isQuestion?: boolean;
}

/**
 * Sends requests to the API server. One that meets a connection error, 408, 429 or 5xx is made again for a minute, with
 * growing delays.
 */
export class Transport {
  readonly #connection: Connection;
  readonly #options: ClientOptions;
  readonly #cancelled: AbortSignal | undefined;
  readonly #abandoned: AbortSignal | undefined;

  readonly #isReadOnly: boolean;

  private constructor(
    connection: Connection,
    options: ClientOptions,
    {
      cancelled,
      isReadOnly = false,
    }: { readonly cancelled?: AbortSignal | undefined; readonly isReadOnly?: boolean } = {},
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#isReadOnly = isReadOnly;
    this.#cancelled = cancelled;
    this.#abandoned = cancelled === undefined ? undefined : abortedAfter(cancelled, LAST_ANSWER_MS);
  }

  /** @throws LaunchpadError `kubeconfig-invalid` */
  static async open(access: ClusterAccess, options: ClientOptions): Promise<Transport> {
    return new Transport(await Connection.open(access), options);
  }

  /**
   * The same transport for work that the signal cancels: then nothing more is sent and questions under way are dropped,
   * with the signal's reason. What changes something is given a moment for its answer, as it may be done already.
   */
  until(signal: AbortSignal): Transport {
    return new Transport(this.#connection, this.#options, { cancelled: signal, isReadOnly: this.#isReadOnly });
  }

  /** The same transport, which refuses, before anything is sent, every request by which something would be stored. */
  readOnly(): Transport {
    return new Transport(this.#connection, this.#options, { cancelled: this.#cancelled, isReadOnly: true });
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
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new Error(`none within ${ACCEPT_TIMEOUT_MS / 1000} s`)),
      ACCEPT_TIMEOUT_MS,
    );
    const response = await this.#attempt(request, AbortSignal.any([signal, late.signal])).finally(() =>
      clearTimeout(timer),
    );
    onAnswer?.();
    let rest = '';
    try {
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        yield* lines.filter((line) => line !== '');
      }
    } catch (error) {
      throw unreachableError({ server: this.server, method: 'GET', path: `${request.path}?watch` }, error);
    }
  }

  /** The answer's body, as the JSON that the caller knows it to be. */
  async json<T>(request: Request): Promise<T> {
    const body: T = JSON.parse(await this.text(request));
    return body;
  }

  /** Sends the request, again where that may help, and gives back the body of the answer. */
  async text(request: Request): Promise<string> {
    const name = { server: this.server, method: request.method, path: request.path };
    return await retry(async () => await readBody(await this.#attempt(request, this.#limitOf(request)), name), {
      isTransient: (error) => error instanceof ClusterError && isRetried(error),
      askedWaitMs: (error) => (error instanceof ClusterError ? error.retryAfterMs : undefined),
      ...(request.attempts === undefined ? {} : { attempts: request.attempts }),
      budgetMs: RETRY_BUDGET_MS,
      firstDelayMs: FIRST_DELAY_MS,
      longestDelayMs: LONGEST_DELAY_MS,
      onRetry: ({ error, attempt, delayMs, leftMs }) =>
        this.#options.onRetry?.(
          `${asSentence(messageOf(error))} Attempt ${attempt} in ${(delayMs / 1000).toFixed(1)} s, for ${Math.round(leftMs / 1000)} s at most.`,
        ),
      signal: anyOf([this.#cancelled, request.signal]),
      clock: this.clock,
    });
  }

  /** What ends one attempt: no answer for long, the caller, or the cancellation of all that it belongs to. */
  #limitOf({ method, isQuestion = method === 'GET', signal }: Request): AbortSignal {
    const cancelled = isQuestion ? this.#cancelled : this.#abandoned;
    return anyOf([AbortSignal.timeout(REQUEST_TIMEOUT_MS), signal, cancelled]);
  }

  async #attempt(request: Request, signal: AbortSignal): Promise<Response> {
    if (this.#isReadOnly) requireReadOnly(request);
    const { method, path, query = {}, body, contentType = 'application/json', accept = 'application/json' } = request;
    const name = { server: this.server, method, path };
    const start = performance.now();
    const report = (outcome: string | number) =>
      this.#options.onRequest?.(`${method} ${path} ${outcome} ${Math.round(performance.now() - start)} ms`);
    let response: Response;
    try {
      const { headers, dispatcher } = await this.#connection.authorize();
      response = await fetch(`${this.server}${path}${search(query)}`, {
        method,
        headers: { ...headers, accept, ...(body === undefined ? {} : { 'content-type': contentType }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(dispatcher === undefined ? {} : { dispatcher }),
        signal,
      });
    } catch (error) {
      report('no answer');
      throw unreachableError(name, error);
    }
    report(response.status);
    if (response.ok) return response;
    throw refusedError(name, response.status, await response.text(), response.headers.get('retry-after'));
  }
}

function anyOf(signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}

async function readBody(response: Response, name: RequestName): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw unreachableError(name, error);
  }
}

function isRetried(error: ClusterError): boolean {
  return error.status === 0 ? !isPermanent(error) : RETRIED_STATUSES.has(error.status);
}

function search(query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? '' : `?${text}`;
}

const ACCESS_REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

/**
 * Requires that the API server stores nothing for this request: it reads, asks what we may do, or is a server-side apply
 * with `dryRun=All` (https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run).
 *
 * @throws LaunchpadError `read-only` for every other request
 */
function requireReadOnly({ method, path, query, contentType }: Request): void {
  const isReview = method === 'POST' && path === ACCESS_REVIEWS;
  const isDryApply = contentType === 'application/apply-patch+yaml' && query?.dryRun === 'All' && method === 'PATCH';
  if (method === 'GET' || isReview || isDryApply) return;
  throw new LaunchpadError('read-only', `A dry run does not send ${method} ${path}, which would change the cluster.`, {
    remedy: 'This is a fault of the action: please report it. Nothing was changed.',
  });
}
