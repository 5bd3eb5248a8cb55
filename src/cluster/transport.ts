import { fetch, type Response } from 'undici';
import { asSentence } from '../errors.ts';
import { sleep } from '../sleep.ts';
import { Connection } from './connection.ts';
import { ClusterError, isHopeless, type RequestName, refusedError, unreachableError } from './errors.ts';
import type { ClusterAccess } from './kubeconfig.ts';

/** What a client tells while it works. */
export interface ClientEvents {
  /** Each request: method, path, status and milliseconds; no body. */
  readonly onRequest?: (line: string) => void;
  /** Each failed attempt that is made again: its reason, and when. */
  readonly onRetry?: (line: string) => void;
}

/** Milliseconds until a request that got no answer counts as failed. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Milliseconds until a watch must have been accepted: the API server does that before it has anything to tell. */
const ACCEPT_TIMEOUT_MS = 10_000;
/** Milliseconds for which a request is made again while the server cannot be reached or is not well. */
const RETRY_BUDGET_MS = 60_000;
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
}

/**
 * Sends requests to the API server. One that meets a connection error, 408, 429 or 5xx is made again for a minute, with
 * growing delays.
 */
export class Transport {
  readonly #connection: Connection;
  readonly #events: ClientEvents;

  private constructor(connection: Connection, events: ClientEvents) {
    this.#connection = connection;
    this.#events = events;
  }

  /** @throws LaunchpadError `kubeconfig-invalid` */
  static async open(access: ClusterAccess, events: ClientEvents): Promise<Transport> {
    return new Transport(await Connection.open(access), events);
  }

  /** URL of the API server. */
  get server(): string {
    return this.#connection.server;
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
    const deadline = Date.now() + RETRY_BUDGET_MS;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
        const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
        const response = await this.#attempt(request, signal);
        return await readBody(response, { server: this.server, method: request.method, path: request.path });
      } catch (error) {
        request.signal?.throwIfAborted();
        if (!(error instanceof ClusterError) || !isRetried(error)) throw error;
        const delayMs = error.retryAfterMs ?? backoff(attempt);
        if (Date.now() + delayMs > deadline) throw error;
        const left = Math.round((deadline - Date.now()) / 1000);
        this.#events.onRetry?.(
          `${asSentence(error.message)} Attempt ${attempt + 1} in ${(delayMs / 1000).toFixed(1)} s, for ${left} s at most.`,
        );
        await sleep(delayMs, request.signal);
      }
    }
  }

  async #attempt(request: Request, signal: AbortSignal): Promise<Response> {
    const { method, path, query = {}, body, contentType = 'application/json', accept = 'application/json' } = request;
    const name = { server: this.server, method, path };
    const start = performance.now();
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
      throw unreachableError(name, error);
    }
    this.#events.onRequest?.(`${method} ${path} ${response.status} ${Math.round(performance.now() - start)} ms`);
    if (response.ok) return response;
    throw refusedError(name, response.status, await response.text(), response.headers.get('retry-after'));
  }
}

async function readBody(response: Response, name: RequestName): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw unreachableError(name, error);
  }
}

function isRetried(error: ClusterError): boolean {
  return error.status === 0 ? !isHopeless(error) : RETRIED_STATUSES.has(error.status);
}

/** Milliseconds before the next attempt: doubled each time, and jittered so that many clients do not come at once. */
function backoff(attempt: number): number {
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
  return delay * (0.5 + Math.random() / 2);
}

function search(query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? '' : `?${text}`;
}
