import type { Db, MongoClient } from 'mongodb';
import { refuseSystemNames } from '../guards.ts';
import type { Pod } from '../pod.ts';
import { ProvisionerError, type Resource } from '../report.ts';
import { step } from './login.ts';
import { connectAdmin, hostOf, isNotFound, isUnauthorized, type Login, type Server } from './session.ts';

/** What the server shall have no more: two databases, and a user. */
export interface MongodbDeprovision {
  readonly server: Server;
  readonly admin: Login;
  readonly databases: readonly [string, string];
  readonly user: Pick<Login, 'user' | 'authSource'>;
}

type State = Resource['state'];

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
      const state = await step(server, `dropping database ${name}`, () => dropDatabase(admin, name, target));
      resources.push({ kind: 'MongoDB database', name, state });
    }
    const users = admin.db(user.authSource);
    const state = await step(server, `dropping user ${user.user}`, () => dropUser(users, user.user));
    return [...resources, { kind: 'MongoDB user', name: user.user, state }];
  } finally {
    await admin.close().catch(() => undefined);
  }
}

/** The answer to dropDatabase does not tell on every server whether there was something: the collections do. */
async function dropDatabase(
  admin: MongoClient,
  name: string,
  { server, admin: login }: MongodbDeprovision,
): Promise<State> {
  const database = admin.db(name);
  try {
    const collections = await database.listCollections({}, { nameOnly: true }).toArray();
    await database.command({ dropDatabase: 1 });
    return collections.length > 0 ? 'deleted' : 'absent';
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    const host = hostOf(server);
    throw new ProvisionerError(
      'mongodb-privileges',
      `MongoDB at ${host}: the admin user ${login.user} may not drop database ${name}.`,
      {
        host,
        hint: 'userAdminAnyDatabase is enough to provision, but not to drop databases: give the admin user dbAdminAnyDatabase too, or root; then run again.',
        cause: error,
      },
    );
  }
}

async function dropUser(users: Db, name: string): Promise<State> {
  try {
    await users.command({ dropUser: name });
    return 'deleted';
  } catch (error) {
    if (isNotFound(error)) return 'absent';
    throw error;
  }
}
