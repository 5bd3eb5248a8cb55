import { DIGITALOCEAN_CLUSTER_ID } from '../../core/vendor-ids.ts';
import { DigitaloceanCluster } from '../digitalocean/api.ts';
import { managedMysql } from '../digitalocean/mysql-server.ts';
import { type Environment, operationNamed, optional, placeIn, required, requiredId } from '../environment.ts';
import { refuseSystemNames } from '../guards.ts';
import { type Connection, type Pod, writeConnection } from '../pod.ts';
import type { Resource } from '../report.ts';
import { AdminSession, characterSetOf, hostsOfUser } from './admin.ts';
import { provisionMysql } from './provision.ts';
import { hostOf, type Login, type Server } from './session.ts';

/**
 * Provisions or deprovisions MySQL, by the variables that the WorkflowTemplate sets.
 *
 * @throws ProvisionerError; Error for a variable that is absent or wrong
 */
export async function runMysql(env: Environment, pod: Pod): Promise<Resource[]> {
  const operation = operationNamed(optional(env, 'OPERATION'));
  refuseNames(env, optional(env, 'MYSQL_ADMIN_USER'));
  return operation === 'deprovision' ? await deprovision(env, pod) : await provision(env, pod);
}

/** @throws ProvisionerError `mysql-system-name` */
function refuseNames(env: Environment, admin: string | undefined): void {
  const host = optional(env, 'MYSQL_HOST') ?? optional(env, 'VENDOR_API_URL') ?? '';
  const [database, user] = [required(env, 'MYSQL_DATABASE'), required(env, 'MYSQL_USERNAME')];
  refuseSystemNames({ service: 'MySQL', host, databases: [database], user, admin });
}

async function provision(env: Environment, pod: Pod): Promise<Resource[]> {
  const { connection, ...access } = await adminAccess(env, pod);
  refuseNames(env, access.admin.user);
  const user = { user: required(env, 'MYSQL_USERNAME'), password: required(env, 'MYSQL_PASSWORD') };
  const resources = await provisionMysql({ ...access, database: required(env, 'MYSQL_DATABASE'), user }, pod);
  if (connection !== undefined) await writeConnection(required(env, 'CONNECTION_FILE'), connection);
  return resources;
}

async function deprovision(env: Environment, pod: Pod): Promise<Resource[]> {
  const { server, admin } = await adminAccess(env, pod);
  const names = { database: required(env, 'MYSQL_DATABASE'), user: required(env, 'MYSQL_USERNAME') };
  return await deprovisionMysql({ server, admin, ...names }, pod);
}

interface Access {
  readonly server: Server;
  readonly admin: Login;
  /** Where a vendor's API says that the server is. */
  readonly connection?: Connection;
}

async function adminAccess(env: Environment, pod: Pod): Promise<Access> {
  if (required(env, 'MYSQL_PROVIDER') === 'digitalocean') return await digitalocean(env, pod);
  const server = {
    host: required(env, 'MYSQL_HOST'),
    port: Number(required(env, 'MYSQL_PORT')),
    sslMode: required(env, 'MYSQL_SSL_MODE'),
    ca: optional(env, 'MYSQL_CA'),
  };
  return {
    server,
    admin: { user: required(env, 'MYSQL_ADMIN_USER'), password: required(env, 'MYSQL_ADMIN_PASSWORD') },
  };
}

async function digitalocean(env: Environment, pod: Pod): Promise<Access> {
  const cluster = new DigitaloceanCluster({
    url: required(env, 'VENDOR_API_URL'),
    token: required(env, 'DIGITALOCEAN_TOKEN'),
    clusterId: requiredId(env, 'DIGITALOCEAN_CLUSTER_ID', DIGITALOCEAN_CLUSTER_ID, 'mysql-cluster-id'),
    pod,
  });
  return await managedMysql(cluster, {
    wanted: placeIn(env, 'MYSQL_HOST', 'MYSQL_PORT'),
    trusted: placeIn(env, 'MYSQL_TRUSTED_HOST', 'MYSQL_TRUSTED_PORT'),
    sslMode: required(env, 'MYSQL_SSL_MODE'),
    ca: optional(env, 'MYSQL_CA'),
    adminUser: optional(env, 'MYSQL_ADMIN_USER'),
    adminPassword: optional(env, 'MYSQL_ADMIN_PASSWORD'),
  });
}

/** What the server shall have no more: a database, and a user. */
interface MysqlDeprovision {
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
async function deprovisionMysql(target: MysqlDeprovision, pod: Pod): Promise<Resource[]> {
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
