import { type Fields, fieldsOf, listIn, textIn } from '../../core/fields.ts';
import { answerOf, apiError } from '../http/api-error.ts';
import { type ApiAnswer, HttpError, retrying, type Sending, sendOnce } from '../http/send.ts';
import type { Authorization } from './authorization.ts';
import { errorCodeOf, explain } from './errors.ts';

/** Media types: the newest that Atlas's document has for each resource (specification of 2026-08-21). */
const USERS = 'application/vnd.atlas.2023-01-01+json';
const CLUSTER = 'application/vnd.atlas.2024-08-05+json';
const FLEX_CLUSTER = 'application/vnd.atlas.2024-11-13+json';

/** Users that log in by password (SCRAM) are in this database. */
const USER_DATABASE = 'admin';

export interface Role {
  readonly databaseName: string;
  readonly roleName: string;
  /** Of a role on one collection. */
  readonly collectionName?: string;
}

/** What a user is limited to; without any, all clusters of the project. */
export interface Scope {
  readonly name: string;
  readonly type: string;
}

export interface AtlasUser {
  readonly roles: readonly Role[];
  readonly scopes: readonly Scope[];
  /** Whether it logs in by a password, and not by a certificate or an identity of another system. */
  readonly hasPassword: boolean;
}

export interface ConnectionStrings {
  readonly standard: string | undefined;
  readonly srv: string | undefined;
  readonly state: string;
}

export interface AtlasOptions {
  /** Root of the API. */
  readonly url: string;
  readonly projectId: string;
  readonly clusterName: string;
  readonly authorization: Authorization;
  readonly sending: Sending;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

interface Call {
  /** In words, for errors. */
  readonly doing: string;
  readonly method: Method;
  /** Below the project. */
  readonly path: string;
  readonly mediaType: string;
  readonly body?: Fields;
}

/** One cluster and its project, by the Atlas Administration API v2 (https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/). */
export class AtlasCluster {
  readonly name: string;
  readonly host: string;
  readonly #options: AtlasOptions;

  constructor(options: AtlasOptions) {
    this.name = options.clusterName;
    this.host = new URL(options.url).host;
    this.#options = options;
  }

  /** How the cluster is reached. A Flex cluster is refused where dedicated ones are, and has an address of its own. */
  async connectionStrings(): Promise<ConnectionStrings> {
    const doing = `reading cluster ${this.name}`;
    const name = encodeURIComponent(this.name);
    try {
      return stringsOf(await this.#call({ doing, method: 'GET', path: `/clusters/${name}`, mediaType: CLUSTER }));
    } catch (error) {
      if (errorCodeOf(error) !== 'CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API') throw error;
      return stringsOf(
        await this.#call({ doing, method: 'GET', path: `/flexClusters/${name}`, mediaType: FLEX_CLUSTER }),
      );
    }
  }

  /**
   * Whether all changes have reached the cluster. Undefined where the API does not tell: whether it does for a Flex
   * cluster, its document leaves open.
   */
  async isApplied(): Promise<boolean | undefined> {
    const path = `/clusters/${encodeURIComponent(this.name)}/status`;
    try {
      const { body } = await this.#call({
        doing: 'reading the state of changes',
        method: 'GET',
        path,
        mediaType: USERS,
      });
      return fieldsOf(body).changeStatus === 'APPLIED';
    } catch (error) {
      if (errorCodeOf(error).includes('FLEX')) return undefined;
      throw error;
    }
  }

