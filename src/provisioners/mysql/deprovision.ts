import { refuseSystemNames } from '../guards.ts';
import type { Pod } from '../pod.ts';
import type { Resource } from '../report.ts';
import { AdminSession, characterSetOf, hostsOfUser } from './admin.ts';
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
export async function deprovisionMysql(target: MysqlDeprovision, pod: Pod): Promise<Resource[]> {
  const { server, admin: login, database, user } = target;
  refuseSystemNames({ service: 'MySQL', host: hostOf(server), databases: [database], user, admin: login.user });
  const admin = new AdminSession(server, login, pod);
  try {
    // The user goes last: where the database cannot be dropped, the instance can still be run as it was.
    const databaseState = await dropDatabase(admin, database);
    const userState = await dropUser(admin, user, pod);
    return [
      { kind: 'MySQL database', name: database, state: databaseState },
      { kind: 'MySQL user', name: user, state: userState },
    ];
  } finally {
    await admin.end();
  }
}

async function dropDatabase(admin: AdminSession, database: string): Promise<Resource['state']> {
  const charset = await admin.step(`looking for database ${database}`, (sql) => characterSetOf(sql, database));
  if (charset === undefined) return 'absent';
  await admin.step(`dropping database ${database}`, (sql) => sql.query('DROP DATABASE IF EXISTS ??', [database]));
  return 'deleted';
}

async function dropUser(admin: AdminSession, user: string, pod: Pod): Promise<Resource['state']> {
  const hosts = await admin.step(`looking for user ${user}`, (sql) => hostsOfUser(sql, user));
  for (const host of (hosts ?? []).filter((one) => one !== '%'))
    pod.log(`User ${user} also exists for host ${JSON.stringify(host)}: left as it is.`);
  // Where the accounts cannot be read, dropping one that is absent does nothing.
  if (hosts?.includes('%') === false) return 'absent';
  await admin.step(`dropping user ${user}`, (sql) => sql.query("DROP USER IF EXISTS ?@'%'", [user]));
  return 'deleted';
}
