import { MongoClient } from 'mongodb';
import { startMongodb } from '../../sandbox/databases/mongodb.ts';
import type { RecordedRequest } from '../../sandbox/vendors/http-api.ts';
import { startVendors } from '../../sandbox/vendors/vendors.ts';
import { type PodResult, runPod } from './pod.ts';

export const ADMIN = { adminUser: 'boss', adminPassword: 'boss-password' };
export const PASSWORD = 'instance-password';

const server = await startMongodb(ADMIN);
const managed = { ...ADMIN, host: server.host, port: server.port };
export const vendors = await startVendors({ host: '127.0.0.1', mysql: managed, mongodb: managed });
/** An administrator of the server. */
export const admin = await login(ADMIN.adminUser, ADMIN.adminPassword);
const usual = [{ ...vendors.digitalocean.behaviour }, { ...vendors.atlas.behaviour }];

/** Ends the faults of a test: for `afterEach`. */
export function endFaults(): void {
  const { digitalocean, atlas } = vendors;
  Object.assign(digitalocean.behaviour, usual[0]);
  Object.assign(atlas.behaviour, usual[1]);
  digitalocean.fault = undefined;
  atlas.fault = undefined;
}

/** For `afterAll`. */
export async function stopServers(): Promise<void> {
  await admin.close();
  await vendors.stop();
  await server.stop();
}

export async function login(username: string, password: string): Promise<MongoClient> {
  const options = { auth: { username, password }, authSource: 'admin', directConnection: true };
  return await new MongoClient(`mongodb://${server.host}:${server.port}/`, options).connect();
}

/** A way to administer MongoDB: how its pod is told, and how an instance is made that it takes down. */
export interface Provider {
  readonly environment: () => Record<string, string>;
  /** Makes the user with readWrite on both databases. */
  readonly addUser: (name: string, password: string) => Promise<unknown>;
  readonly users: () => Promise<readonly string[]>;
}

export const databasesOf = (name: string) => [`${name}-openedx`, `${name}-forum`];

export const DIRECT: Provider = {
  environment: () => ({
    MONGODB_PROVIDER: 'direct',
    MONGODB_ADMIN_USER: ADMIN.adminUser,
    MONGODB_ADMIN_PASSWORD: ADMIN.adminPassword,
    MONGODB_ADMIN_AUTH_SOURCE: 'admin',
  }),
  addUser: (name, password) => {
    const roles = databasesOf(name).map((db) => ({ role: 'readWrite', db }));
    return admin.db('admin').command({ createUser: name, pwd: password, roles });
  },
  users: usersOnServer,
};

export const DIGITALOCEAN: Provider = {
  environment: () => {
    const settings = vendors.settings.mongodbDigitalocean;
    return {
      MONGODB_PROVIDER: 'digitalocean',
      VENDOR_API_URL: vendors.digitalocean.url,
      DIGITALOCEAN_TOKEN: settings.LAUNCHPAD_DIGITALOCEAN_TOKEN ?? '',
      DIGITALOCEAN_CLUSTER_ID: settings.LAUNCHPAD_MONGODB_CLUSTER_ID ?? '',
    };
  },
  addUser: async (name, password) => {
    const settings = { mongo_user_settings: { databases: databasesOf(name), role: 'readWrite' as const } };
    await vendors.digitalocean.addUser(clusterId(), name, password, settings);
    await addDigitaloceanDatabases(databasesOf(name));
  },
  users: async () => [...vendors.digitalocean.users(clusterId()).keys()],
};

export const ATLAS: Provider = {
  environment: () => {
    const settings = vendors.settings.mongodbAtlas;
    return {
      MONGODB_PROVIDER: 'atlas',
      VENDOR_API_URL: vendors.atlas.url,
      ATLAS_PROJECT_ID: settings.LAUNCHPAD_ATLAS_PROJECT_ID ?? '',
      ATLAS_CLUSTER_NAME: settings.LAUNCHPAD_ATLAS_CLUSTER_NAME ?? '',
      ATLAS_CLIENT_ID: settings.LAUNCHPAD_ATLAS_CLIENT_ID ?? '',
      ATLAS_CLIENT_SECRET: settings.LAUNCHPAD_ATLAS_CLIENT_SECRET ?? '',
    };
  },
  addUser: (name, password) => vendors.atlas.addUser(name, password, atlasRoles(name)),
  users: async () => [...vendors.atlas.users().keys()],
};

export const atlasRoles = (name: string, roleName: 'read' | 'readWrite' = 'readWrite') =>
  databasesOf(name).map((databaseName) => ({ databaseName, roleName }));

export const clusterId = () => vendors.settings.mongodbDigitalocean.LAUNCHPAD_MONGODB_CLUSTER_ID ?? '';

export async function addDigitaloceanDatabases(names: readonly string[]): Promise<void> {
  const { LAUNCHPAD_DIGITALOCEAN_TOKEN: token } = vendors.settings.mongodbDigitalocean;
  for (const name of names) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const url = `${vendors.digitalocean.url}/v2/databases/${clusterId()}/dbs`;
    expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify({ name }) })).status).toBe(201);
  }
}

async function usersOnServer(): Promise<string[]> {
  const { users } = await admin.db('admin').command({ usersInfo: 1 });
  return users.map(({ user }: { user: string }) => user);
}

export async function databasesOnServer(): Promise<string[]> {
  const { databases } = await admin.db('admin').command({ listDatabases: 1, nameOnly: true });
  return databases.map(({ name }: { name: string }) => name);
}

/** Writes to both databases, in two collections each. */
export async function fill(name: string): Promise<void> {
  for (const database of databasesOf(name))
    for (const collection of ['contents', 'fs.chunks'])
      await admin.db(database).collection(collection).insertOne({ a: 1 });
}

export async function deprovision(
  { environment }: Pick<Provider, 'environment'>,
  name: string,
  others: Record<string, string> = {},
): Promise<PodResult> {
  const [main = '', forum = ''] = databasesOf(name);
  return await runPod('mongodb', {
    OPERATION: 'deprovision',
    MONGODB_HOST: server.host,
    MONGODB_PORT: String(server.port),
    MONGODB_USE_SSL: 'false',
    MONGODB_DATABASE: main,
    FORUM_MONGODB_DATABASE: forum,
    MONGODB_USERNAME: name,
    MONGODB_PASSWORD: PASSWORD,
    MONGODB_AUTH_SOURCE: 'admin',
    PATIENCE_INTERVAL_MS: '50',
    PATIENCE_LIMIT_MS: '1500',
    ...environment(),
    ...others,
  });
}

export const states = (name: string, databases: string, user: string) =>
  Object.fromEntries([
    ...databasesOf(name).map((database) => [`MongoDB database ${database}`, databases]),
    [`MongoDB user ${name}`, user],
  ]);

/** Whether the server, or the vendor, still has anything of that name. */
export async function leftOf({ users }: Provider, name: string): Promise<string[]> {
  const all = [...(await databasesOnServer()), ...(await users()), ...(await usersOnServer())];
  return all.filter((one) => one === name || databasesOf(name).includes(one));
}

/** What changed something at a vendor while the work ran, by what is below the cluster or the project. */
export async function writesDuring(
  api: { readonly requests: readonly RecordedRequest[] },
  work: () => Promise<unknown>,
) {
  const before = api.requests.length;
  await work();
  return api.requests
    .slice(before)
    .filter(({ method, path, status }) => method !== 'GET' && !path.endsWith('/token') && status < 400)
    .map(({ method, path }) => `${method} ${path.replace(/.*(groups|databases)\/[^/]+/, '')}`);
}
