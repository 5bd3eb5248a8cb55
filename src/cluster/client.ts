import { setTimeout } from 'node:timers/promises';
import { fetch, type Response } from 'undici';
import { Connection } from './connection.ts';
import { ClusterError, isHopeless, isNotFound, type RequestName, refusedError, unreachableError } from './errors.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { FIELD_MANAGER } from './names.ts';
import {
  collectionPath,
  groupPath,
  type KubeObject,
  type ListedType,
  type ObjectRef,
  objectPath,
  refOf,
} from './objects.ts';

/** What a client tells while it works. */
export interface ClientEvents {
  /** Each request: method, path, status and milliseconds; no body. */
  readonly onRequest?: (line: string) => void;
  /** Each failed attempt that is made again: its reason, and when. */
  readonly onRetry?: (line: string) => void;
}

/** Milliseconds until a request that got no answer counts as failed. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Milliseconds for which a request is made again while the server cannot be reached or is not well. */
const RETRY_BUDGET_MS = 60_000;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;
/** Answers that say "later": too many requests, and a server or a proxy before it that is not well. */
const RETRIED_STATUSES = new Set([408, 429, 500, 502, 503, 504]);
/** The answer's metadata is enough: a ConfigMap with a program need not come back whole. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

/**
 * The Kubernetes API as the action uses it: objects in, objects out, as plain JSON. client-node loads the kubeconfig and
 * authenticates; the requests are made here, as its generated classes ask discovery for every group, turn times into
 * Dates of lesser precision, and give up a watch after 30 s.
 *
 * Requests that meet a connection error, 408, 429 or 5xx are made again for a minute, with growing delays. A POST may so
 * meet the object that its first attempt stored: give objects that must be made once a name of their own, and take
 * `AlreadyExists` for that.
 */
export class Cluster {
  readonly #connection: Connection;
  readonly #events: ClientEvents;

  private constructor(connection: Connection, events: ClientEvents) {
    this.#connection = connection;
    this.#events = events;
  }

  /** @throws LaunchpadError `kubeconfig-invalid` */
  static async connect(access: ClusterAccess, events: ClientEvents = {}): Promise<Cluster> {
    return new Cluster(await Connection.open(access), events);
  }

  /** URL of the API server. */
  get server(): string {
    return this.#connection.server;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  /** Kinds that the API server serves in this version of a group; none where it does not know the group. */
  async kinds(apiVersion: string): Promise<ReadonlySet<string>> {
    try {
      const list = await this.#json<{ resources?: { kind: string }[] }>({ method: 'GET', path: groupPath(apiVersion) });
      return new Set((list.resources ?? []).map(({ kind }) => kind));
    } catch (error) {
      if (isNotFound(error)) return new Set();
      throw error;
    }
  }

  /** The object, or undefined where there is none of that name. */
  async read<T extends KubeObject = KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    try {
      return await this.#json<T>({ method: 'GET', path: objectPath(ref) });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** All objects of a kind, page by page, and the resourceVersion from which a watch goes on. */
  async list<T extends KubeObject = KubeObject>(
    type: ListedType,
    options: { readonly labelSelector?: string; readonly signal?: AbortSignal } = {},
  ): Promise<{ items: T[]; resourceVersion: string }> {
    const { labelSelector, signal } = options;
    const items: T[] = [];
    let next: string | undefined;
    for (;;) {
      const query = {
        limit: '500',
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(next === undefined ? {} : { continue: next }),
      };
      const page = await this.#json<{ items?: T[]; metadata: { resourceVersion?: string; continue?: string } }>({
        method: 'GET',
        path: collectionPath(type),
        query,
        ...(signal === undefined ? {} : { signal }),
      });
      items.push(...(page.items ?? []));
      next = page.metadata.continue || undefined;
      if (next === undefined) return { items, resourceVersion: page.metadata.resourceVersion ?? '' };
    }
  }

