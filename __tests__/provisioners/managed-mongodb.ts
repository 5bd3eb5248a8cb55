import { MongoClient } from 'mongodb';
import { startMongodb } from '../../sandbox/databases/mongodb.ts';
import type { HttpFault, RecordedRequest } from '../../sandbox/vendors/http-api.ts';
import { startVendors, type Vendors } from '../../sandbox/vendors/vendors.ts';
import { type PodResult, type RunningPod, runHere, type SecretStore, startPod, startSecretStore } from './pod.ts';
import { unique } from './test-pod.ts';

export const ADMIN = { adminUser: 'boss', adminPassword: 'boss-password' };
/** The password in the config.yml of a test's instances. */
export const PASSWORD = 'instance-password';

type Variables = Readonly<Record<string, string>>;

/** A way to administer MongoDB. */
interface Provider {
  readonly environment: Variables;
  /** Creates an instance's user with readWrite on both databases. */
  addUser(name: string, password: string): Promise<unknown>;
  users(): Promise<readonly string[]>;
}

/** An instance's user, and the variables of the pod that provisions it. */
export interface ManagedUser {
  readonly name: string;
  readonly databases: readonly [string, string];
  readonly environment: Variables;
}

/** A MongoDB server that the vendors' APIs administer, and a Kubernetes API for the passwords. */
export interface ManagedMongodb {
  readonly vendors: Vendors;
  readonly secrets: SecretStore;
  /** An administrator of the server. */
  readonly admin: MongoClient;
  readonly direct: Provider;
  readonly digitalocean: Provider;
  readonly atlas: Provider;
  /** Of DigitalOcean's MongoDB cluster. */
  readonly clusterId: string;
  addDigitaloceanDatabases(names: readonly string[]): Promise<void>;
  user(prefix: string, provider: Provider, others?: Variables): ManagedUser;
  /** Starts the pod in a process of its own. */
  start(user: ManagedUser, others?: Variables): RunningPod;
  /** Runs the provisioner in this process. */
  run(user: ManagedUser, others?: Variables): Promise<PodResult>;
  /** Runs the provisioner to its success. @returns what it changed by the API */
  succeeds(user: ManagedUser, api: RecordingApi): Promise<string[]>;
  deprovision(provider: Provider, name: string, others?: Variables): Promise<PodResult>;
  login(username: string, password: string): Promise<MongoClient>;
  /** Writes to both databases of an instance, in two collections each. */
  fill(name: string): Promise<void>;
  databases(): Promise<string[]>;
  collections(database: string): Promise<string[]>;
  /** What the server, or the vendor, still has of an instance. */
  leftOf(provider: Provider, name: string): Promise<string[]>;
  /** Ends the faults of a test: for `afterEach`. */
  endFaults(): void;
  /** For `afterAll`. */
  stop(): Promise<void>;
}

interface RecordingApi {
  readonly requests: readonly RecordedRequest[];
}

/** A change reaches the sandbox's servers at once, unless a test delays it. */
const PATIENCE = { PATIENCE_INTERVAL_MS: '50', PATIENCE_LIMIT_MS: '1500' };

export const databasesOf = (name: string): readonly [string, string] => [`${name}-openedx`, `${name}-forum`];

export const rolesOn = (databases: readonly string[], roleName: 'read' | 'readWrite' = 'readWrite') =>
  databases.map((databaseName) => ({ databaseName, roleName }));

export const states = (name: string, databases: string, user: string) =>
  Object.fromEntries([
    ...databasesOf(name).map((database) => [`MongoDB database ${database}`, databases]),
    [`MongoDB user ${name}`, user],
  ]);

