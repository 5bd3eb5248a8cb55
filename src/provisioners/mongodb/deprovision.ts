import type { Db } from 'mongodb';
import type { DigitaloceanCluster } from '../digitalocean/api.ts';
import { refuseSystemNames } from '../guards.ts';
import type { Pod } from '../pod.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import type { Resource } from '../report.ts';
import { type AtlasUserTask, ensureAtlasUser } from './atlas-user.ts';
import { findUser } from './direct.ts';
import { isNotFound, isUnauthorized } from './errors.ts';
import { type Credentials, hostOf, type Login, type Server } from './server.ts';
import { connectAdmin, connected, step } from './session.ts';

/** What the server shall have no more: two databases, and a user. */
export interface MongodbDeprovision {
  readonly server: Server;
  readonly admin: Credentials;
  readonly databases: readonly [string, string];
  readonly user: Pick<Login, 'user' | 'authSource'>;
}

/**
 * Drops the databases and the user; what is gone already is left so.
 *
 * @throws ProvisionerError
 */
export async function deprovisionMongodb(target: MongodbDeprovision, pod: Pod): Promise<Resource[]> {
  const { server, admin: login, databases, user } = target;
  const admin = await connectAdmin(server, login, pod);
  try {
    const resources: Resource[] = [];
    for (const name of databases) {
      const isThere = await step(pod, server, `looking for database ${name}`, () =>
        asAdmin(name, target, () => hasCollections(admin.db(name))),
      );
      await step(pod, server, `dropping database ${name}`, () =>
        asAdmin(name, target, () => admin.db(name).command({ dropDatabase: 1 })),
      );
      resources.push({ kind: 'MongoDB database', name, state: isThere ? 'deleted' : 'absent' });
    }
    const users = admin.db(user.authSource);
    const found = await step(pod, server, `looking for user ${user.user}`, () => findUser(users, user.user));
    await step(pod, server, `dropping user ${user.user}`, () => dropUser(users, user.user));
    return [...resources, { kind: 'MongoDB user', name: user.user, state: found === undefined ? 'absent' : 'deleted' }];
  } finally {
    await admin.close().catch(() => undefined);
  }
}

/** The answer to dropDatabase does not tell on every server whether there was something: the collections do. */
async function hasCollections(database: Db): Promise<boolean> {
  return (await database.listCollections({}, { nameOnly: true }).toArray()).length > 0;
}

/** Looks into a database, or drops it. @throws ProvisionerError where the admin may not */
async function asAdmin<T>(name: string, { server, admin }: MongodbDeprovision, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    const host = hostOf(server);
    throw new ProvisionerError(
      'mongodb-privileges',
      `MongoDB at ${host}: the admin user ${admin.user} may not drop database ${name}.`,
      {
        host,
        hint: 'userAdminAnyDatabase is enough to provision, but not to drop databases: give the admin user dbAdminAnyDatabase too, or root; then run again.',
        cause: error,
      },
    );
  }
}

async function dropUser(users: Db, name: string): Promise<void> {
  try {
    await users.command({ dropUser: name });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** What the managed cluster shall have no more: two databases, and a user. */
export interface ManagedMongodbDeprovision {
  /** One that is known to be there, so that a 404 is about what is in it. */
  readonly cluster: DigitaloceanCluster;
  readonly databases: readonly [string, string];
  readonly user: string;
}

/**
 * Deletes the databases and the user by the vendor's API, one call after another; what is gone already is left so. What
 * is there is read first: an answer that was lost makes the second try find nothing.
 *
 * @throws ProvisionerError
 */
export async function deprovisionManagedMongodb(target: ManagedMongodbDeprovision): Promise<Resource[]> {
  const { cluster, databases, user } = target;
  const existing = await cluster.findUser(user);
  const admin = existing?.isPrimary === true ? user : undefined;
  refuseSystemNames({ service: 'MongoDB', host: cluster.host, databases, user, admin });
  const present = new Set(await cluster.databases());
  const resources: Resource[] = [];
  for (const name of databases) {
    const isDeleted = (await cluster.deleteDatabase(name)) || present.has(name);
    resources.push({ kind: 'MongoDB database', name, state: isDeleted ? 'deleted' : 'absent' });
  }
  const isDeleted = (await cluster.deleteUser(user)) || existing !== undefined;
  return [...resources, { kind: 'MongoDB user', name: user, state: isDeleted ? 'deleted' : 'absent' }];
}

/** What the project shall have no more: the user, and what is in its two databases. */
export type AtlasDeprovision = Omit<AtlasUserTask, 'prepare'>;

/**
 * Empties the databases, then deletes the user. Atlas's API drops no database, and the project's API key is no user of
 * the server: so it is done as the instance's own user, brought to where provisioning would have it (its password set
 * where it does not log in). A user that is gone is made again for that long: its databases may still hold data, and
 * nobody else could look.
 *
 * @throws ProvisionerError
 */
export async function deprovisionAtlas(target: AtlasDeprovision, pod: Pod): Promise<Resource[]> {
  const { cluster, server, user, databases } = target;
  const isThere = (await cluster.findUser(user.user)) !== undefined;
  if (!isThere)
    pod.log(`User ${user.user} does not exist: creating it to check its databases, and deleting it afterwards.`);
  await ensureAtlasUser({ ...target, prepare: async () => undefined }, pod);
  const emptied = new Set<string>();
  await step(pod, server, 'dropping collections', () => emptyDatabases(target, emptied, pod));
  await cluster.deleteUser(user.user);
  return [
    ...databases.map((name): Resource => {
      return { kind: 'MongoDB database', name, state: emptied.has(name) ? 'deleted' : 'absent' };
    }),
    { kind: 'MongoDB user', name: user.user, state: isThere ? 'deleted' : 'absent' },
  ];
}

async function emptyDatabases(
  { server, user, databases }: AtlasDeprovision,
  emptied: Set<string>,
  pod: Pod,
): Promise<void> {
  try {
    await dropCollections(server, user, databases, emptied, pod);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    const host = hostOf(server);
    throw new ProvisionerError(
      'mongodb-privileges',
      `MongoDB at ${host}: user ${user.user} may not drop the collections of ${databases.join(' and ')}.`,
      { host, hint: 'Run again in a minute: the change of its roles may still be on its way.', cause: error },
    );
  }
}

/**
 * Drops all collections of the databases as a user with readWrite: that role includes dropCollection on all but system
 * collections and on system.js, and not dropDatabase
 * (https://www.mongodb.com/docs/manual/reference/built-in-roles/#mongodb-authrole-readWrite). A database is gone with its
 * last collection.
 *
 * @param emptied gets the databases that had something
 */
async function dropCollections(
  server: Server,
  user: Login,
  databases: readonly string[],
  emptied: Set<string>,
  pod: Pod,
): Promise<void> {
  await connected(server, user, pod, async (client) => {
    for (const name of databases) {
      const database = client.db(name);
      const collections = (await namesIn(database)).filter(isDroppable);
      if (collections.length > 0) emptied.add(name);
      for (const collection of collections) await drop(database, collection);
      const left = await namesIn(database);
      if (left.length > 0) pod.log(`Database ${name} still has ${left.join(', ')}, which its user may not drop.`);
    }
  });
}

async function namesIn(database: Db): Promise<string[]> {
  return (await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
}

function isDroppable(collection: string): boolean {
  return !collection.startsWith('system.') || collection === 'system.js';
}

/** What goes with another collection, as the buckets of time series do, is gone when its turn comes. */
async function drop(database: Db, collection: string): Promise<void> {
  try {
    await database.command({ drop: collection });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