  /** Creates the object by POST, and gives back what the server stored of it: metadata only, if `metadataOnly`. */
  async create<T extends KubeObject>(object: T, { metadataOnly = false } = {}): Promise<KubeObject> {
    const { apiVersion, kind, metadata } = refOf(object);
    const { namespace } = metadata;
    const type = namespace === undefined ? { apiVersion, kind } : { apiVersion, kind, namespace };
    return await this.#json<KubeObject>({
      method: 'POST',
      path: collectionPath(type),
      query: { fieldManager: FIELD_MANAGER },
      body: object,
      accept: metadataOnly ? METADATA_ONLY : 'application/json',
    });
  }

  /** Asks the server a question that is an object, such as an access review; nothing is stored. */
  async ask<T extends KubeObject>(question: KubeObject & { apiVersion: string; kind: string }): Promise<T> {
    return await this.#json<T>({ method: 'POST', path: collectionPath(question), body: question });
  }

  /**
   * Server-side apply: makes the object, or sets the fields that are given and leaves all others.
   *
   * @param options `force` takes fields over from other managers; without it the server answers 409 and says whose they are
   */
  async apply<T extends KubeObject>(object: T, options: { readonly force: boolean }): Promise<KubeObject> {
    return await this.#json<KubeObject>({
      method: 'PATCH',
      path: objectPath(refOf(object)),
      query: { fieldManager: FIELD_MANAGER, force: String(options.force) },
      body: object,
      contentType: 'application/apply-patch+yaml',
    });
  }

  /**
   * JSON merge patch (RFC 7386): objects merge, null removes, lists are replaced. With a resourceVersion in the patch it
   * is for that version only (else 409). Gives back the metadata of what is stored then.
   */
  async patch(ref: ObjectRef, body: object): Promise<KubeObject> {
    return await this.#json<KubeObject>({
      method: 'PATCH',
      path: objectPath(ref),
      query: { fieldManager: FIELD_MANAGER },
      body,
      contentType: 'application/merge-patch+json',
      accept: METADATA_ONLY,
    });
  }

  /** Replaces the object by PUT; with a resourceVersion in it only that version (else 409). */
  async replace<T extends KubeObject>(object: T, signal?: AbortSignal): Promise<T> {
    return await this.#json<T>({
      method: 'PUT',
      path: objectPath(refOf(object)),
      query: { fieldManager: FIELD_MANAGER },
      body: object,
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** Deletes the object, and what it owns in the background. False: there was none. With preconditions 409 otherwise. */
  async delete(ref: ObjectRef, preconditions?: { uid?: string; resourceVersion?: string }): Promise<boolean> {
    const options = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      ...(preconditions === undefined ? {} : { preconditions }),
    };
    try {
      await this.#json({ method: 'DELETE', path: objectPath(ref), body: options });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** The last lines of a container's log. */
  async podLog(namespace: string, pod: string, container: string, tailLines: number): Promise<string> {
    const ref = { apiVersion: 'v1', kind: 'Pod', metadata: { name: pod, namespace } };
    return await this.#send({
      method: 'GET',
      path: `${objectPath(ref)}/log`,
      query: { container, tailLines: String(tailLines), limitBytes: String(256 * 1024) },
      accept: '*/*',
    });
  }

  /**
   * Opens one watch and gives its lines as they come; it ends when the server ends it, and throws when it breaks. It is
   * not made again here: see watch.ts.
   */
  async *watchOnce(
    type: ListedType,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const request = { method: 'GET', path: collectionPath(type), query: { ...query, watch: 'true' }, signal } as const;
    const response = await this.#attempt(request, signal);
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

  async #json<T>(request: Request): Promise<T> {
    const body: T = JSON.parse(await this.#send(request));
    return body;
  }

  /** Sends the request, again where that may help, and gives back the body of the answer. */
  async #send(request: Request): Promise<string> {
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
        this.#events.onRetry?.(`${error.message} Attempt ${attempt + 1} in ${(delayMs / 1000).toFixed(1)} s.`);
        await setTimeout(delayMs, undefined, request.signal === undefined ? {} : { signal: request.signal });
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
