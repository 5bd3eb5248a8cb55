import { type Fields, textIn } from '../../core/fields.ts';
import { poll } from '../../core/retry.ts';
import {
  type ApiAnswer,
  answerOf,
  apiError,
  fieldsIn,
  HttpError,
  need,
  requireDeletion,
  retrying,
  type Sending,
  sendOnce,
} from '../http/send.ts';
import type { Authorization } from './authorization.ts';
import { clusterOf, type DescribedCluster, requireUsable } from './described-cluster.ts';
import { errorCodeOf, explain } from './errors.ts';
import { type AtlasUser, isUserAbsent, type Role, type Scope, USER_DATABASE, userOf, userPath } from './users.ts';

/** Media types: the newest that Atlas's document has for each resource (specification of 2026-08-21). */
const USERS = 'application/vnd.atlas.2023-01-01+json';
const CLUSTER = 'application/vnd.atlas.2024-08-05+json';
const FLEX_CLUSTER = 'application/vnd.atlas.2024-11-13+json';

export interface AtlasOptions {
  /** Root of the API. */
  readonly url: string;
  readonly projectId: string;
  readonly clusterName: string;
  readonly authorization: Authorization;
  readonly sending: Sending;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Milliseconds between two looks at a cluster that is being created. */
const STATE_INTERVAL_MS = 5_000;

interface Call<T> {
  /** In words, for errors. */
  readonly doing: string;
  readonly method: Method;
  /** Below the project. */
  readonly path: string;
  readonly mediaType: string;
  readonly body?: Fields;
  /** Takes what is needed from the answer. @throws InvalidAnswer */
  readonly read: (answer: ApiAnswer) => T;
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

  /**
   * The cluster once it exists: one that is being created is waited for.
   *
   * @throws ProvisionerError `atlas-paused`, `atlas-creating`, `atlas-cluster-state` where users cannot log in to it
   */
  async ready(): Promise<DescribedCluster> {
    const { pod, service } = this.#options.sending;
    let last: DescribedCluster | undefined;
    const ask = async () => {
      last = await this.read();
      return last.state === 'CREATING' ? undefined : last;
    };
    const step = { service, host: this.host, doing: `waiting until cluster ${this.name} exists` };
    await pod.step(step, () =>
      poll(ask, {
        intervalMs: STATE_INTERVAL_MS,
        limitMs: pod.remainingMs(),
        onWait: () => pod.log(`Cluster ${this.name} of Atlas is being created: waiting until it exists.`),
        clock: pod.clock,
      }),
    );
    return requireUsable(this, last);
  }

  /** State and addresses of the cluster. A Flex cluster is refused where dedicated ones are, and has a path of its own. */
  async read(): Promise<DescribedCluster> {
    const call = { doing: `reading cluster ${this.name}`, method: 'GET', read: clusterOf } as const;
    const name = encodeURIComponent(this.name);
    try {
      return await this.#call({ ...call, path: `/clusters/${name}`, mediaType: CLUSTER });
    } catch (error) {
      if (errorCodeOf(error) !== 'CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API') throw error;
      return await this.#call({ ...call, path: `/flexClusters/${name}`, mediaType: FLEX_CLUSTER });
    }
  }

  /**
   * Whether all changes have reached the cluster. Undefined where the API does not tell: whether it does for a Flex
   * cluster, its document leaves open.
   */
  async isApplied(): Promise<boolean | undefined> {
    const path = `/clusters/${encodeURIComponent(this.name)}/status`;
    try {
      return await this.#call({
        doing: 'reading the state of changes',
        method: 'GET',
        path,
        mediaType: USERS,
        read: (answer) => need(answer, 'changeStatus', textIn(fieldsIn(answer), 'changeStatus')) === 'APPLIED',
      });
    } catch (error) {
      if (errorCodeOf(error).includes('FLEX')) return undefined;
      throw error;
    }
  }

  async findUser(username: string): Promise<AtlasUser | undefined> {
    try {
      return await this.#call({
        doing: `reading user ${username}`,
        method: 'GET',
        path: userPath(username),
        mediaType: USERS,
        read: userOf,
      });
    } catch (error) {
      if (isUserAbsent(error)) return undefined;
      throw error;
    }
  }

  /**
   * Makes a user. A 409 counts as "exists" only where a look finds it: another client's change is waited for.
   *
   * @returns undefined, or the user that is there already
   */
  async createUser(username: string, password: string, roles: readonly Role[]): Promise<AtlasUser | undefined> {
    const body = { ...this.#identity(username), password, roles, scopes: [{ name: this.name, type: 'CLUSTER' }] };
    const call: Call<AtlasUser> = {
      doing: `creating user ${username}`,
      method: 'POST',
      path: '/databaseUsers',
      mediaType: USERS,
      body,
      read: userOf,
    };
    return await this.#try(call.doing, async () => {
      try {
        await this.#authorized(call);
        return undefined;
      } catch (error) {
        const existing = answerOf(error)?.status === 409 ? await this.findUser(username) : undefined;
        if (existing === undefined) throw error;
        return existing;
      }
    });
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
      read: userOf,
    });
  }

  /** Deletes a user of the project; one that is gone already is left so. */
  async deleteUser(username: string): Promise<void> {
    const doing = `deleting user ${username}`;
    try {
      await this.#call({ doing, method: 'DELETE', path: userPath(username), mediaType: USERS, read: requireDeletion });
    } catch (error) {
      if (!isUserAbsent(error)) throw error;
    }
  }

  #identity(username: string) {
    return { databaseName: USER_DATABASE, groupId: this.#options.projectId, username };
  }

  async #call<T>(call: Call<T>): Promise<T> {
    return await this.#try(call.doing, () => this.#authorized(call));
  }

  /** Does it, and again where it may succeed later. @throws ProvisionerError */
  async #try<T>(doing: string, work: () => Promise<T>): Promise<T> {
    const { sending } = this.#options;
    const failed = { service: sending.service, host: this.host, doing };
    try {
      return await sending.pod.step(failed, () => retrying(work, sending));
    } catch (error) {
      throw apiError(error, failed, (answer) => explain(answer, this.#options));
    }
  }

  /** Sends the request; a challenge, or a token that has become invalid, is answered once. */
  async #authorized<T>({ method, path, mediaType, body, read }: Call<T>): Promise<T> {
    const { url: root, projectId, authorization } = this.#options;
    const url = `${root}/api/atlas/v2/groups/${encodeURIComponent(projectId)}${path}`;
    const attempt = async () => {
      const answer = await sendOnce({
        method,
        url,
        headers: {
          accept: mediaType,
          ...(body === undefined ? {} : { 'content-type': mediaType }),
          ...(await authorization.headers({ method, url })),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return read(answer);
    };
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 401 || !authorization.learn(error)) throw error;
      return await attempt();
    }
  }
}