export async function startManagedMongodb(): Promise<ManagedMongodb> {
  const [server, secrets] = await Promise.all([startMongodb(ADMIN), startSecretStore()]);
  const place = { ...ADMIN, host: server.host, port: server.port };
  // MySQL is not asked: its API only gives its address.
  const vendors = await startVendors({ host: '127.0.0.1', mysql: place, mongodb: place });
  const login = async (username: string, password: string) => {
    const options = { auth: { username, password }, authSource: 'admin', directConnection: true };
    return await new MongoClient(`mongodb://${server.host}:${server.port}/`, options).connect();
  };
  const admin = await login(ADMIN.adminUser, ADMIN.adminPassword);
  const usual = { digitalocean: { ...vendors.digitalocean.behaviour }, atlas: { ...vendors.atlas.behaviour } };
  const clusterId = vendors.settings.mongodbDigitalocean.LAUNCHPAD_MONGODB_CLUSTER_ID ?? '';
  const token = vendors.settings.mongodbDigitalocean.LAUNCHPAD_DIGITALOCEAN_TOKEN ?? '';

  const usersOnServer = async (): Promise<string[]> => {
    const { users } = await admin.db('admin').command({ usersInfo: 1 });
    return users.map(({ user }: { user: string }) => user);
  };
  const databases = async (): Promise<string[]> => {
    const answer = await admin.db('admin').command({ listDatabases: 1, nameOnly: true });
    return answer.databases.map(({ name }: { name: string }) => name);
  };
  const collections = async (database: string): Promise<string[]> =>
    (await admin.db(database).listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  const addDigitaloceanDatabases = async (names: readonly string[]) => {
    for (const name of names) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const url = `${vendors.digitalocean.url}/v2/databases/${clusterId}/dbs`;
      expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify({ name }) })).status).toBe(201);
    }
  };

  const direct: Provider = {
    environment: {
      MONGODB_PROVIDER: 'direct',
      MONGODB_HOST: server.host,
      MONGODB_PORT: String(server.port),
      MONGODB_ADMIN_USER: ADMIN.adminUser,
      MONGODB_ADMIN_PASSWORD: ADMIN.adminPassword,
      MONGODB_ADMIN_AUTH_SOURCE: 'admin',
    },
    addUser: async (name, pwd) => {
      const roles = databasesOf(name).map((db) => ({ role: 'readWrite', db }));
      await admin.db('admin').command({ createUser: name, pwd, roles });
    },
    users: usersOnServer,
  };
  const digitalocean: Provider = {
    environment: {
      MONGODB_PROVIDER: 'digitalocean',
      VENDOR_API_URL: vendors.digitalocean.url,
      DIGITALOCEAN_TOKEN: token,
      DIGITALOCEAN_CLUSTER_ID: clusterId,
    },
    addUser: async (name, password) => {
      const settings = { mongo_user_settings: { databases: databasesOf(name), role: 'readWrite' as const } };
      await vendors.digitalocean.addUser(clusterId, name, password, settings);
      await addDigitaloceanDatabases(databasesOf(name));
    },
    users: async () => [...vendors.digitalocean.users(clusterId).keys()],
  };
  const account = vendors.settings.mongodbAtlas;
  const atlas: Provider = {
    environment: {
      MONGODB_PROVIDER: 'atlas',
      VENDOR_API_URL: vendors.atlas.url,
      ATLAS_PROJECT_ID: account.LAUNCHPAD_ATLAS_PROJECT_ID ?? '',
      ATLAS_CLUSTER_NAME: account.LAUNCHPAD_ATLAS_CLUSTER_NAME ?? '',
      ATLAS_CLIENT_ID: account.LAUNCHPAD_ATLAS_CLIENT_ID ?? '',
      ATLAS_CLIENT_SECRET: account.LAUNCHPAD_ATLAS_CLIENT_SECRET ?? '',
    },
    addUser: (name, password) => vendors.atlas.addUser(name, password, rolesOn(databasesOf(name))),
    users: async () => [...vendors.atlas.users().keys()],
  };

  const environmentOf = (name: string): Variables => {
    const [main, forum] = databasesOf(name);
    return {
      MONGODB_USERNAME: name,
      MONGODB_AUTH_SOURCE: 'admin',
      MONGODB_DATABASE: main,
      FORUM_MONGODB_DATABASE: forum,
      ...PATIENCE,
    };
  };
  const run: ManagedMongodb['run'] = ({ environment }, others) => runHere('mongodb', { ...environment, ...others });
  /** Whether the user logs in with what the Secret holds, and may write to both databases and to no other. */
  const works = async ({ name, databases: own }: ManagedUser) => {
    const { password, verifiedBy } = secrets.kept(name);
    const client = await login(name, password);
    const writes = (database: string) =>
      client
        .db(database)
        .collection('test')
        .insertOne({ at: 1 })
        .then(
          () => true,
          () => false,
        );
    try {
      const [main, forum, other] = [await writes(own[0]), await writes(own[1]), await writes('somebody-elses')];
      return main && forum && !other && verifiedBy === 'workflow-1';
    } finally {
      await client.close();
    }
  };

  return {
    vendors,
    secrets,
    admin,
    direct,
    digitalocean,
    atlas,
    clusterId,
    collections,
    addDigitaloceanDatabases,
    user: (prefix, { environment }, others) => {
      const name = unique(prefix);
      return {
        name,
        databases: databasesOf(name),
        environment: {
          ...secrets.environment(name),
          ...environmentOf(name),
          CONNECTION_FILE: '/dev/null',
          ...environment,
          ...others,
        },
      };
    },
    start: ({ environment }, others) => startPod('mongodb', { ...environment, ...others }),
    run,
    succeeds: async (user, api) => {
      const requests = await requestsDuring(api, async () => {
        const { code, error } = await run(user);
        expect(error).toBeUndefined();
        expect(code).toBe(0);
      });
      expect(await works(user)).toBe(true);
      return writesIn(requests);
    },
    deprovision: async ({ environment }, name, others) =>
      await runHere('mongodb', {
        OPERATION: 'deprovision',
        MONGODB_HOST: server.host,
        MONGODB_PORT: String(server.port),
        MONGODB_USE_SSL: 'false',
        MONGODB_PASSWORD: PASSWORD,
        ...environmentOf(name),
        ...environment,
        ...others,
      }),
    login,
    fill: async (name) => {
      for (const database of databasesOf(name))
        for (const collection of ['contents', 'fs.chunks'])
          await admin.db(database).collection(collection).insertOne({ a: 1 });
    },
    databases,
    leftOf: async ({ users }, name) => {
      const all = [...(await databases()), ...(await users()), ...(await usersOnServer())];
      return all.filter((one) => one === name || databasesOf(name).includes(one));
    },
    endFaults: () => {
      Object.assign(vendors.digitalocean.behaviour, usual.digitalocean);
      Object.assign(vendors.atlas.behaviour, usual.atlas);
      vendors.digitalocean.fault = undefined;
      vendors.atlas.fault = undefined;
      secrets.onWrite = undefined;
    },
    stop: async () => {
      await admin.close();
      await vendors.stop();
      await Promise.all([server.stop(), secrets.stop()]);
    },
  };
}

/** Answers in turn to the requests with that method and end of the path; then the API answers itself. */
export function answersTo(method: string, end: string, ...answers: (HttpFault | undefined)[]) {
  return (called: string, path: string) => (called === method && path.endsWith(end) ? answers.shift() : undefined);
}

/** What changed something at a vendor, below the cluster or the project; a login is no change. */
export function writesIn(requests: readonly RecordedRequest[]): string[] {
  return requests
    .filter(({ method, path, status }) => method !== 'GET' && !path.startsWith('/api/oauth/') && status !== 401)
    .map(({ method, path }) => `${method} ${path.replace(/.*(databases|groups)\/[^/]+/, '')}`);
}

/** The requests that an API gets while the work runs. */
export async function requestsDuring(api: RecordingApi, work: () => Promise<unknown>): Promise<RecordedRequest[]> {
  const before = api.requests.length;
  await work();
  return api.requests.slice(before);
}
