import { type Fields, fieldsOf, listIn, textIn } from '../../core/fields.ts';
import { answerOf, apiError } from '../http/api-error.ts';
import { type ApiAnswer, retrying, type Sending, send, sendOnce } from '../http/send.ts';
import type { Pod } from '../pod.ts';
import type { ProvisionerError } from '../provisioner-error.ts';
import { explain, isAlreadyThere } from './errors.ts';
import {
  connectionOf,
  type ManagedCluster,
  type ManagedUser,
  type MongoUserSettings,
  userOf,
} from './managed-cluster.ts';

export interface DigitaloceanOptions {
  /** Root of the API. */
  readonly url: string;
  readonly token: string;
  readonly clusterId: string;
  readonly pod: Pod;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

const SERVICE = "DigitalOcean's API";

/** Milliseconds for a call that yields a password: a pod that is being ended has 30 s, and then still has to keep it. */
const YIELDING_MS = 15_000;

/**
 * One managed database cluster, by the calls of DigitalOcean's API for it (github.com/digitalocean/openapi,
 * specification/resources/databases, as of 2026-08-07).
 */
export class DigitaloceanCluster {
  readonly id: string;
  readonly host: string;
  readonly #root: string;
  readonly #token: string;
  readonly #sending: Sending;

  constructor({ url, token, clusterId, pod }: DigitaloceanOptions) {
    this.id = clusterId;
    this.host = new URL(url).host;
    this.#root = `${url}/v2/databases/${encodeURIComponent(clusterId)}`;
    this.#token = token;
    this.#sending = { service: SERVICE, pod };
  }

  async read(): Promise<ManagedCluster> {
    const { body } = await this.#call('reading the cluster', 'GET', '');
    const database = fieldsOf(fieldsOf(body).database);
    return {
      engine: textIn(database, 'engine') ?? '',
      status: textIn(database, 'status') ?? '',
      public: connectionOf(fieldsOf(database.connection)),
      private: connectionOf(fieldsOf(database.private_connection)),
    };
  }

  /** The authority of the cluster's certificate, PEM; undefined where it has none of its own. */
  async authority(): Promise<string | undefined> {
    const answer = await this.#orAbsent('reading the certificate', 'GET', '/ca');
    const certificate = textIn(fieldsOf(fieldsOf(answer?.body).ca), 'certificate');
    return certificate === undefined ? undefined : Buffer.from(certificate, 'base64').toString('utf8');
  }

  async databases(): Promise<string[]> {
    const { body } = await this.#call('listing databases', 'GET', '/dbs');
    return listIn(fieldsOf(body), 'dbs').flatMap((database) => textIn(database, 'name') ?? []);
  }

  /** Makes a database; one that is there already is left. */
  async createDatabase(name: string): Promise<void> {
    try {
      await this.#call(`creating database ${name}`, 'POST', '/dbs', { name });
    } catch (error) {
      if (!isAlreadyThere(error)) throw error;
    }
  }

  /** Deletes a database with all that is in it. False where it was gone already. */
  async deleteDatabase(name: string): Promise<boolean> {
    const path = `/dbs/${encodeURIComponent(name)}`;
    return (await this.#orAbsent(`deleting database ${name}`, 'DELETE', path)) !== undefined;
  }

  async findUser(name: string): Promise<ManagedUser | undefined> {
    const answer = await this.#orAbsent(`reading user ${name}`, 'GET', `/users/${encodeURIComponent(name)}`);
    return answer === undefined ? undefined : userOf(answer);
  }

  /**
   * Makes a user. The answer is the only place where the password is shown: `keep` is called with it before anything
   * else happens. A call whose answer was lost is made again, and finds the user there.
   *
   * @returns undefined where the user is there already
   */
  async createUser(
    name: string,
    settings: MongoUserSettings,
    keep: (work: () => Promise<ManagedUser>) => Promise<ManagedUser>,
  ): Promise<ManagedUser | undefined> {
    const body = { name, settings: { mongo_user_settings: settings } };
    try {
      return await this.#yielding(`creating user ${name}`, '/users', body, keep);
    } catch (error) {
      if (isAlreadyThere(error)) return undefined;
      throw error;
    }
  }

  /** Asks for a new password of a user, and hands it to `keep` as `createUser` does. */
  async resetPassword(
    name: string,
    keep: (work: () => Promise<ManagedUser>) => Promise<ManagedUser>,
  ): Promise<ManagedUser> {
    const path = `/users/${encodeURIComponent(name)}/reset_auth`;
    return await this.#yielding(`resetting the password of user ${name}`, path, {}, keep);
  }

  /**
   * Asks for other settings of a user. The document has them in the body, but its text names other engines only.
   *
   * @returns false where the API refuses it
   */
  async updateUser(name: string, settings: MongoUserSettings): Promise<boolean> {
    const body = { settings: { mongo_user_settings: settings } };
    try {
      await this.#call(`changing user ${name}`, 'PUT', `/users/${encodeURIComponent(name)}`, body);
      return true;
    } catch (error) {
      const status = answerOf(error)?.status;
      if (status === 400 || status === 404 || status === 405 || status === 422) return false;
      throw error;
    }
  }

  /** Deletes a user. False where it was gone already. */
  async deleteUser(name: string): Promise<boolean> {
    const path = `/users/${encodeURIComponent(name)}`;
    return (await this.#orAbsent(`deleting user ${name}`, 'DELETE', path)) !== undefined;
  }

  #explain(error: unknown, doing: string): ProvisionerError {
    return apiError(error, { service: SERVICE, host: this.host, doing }, (answer) => explain(answer, this.id));
  }

  async #step<T>(doing: string, work: () => Promise<T>): Promise<T> {
    return await this.#sending.pod.step({ service: SERVICE, host: this.host, doing }, work);
  }

  async #yielding(
    doing: string,
    path: string,
    body: Fields,
    keep: (work: () => Promise<ManagedUser>) => Promise<ManagedUser>,
  ): Promise<ManagedUser> {
    const request = this.#request('POST', path, body);
    try {
      return await this.#step(doing, () =>
        retrying(() => keep(async () => userOf(await sendOnce(request, YIELDING_MS))), this.#sending),
      );
    } catch (error) {
      throw this.#explain(error, doing);
    }
  }

  async #orAbsent(doing: string, method: 'GET' | 'DELETE', path: string): Promise<ApiAnswer | undefined> {
    try {
      return await this.#call(doing, method, path);
    } catch (error) {
      if (answerOf(error)?.status === 404) return undefined;
      throw error;
    }
  }

  async #call(doing: string, method: Method, path: string, body?: Fields): Promise<ApiAnswer> {
    try {
      return await this.#step(doing, () => send(this.#request(method, path, body), this.#sending));
    } catch (error) {
      throw this.#explain(error, doing);
    }
  }

  #request(method: Method, path: string, body?: Fields) {
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
