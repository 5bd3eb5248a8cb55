import { MongoClient } from 'mongodb';
import { startMongodb } from '../../sandbox/databases/mongodb.ts';
import type { Listening } from '../../sandbox/listening.ts';
import type { RecordedRequest } from '../../sandbox/vendors/http-api.ts';
import { startVendors, type Vendors } from '../../sandbox/vendors/vendors.ts';
import { type PodResult, type RunningPod, type SecretStore, startPod, startSecretStore, unique } from './pod.ts';

/** A user that a test's provisioner makes, and what it is told. */
export interface ManagedUser {
  readonly name: string;
  readonly databases: readonly [string, string];
  /** Variables of its pod, as its WorkflowTemplate sets them. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The vendors' APIs before a MongoDB server, and a Kubernetes API for the password. */
export interface ManagedMongodb {
  readonly vendors: Vendors;
  readonly secrets: SecretStore;
  readonly server: Listening;
  user(prefix: string, environment: Readonly<Record<string, string>>): ManagedUser;
  start(user: ManagedUser, others?: Readonly<Record<string, string>>): RunningPod;
  run(user: ManagedUser, others?: Readonly<Record<string, string>>): Promise<PodResult>;
  /** Whether the user logs in with what the Secret holds, and may write to both databases and to no other. */
  works(user: ManagedUser): Promise<boolean>;
  stop(): Promise<void>;
}

/** The sandbox's servers know of a change at once, where a test does not say otherwise. */
const PATIENCE = { PATIENCE_INTERVAL_MS: '50', PATIENCE_LIMIT_MS: '1500' };

export async function startManagedMongodb(): Promise<ManagedMongodb> {
  const admin = { adminUser: 'boss', adminPassword: 'password-of-the-boss' };
  const [server, secrets] = await Promise.all([startMongodb(admin), startSecretStore()]);
  const place = { ...admin, host: server.host, port: server.port };
  // MySQL is not asked: its API only tells where it is.
  const vendors = await startVendors({ host: '127.0.0.1', mysql: place, mongodb: place });

  const start: ManagedMongodb['start'] = ({ environment }, others = {}) =>
    startPod('mongodb', { ...environment, ...PATIENCE, ...others });
  return {
    vendors,
    secrets,
    server,
    user: (prefix, environment) => {
      const name = unique(prefix);
      return {
        name,
        databases: [`${name}-openedx`, `${name}-forum`],
        environment: {
          ...secrets.environment(name),
          MONGODB_USERNAME: name,
          MONGODB_AUTH_SOURCE: 'admin',
          MONGODB_DATABASE: `${name}-openedx`,
          FORUM_MONGODB_DATABASE: `${name}-forum`,
          CONNECTION_FILE: '/dev/null',
          ...environment,
        },
      };
    },
    start,
    run: async (user, others) => await start(user, others).done,
    works: async ({ name, databases }) => {
      const client = new MongoClient(`mongodb://${server.host}:${server.port}/`, {
        auth: { username: name, password: secrets.kept(name).password },
        authSource: 'admin',
        directConnection: true,
      });
      const writes = async (database: string) =>
        await client
          .db(database)
          .collection('test')
          .insertOne({ at: 1 })
          .then(() => true)
          .catch(() => false);
      try {
        const [main, forum, other] = [
          await writes(databases[0]),
          await writes(databases[1]),
          await writes('somebody-elses'),
        ];
        return main && forum && !other && secrets.kept(name).verifiedBy === 'workflow-1';
      } finally {
        await client.close();
      }
    },
    stop: async () => {
      await vendors.stop();
      await Promise.all([server.stop(), secrets.stop()]);
    },
  };
}

/** What changed something at a vendor, below the cluster or the project; a login is no change. */
export function writesIn(requests: readonly RecordedRequest[]): string[] {
  return requests
    .filter(({ method, path, status }) => method !== 'GET' && !path.endsWith('/token') && status !== 401)
    .map(({ method, path }) => `${method} ${path.replace(/.*(databases|groups)\/[^/]+/, '')}`);
}

/** The requests that an API gets while the work runs. */
export async function requestsDuring(
  api: { readonly requests: readonly RecordedRequest[] },
  work: () => Promise<unknown>,
): Promise<readonly RecordedRequest[]> {
  const before = api.requests.length;
  await work();
  return api.requests.slice(before);
}
