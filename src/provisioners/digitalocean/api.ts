import { type Fields, fieldsOf, listIn, textIn } from '../../core/fields.ts';
import { type ApiAnswer, HttpError, retrying, type Sending, send, sendOnce } from '../http/send.ts';
import { ProvisionerError } from '../report.ts';
import { digitaloceanError, isAlreadyThere } from './errors.ts';
import { type MongoUserSettings, settingsOf } from './user-settings.ts';

/** Where a managed cluster is reached. */
export interface ClusterConnection {
  readonly host: string;
  readonly port: number;
  readonly uri: string;
  readonly ssl: boolean;
  /** The cluster's administrator; only a token with `database:view_credentials` sees it. */
  readonly user: string | undefined;
  readonly password: string | undefined;
}

export interface ManagedCluster {
  /** Such as `mongodb` or `mysql`. */
  readonly engine: string;
  readonly status: string;
  readonly public: ClusterConnection | undefined;
  readonly private: ClusterConnection | undefined;
}

export interface ManagedUser {
  readonly name: string;
  /** Whether it is the cluster's administrator. */
  readonly isPrimary: boolean;
  /** Only in the answers of the call that made the user, and of reset_auth. */
  readonly password: string | undefined;
  /** Undefined where the API does not tell. */
  readonly settings: MongoUserSettings | undefined;
}

export interface DigitaloceanOptions {
  /** Root of the API. */
  readonly url: string;
  readonly token: string;
  readonly clusterId: string;
  readonly sending: Omit<Sending, 'service'>;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

const SERVICE = "DigitalOcean's API";

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

  constructor({ url, token, clusterId, sending }: DigitaloceanOptions) {
    this.id = clusterId;
    this.host = new URL(url).host;
    this.#root = `${url}/v2/databases/${encodeURIComponent(clusterId)}`;
    this.#token = token;
    this.#sending = { ...sending, service: SERVICE };
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
      const status = statusOf(error);
      if (status === 400 || status === 404 || status === 405 || status === 422) return false;
      throw error;
    }
  }

  /** Deletes a user. False where it was gone already. */
  async deleteUser(name: string): Promise<boolean> {
    const path = `/users/${encodeURIComponent(name)}`;
    return (await this.#orAbsent(`deleting user ${name}`, 'DELETE', path)) !== undefined;
  }

  /** An error of this cluster, in the API's words. */
  explain(error: unknown, doing: string): ProvisionerError {
    return digitaloceanError(error, { host: this.host, clusterId: this.id, doing });
  }

  async #yielding(
    doing: string,
    path: string,
    body: Fields,
    keep: (work: () => Promise<ManagedUser>) => Promise<ManagedUser>,
  ): Promise<ManagedUser> {
    const request = this.#request('POST', path, body);
    try {
      return await retrying(() => keep(async () => userOf(await sendOnce(request))), this.#sending);
    } catch (error) {
      throw this.explain(error, doing);
    }
  }

  async #orAbsent(doing: string, method: 'GET' | 'DELETE', path: string): Promise<ApiAnswer | undefined> {
    try {
      return await this.#call(doing, method, path);
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async #call(doing: string, method: Method, path: string, body?: Fields): Promise<ApiAnswer> {
    try {
      return await send(this.#request(method, path, body), this.#sending);
    } catch (error) {
      throw this.explain(error, doing);
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

/** The status that the API answered with, if that is what the error came from. */
export function statusOf(error: unknown): number | undefined {
  const cause = error instanceof ProvisionerError ? error.cause : error;
  return cause instanceof HttpError ? cause.status : undefined;
}

function connectionOf(connection: Fields): ClusterConnection | undefined {
  const host = textIn(connection, 'host');
  const { port } = connection;
  if (host === undefined || typeof port !== 'number') return undefined;
  return {
    host,
    port,
    uri: textIn(connection, 'uri') ?? '',
    ssl: connection.ssl !== false,
    user: textIn(connection, 'user'),
    password: textIn(connection, 'password'),
  };
}

function userOf({ body }: ApiAnswer): ManagedUser {
  const user = fieldsOf(fieldsOf(body).user);
  return {
    name: textIn(user, 'name') ?? '',
    isPrimary: textIn(user, 'role') === 'primary',
    password: textIn(user, 'password'),
    settings: settingsOf(user),
  };
}