  async findUser(username: string): Promise<AtlasUser | undefined> {
    try {
      const answer = await this.#call({
        doing: `reading user ${username}`,
        method: 'GET',
        path: userPath(username),
        mediaType: USERS,
      });
      return userOf(answer);
    } catch (error) {
      if (isUserAbsent(error)) return undefined;
      throw error;
    }
  }

  /** Makes a user; false where it is there already. */
  async createUser(username: string, password: string, roles: readonly Role[]): Promise<boolean> {
    const body = { ...this.#identity(username), password, roles, scopes: [{ name: this.name, type: 'CLUSTER' }] };
    try {
      await this.#call({
        doing: `creating user ${username}`,
        method: 'POST',
        path: '/databaseUsers',
        mediaType: USERS,
        body,
      });
      return true;
    } catch (error) {
      if (answerOf(error)?.status === 409) return false;
      throw error;
    }
  }

  /** Changes of a user what is given. The document wants roles in each such body, so that they are always sent. */
  async updateUser(
    username: string,
    change: { readonly roles: readonly Role[]; readonly scopes?: readonly Scope[]; readonly password?: string },
  ): Promise<void> {
    const body = { ...this.#identity(username), ...change };
    await this.#call({
      doing: `changing user ${username}`,
      method: 'PATCH',
      path: userPath(username),
      mediaType: USERS,
      body,
    });
  }

  /** Deletes a user of the project; one that is gone already is left so. */
  async deleteUser(username: string): Promise<void> {
    const doing = `deleting user ${username}`;
    try {
      await this.#call({ doing, method: 'DELETE', path: userPath(username), mediaType: USERS });
    } catch (error) {
      if (!isUserAbsent(error)) throw error;
    }
  }

  #identity(username: string) {
    return { databaseName: USER_DATABASE, groupId: this.#options.projectId, username };
  }

  async #call(call: Call): Promise<ApiAnswer> {
    const { sending } = this.#options;
    const failed = { service: sending.service, host: this.host, doing: call.doing };
    try {
      return await sending.pod.step(failed, () => retrying(() => this.#authorized(call), sending));
    } catch (error) {
      throw apiError(error, failed, (answer) => explain(answer, this.#options));
    }
  }

  /** Sends the request; a challenge, or a token that has become invalid, is answered once. */
  async #authorized({ method, path, mediaType, body }: Call): Promise<ApiAnswer> {
    const { url: root, projectId, authorization } = this.#options;
    const url = `${root}/api/atlas/v2/groups/${encodeURIComponent(projectId)}${path}`;
    const attempt = async () =>
      await sendOnce({
        method,
        url,
        headers: {
          accept: mediaType,
          ...(body === undefined ? {} : { 'content-type': mediaType }),
          ...(await authorization.headers({ method, url })),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 401 || !authorization.learn(error)) throw error;
      return await attempt();
    }
  }
}

function userPath(username: string): string {
  return `/databaseUsers/${USER_DATABASE}/${encodeURIComponent(username)}`;
}

/** GET and DELETE have codes of their own for it. */
function isUserAbsent(error: unknown): boolean {
  return ['USERNAME_NOT_FOUND', 'USER_NOT_FOUND'].includes(errorCodeOf(error));
}

function stringsOf({ body }: ApiAnswer): ConnectionStrings {
  const cluster = fieldsOf(body);
  const strings = fieldsOf(cluster.connectionStrings);
  return {
    standard: textIn(strings, 'standard'),
    srv: textIn(strings, 'standardSrv'),
    state: textIn(cluster, 'stateName') ?? '',
  };
}

function userOf({ body }: ApiAnswer): AtlasUser {
  const user = fieldsOf(body);
  const otherWays = ['awsIAMType', 'ldapAuthType', 'oidcAuthType', 'x509Type'];
  return {
    roles: listIn(user, 'roles').map((role) => {
      const collectionName = textIn(role, 'collectionName');
      const named = { databaseName: textIn(role, 'databaseName') ?? '', roleName: textIn(role, 'roleName') ?? '' };
      return collectionName === undefined ? named : { ...named, collectionName };
    }),
    scopes: listIn(user, 'scopes').map((scope) => ({
      name: textIn(scope, 'name') ?? '',
      type: textIn(scope, 'type') ?? '',
    })),
    hasPassword: otherWays.every((way) => (textIn(user, way) ?? 'NONE') === 'NONE'),
  };
}
