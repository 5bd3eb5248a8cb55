import type { Fields } from '../../core/fields.ts';
import { answerOf, apiError } from '../http/api-error.ts';
import { type ApiAnswer, requireDeletion, retrying, type Sending, send } from '../http/send.ts';
import type { Pod } from '../pod.ts';
import type { ProvisionerError } from '../provisioner-error.ts';
import { explain, isConflict } from './errors.ts';

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
