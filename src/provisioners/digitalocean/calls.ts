import { type Fields, fieldsOf, textIn } from '../../core/fields.ts';
import { hintOf, type VendorCode } from '../causes.ts';
import {
  type ApiAnswer,
  answerOf,
  apiError,
  type Explanation,
  requireDeletion,
  retrying,
  type Sending,
  send,
} from '../http/send.ts';
import type { Pod } from '../pod.ts';
import type { ProvisionerError } from '../provisioner-error.ts';

export interface DigitaloceanOptions {
  /** Root of the API. */
  readonly url: string;
  readonly token: string;
  readonly clusterId: string;
  readonly pod: Pod;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

const SERVICE = "DigitalOcean's API";

/** How the API is called for one cluster. */
export class ClusterCalls {
  readonly host: string;
  readonly sending: Sending;
  readonly #clusterId: string;
  readonly #root: string;
  readonly #token: string;

  constructor({ url, token, clusterId, pod }: DigitaloceanOptions) {
    this.host = new URL(url).host;
    this.sending = { service: SERVICE, pod };
    this.#clusterId = clusterId;
    this.#root = `${url}/v2/databases/${encodeURIComponent(clusterId)}`;
    this.#token = token;
  }

  /**
   * Creates what is not there. A refusal counts as "exists" only where a look finds it: the same status stands for a cluster
   * that is being changed, or for another client's write, and these are waited for.
   *
   * @returns undefined where it is there already
   */
  async create<T>(
    doing: string,
    post: () => Promise<T>,
    find: () => Promise<object | true | undefined>,
  ): Promise<T | undefined> {
    const once = async () => {
      try {
        return await post();
      } catch (error) {
        if (isConflict(error) && (await find()) !== undefined) return undefined;
        throw error;
      }
    };
    return await this.attempt(doing, () => retrying(once, this.sending, isConflict));
  }

  /** Deletes what a path names. @returns false where it was gone already */
  async delete(doing: string, path: string): Promise<boolean> {
    const read = (answer: ApiAnswer) => {
      requireDeletion(answer);
      return true;
    };
    return (await this.orAbsent(doing, 'DELETE', path, read)) ?? false;
  }

  /** Does a part of the work under its name. */
  async step<T>(doing: string, work: () => Promise<T>): Promise<T> {
    return await this.sending.pod.step({ service: SERVICE, host: this.host, doing }, work);
  }

  /** Does a step. @throws ProvisionerError by what the API answered */
  async attempt<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.step(doing, work);
    } catch (error) {
      throw this.#explain(error, doing);
    }
  }

  #explain(error: unknown, doing: string): ProvisionerError {
    return apiError(error, { service: SERVICE, host: this.host, doing }, (answer) => explain(answer, this.#clusterId));
  }

  /** As `call`; undefined for a 404. */
  async orAbsent<T>(
    doing: string,
    method: 'GET' | 'DELETE',
    path: string,
    read: (answer: ApiAnswer) => T,
  ): Promise<T | undefined> {
    try {
      return await this.call(doing, method, path, read);
    } catch (error) {
      if (answerOf(error)?.status === 404) return undefined;
      throw error;
    }
  }

  /** Sends a request, and again where it may succeed later. @throws ProvisionerError */
  async call<T>(
    doing: string,
    method: Method,
    path: string,
    read: (answer: ApiAnswer) => T,
    body?: Fields,
  ): Promise<T> {
    const request = this.request(method, path, body);
    return await this.attempt(doing, () => send(request, this.sending, read, isConflict));
  }

  /** A request below the cluster's path. */
  request(method: Method, path: string, body?: Fields) {
    const headers = { authorization: `Bearer ${this.#token}`, accept: 'application/json' };
    if (body === undefined) return { method, url: this.#root + path, headers };
    return {
      method,
      url: this.#root + path,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
  }
}

/** What the API says of something that exists, and of a cluster or a user that another change is under way for. */
const ABOUT_STATE =
  /already exists|already in use|busy|in progress|not (yet )?(online|ready|available)|being (created|resized|migrated|forked|updated)|resizing|migrating|forking|maintenance|try again/i;

/**
 * Whether a refusal is about the state of the cluster, and may be another one later: 409 and 423, or 400, 412 and 422 with
 * such a message. The API's document says neither which status nor which words (https://docs.digitalocean.com/reference/api/).
 */
export function isConflict(error: unknown): boolean {
  const answer = answerOf(error);
  return answer !== undefined && isAboutState(answer);
}

function isAboutState({ status, body }: ApiAnswer): boolean {
  if (status === 409 || status === 423) return true;
  return [400, 412, 422].includes(status) && ABOUT_STATE.test(textIn(fieldsOf(body), 'message') ?? '');
}

/** What an answer of the API means: its message and the request's ID, and what to check. */
function explain(answer: ApiAnswer, clusterId: string): Explanation {
  const code = isAboutState(answer) ? 'digitalocean-conflict' : codeOf(answer.status);
  return { code, problem: wordsOf(answer), hint: hintOf(code, { cluster: clusterId }) };
}

function codeOf(status: number): VendorCode {
  return BY_STATUS[status] ?? (status >= 500 ? 'digitalocean-unavailable' : 'digitalocean-refused');
}

const BY_STATUS: Readonly<Record<number, VendorCode>> = {
  401: 'digitalocean-token',
  403: 'digitalocean-scope',
  404: 'digitalocean-not-found',
  429: 'digitalocean-limit',
};

function wordsOf({ status, headers, body }: ApiAnswer): string {
  const fields = fieldsOf(body);
  const message = textIn(fields, 'message')?.replace(/\.$/, '') ?? '';
  const id = textIn(fields, 'request_id') ?? headers.get('x-request-id') ?? '';
  return [`${status} ${message}`.trim(), id === '' ? '' : `(request ${id})`].filter((part) => part !== '').join(' ');
}
