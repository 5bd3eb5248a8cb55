import type { Db } from 'mongodb';
import { refuseSystemNames } from '../guards.ts';
import type { Pod } from '../pod.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import type { Resource } from '../report.ts';
import { findUser } from './direct.ts';
import { isNotFound, isUnauthorized } from './errors.ts';
import { type Credentials, hostOf, type Login, type Server } from './server.ts';
import { connectAdmin, step } from './session.ts';

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
  refuseSystemNames({ service: 'MongoDB', host: hostOf(server), databases, user: user.user, admin: login.user });
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
