import { fieldsOf, listIn, textIn } from '../../core/fields.ts';
import { poll } from '../../core/retry.ts';
import { type ApiAnswer, answerOf, fieldsIn, need, retrying, sendOnce } from '../http/send.ts';
import { ClusterCalls, type DigitaloceanOptions, isConflict } from './calls.ts';
import {
  clusterOf,
  isReady,
  type ManagedCluster,
  type ManagedUser,
  type MongoUserSettings,
  notReady,
  requireEngine,
  userOf,
} from './managed-cluster.ts';

/** Milliseconds for a call that yields a password: a pod that is being ended has 30 s, and then still has to keep it. */
const YIELDING_MS = 15_000;

/** Milliseconds between two looks at a cluster that is not online. */
const STATE_INTERVAL_MS = 5_000;

/** Statuses of a PUT of settings that the API does not take: its text names other engines only. */
const CANNOT_CHANGE = new Set([400, 404, 405, 422, 501]);

/**
 * One managed database cluster, by the calls of DigitalOcean's API for it (github.com/digitalocean/openapi,
 * specification/resources/databases, as of 2026-08-07).
 */
export class DigitaloceanCluster {
  readonly id: string;
  readonly host: string;
  readonly #calls: ClusterCalls;

  constructor(options: DigitaloceanOptions) {
    this.id = options.clusterId;
    this.#calls = new ClusterCalls(options);
    this.host = this.#calls.host;
  }

  /**
   * The cluster once it is online: what the API changes of one that is being created, resized or migrated, it refuses or
   * loses.
   *
   * @throws ProvisionerError `digitalocean-engine`; `digitalocean-cluster-state` where the time of the pod is not enough
   */
  async ready(engine: string): Promise<ManagedCluster> {
    const { pod } = this.#calls.sending;
    let status = '';
    const ask = async () => {
      const cluster = requireEngine(this, await this.read(), engine);
      status = cluster.status;
      return isReady(cluster) ? cluster : undefined;
    };
    const cluster = await this.#calls.step('waiting until the cluster is online', () =>
      poll(ask, {
        intervalMs: STATE_INTERVAL_MS,
        limitMs: pod.remainingMs(),
        onWait: () => pod.log(`DigitalOcean's cluster ${this.id} is ${status}: waiting until it is online.`),
        clock: pod.clock,
      }),
    );
    if (cluster === undefined) throw notReady(this, status);
    return cluster;
  }

  async read(): Promise<ManagedCluster> {
    return await this.#calls.call('reading the cluster', 'GET', '', clusterOf);
  }

  /** The authority of the cluster's certificate, PEM; undefined where it has none of its own. */
  async authority(): Promise<string | undefined> {
    const path = '/ca';
    const certificate = await this.#calls.orAbsent('reading the certificate', 'GET', path, (answer) =>
      need(answer, 'ca.certificate', textIn(fieldsOf(fieldsIn(answer).ca), 'certificate')),
    );
    return certificate === undefined ? undefined : Buffer.from(certificate, 'base64').toString('utf8');
  }

  async databases(): Promise<string[]> {
    return await this.#calls.call('listing databases', 'GET', '/dbs', (answer) => {
      const { dbs } = fieldsIn(answer);
      // Go's empty list may be null in JSON.
      need(answer, 'dbs', Array.isArray(dbs) || dbs === null || undefined);
      return listIn(fieldsIn(answer), 'dbs').flatMap((database) => textIn(database, 'name') ?? []);
    });
  }

  /** Makes a database; one that is there already is left. */
  async createDatabase(name: string): Promise<void> {
    const request = this.#calls.request('POST', '/dbs', { name });
    const read = (answer: ApiAnswer) => need(answer, 'db.name', textIn(fieldsOf(fieldsIn(answer).db), 'name'));
    const isThere = async () => (await this.databases()).includes(name) || undefined;
    await this.#calls.create(`creating database ${name}`, async () => read(await sendOnce(request)), isThere);
  }

  /** Deletes a database with all that is in it. False where it was gone already. */
  async deleteDatabase(name: string): Promise<boolean> {
    return await this.#calls.delete(`deleting database ${name}`, `/dbs/${encodeURIComponent(name)}`);
  }

  async findUser(name: string): Promise<ManagedUser | undefined> {
    return await this.#calls.orAbsent(`reading user ${name}`, 'GET', `/users/${encodeURIComponent(name)}`, userOf);
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
    const request = this.#calls.request('POST', '/users', { name, settings: { mongo_user_settings: settings } });
    const post = () => keep(async () => userOf(await sendOnce(request, YIELDING_MS)));
    return await this.#calls.create(`creating user ${name}`, post, () => this.findUser(name));
  }

  /** Asks for a new password of a user, and hands it to `keep` as `createUser` does. */
  async resetPassword(
    name: string,
    keep: (work: () => Promise<ManagedUser>) => Promise<ManagedUser>,
  ): Promise<ManagedUser> {
    const request = this.#calls.request('POST', `/users/${encodeURIComponent(name)}/reset_auth`, {});
    return await this.#calls.attempt(`resetting the password of user ${name}`, () =>
      retrying(() => keep(async () => userOf(await sendOnce(request, YIELDING_MS))), this.#calls.sending, isConflict),
    );
  }

  /**
   * Asks for other settings of a user. The document has them in the body, but its text names other engines only.
   *
   * @returns false where the API refuses it
   */
  async updateUser(name: string, settings: MongoUserSettings): Promise<boolean> {
    const body = { settings: { mongo_user_settings: settings } };
    try {
      await this.#calls.call(`changing user ${name}`, 'PUT', `/users/${encodeURIComponent(name)}`, userOf, body);
      return true;
    } catch (error) {
      if (CANNOT_CHANGE.has(answerOf(error)?.status ?? 0) && !isConflict(error)) return false;
      throw error;
    }
  }

  /** Deletes a user. False where it was gone already. */
  async deleteUser(name: string): Promise<boolean> {
    return await this.#calls.delete(`deleting user ${name}`, `/users/${encodeURIComponent(name)}`);
  }
}
