import type { Connection } from 'mysql2/promise';
import type { Resource, Say } from '../report.ts';
import { refuseSystemNames } from '../system-guard.ts';
import { characterSetOf, connectAdmin, hostsOfUser, step } from './admin.ts';
import { hostOf, type Login, type Server } from './session.ts';

/** What the server shall have no more: a database, and a user. */
export interface MysqlDeprovision {
  readonly server: Server;
  readonly admin: Login;
  readonly database: string;
  /** Name of the user: the account `'name'@'%'` is dropped, and others of the name are left. */
  readonly user: string;
}

/**
 * Drops the database and the user; what is gone already is left so.
 *
 * @throws ProvisionerError
 */
export async function deprovisionMysql(target: MysqlDeprovision, say: Say): Promise<Resource[]> {
  const { server, admin: login, database, user } = target;
  refuseSystemNames({ service: 'MySQL', host: hostOf(server), databases: [database], user, admin: login.user });
  const admin = await connectAdmin(server, login, say);
  try {
    // The user goes last: where the database cannot be dropped, the instance can still be run as it was.
    const databaseState = await step(server, `dropping database ${database}`, () => dropDatabase(admin, database));
    const userState = await step(server, `dropping user ${user}`, () => dropUser(admin, user, say));
    return [
      { kind: 'MySQL database', name: database, state: databaseState },
      { kind: 'MySQL user', name: user, state: userState },
    ];
  } finally {
    await admin.end().catch(() => undefined);
  }
}

async function dropDatabase(admin: Connection, database: string): Promise<Resource['state']> {
  if ((await characterSetOf(admin, database)) === undefined) return 'absent';
  await admin.query('DROP DATABASE IF EXISTS ??', [database]);
  return 'deleted';
}

async function dropUser(admin: Connection, user: string, say: Say): Promise<Resource['state']> {
  const hosts = await hostsOfUser(admin, user);
  for (const host of hosts.filter((one) => one !== '%'))
    say(`User ${user} also exists for host ${JSON.stringify(host)}: left as it is.`);
  if (!hosts.includes('%')) return 'absent';
  await admin.query("DROP USER IF EXISTS ?@'%'", [user]);
  return 'deleted';
}
