import type { Connection, RowDataPacket } from 'mysql2/promise';
import { SHORTEST_PASSWORD, shortPassword } from '../guards.ts';
import type { Pod } from '../pod.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import type { Resource } from '../report.ts';
import { AdminSession, characterSetOf, hostsOfUser } from './admin.ts';
import { isAuthenticationFailure, lacksPrivilege } from './errors.ts';
import { connect, hostOf, type Login, type Server } from './session.ts';

/** What the server shall have: a database, and a user with all privileges on it and on no other. */
export interface MysqlTask {
  readonly server: Server;
  readonly admin: Login;
  readonly database: string;
  readonly user: Login;
}

const CHARACTER_SET = 'utf8mb4';
const COLLATION = 'utf8mb4_unicode_ci';

/**
 * Brings the server to the state that the task describes, and changes nothing that is right already.
 *
 * @throws ProvisionerError
 */
export async function provisionMysql(task: MysqlTask, pod: Pod): Promise<Resource[]> {
  const { server, database, user } = task;
  const admin = new AdminSession(server, task.admin, pod);
  try {
    const databaseState = await ensureDatabase(admin, database, pod);
    const userState = await ensureUser(admin, task, pod);
    const grantState = await admin.step(`granting on ${database}`, (sql) => ensureGrants(sql, task, pod));
    await admin.step(`the login of ${user.user}`, () => proveAccess(task, pod));
    return [
      { kind: 'MySQL database', name: database, state: databaseState },
      { kind: 'MySQL user', name: user.user, state: userState === 'unchanged' ? grantState : userState },
    ];
  } finally {
    await admin.end();
  }
}

type State = Resource['state'];

// What there is is read in a step of its own: where the answer to a change is lost, the second try finds it made.

async function ensureDatabase(admin: AdminSession, database: string, pod: Pod): Promise<State> {
  const charset = await admin.step(`looking for database ${database}`, (sql) => characterSetOf(sql, database));
  if (charset !== undefined) {
    if (charset !== CHARACTER_SET)
      pod.log(`Database ${database} has character set ${charset}, not ${CHARACTER_SET}: left as it is.`);
    return 'unchanged';
  }
  const statement = `CREATE DATABASE IF NOT EXISTS ?? CHARACTER SET ${CHARACTER_SET} COLLATE ${COLLATION}`;
  await admin.step(`creating database ${database}`, (sql) => sql.query(statement, [database]));
  return 'created';
}

async function ensureUser(admin: AdminSession, task: MysqlTask, pod: Pod): Promise<State> {
  const { user } = task;
  const hosts = await admin.step(`looking for user ${user.user}`, (sql) => hostsOfUser(sql, user.user));
  // Where the accounts cannot be read, only a login shows that there is one.
  const mayExist = hosts === undefined || hosts.includes('%');
  if (mayExist && (await admin.step(`the login of ${user.user}`, () => logsIn(task, pod)))) return 'unchanged';
  if (user.password.length < SHORTEST_PASSWORD) {
    throw shortPassword('MySQL', { user: user.user, exists: mayExist, host: hostOf(task.server) });
  }
  if (hosts === undefined || !mayExist) {
    await admin.step(`creating user ${user.user}`, (sql) =>
      sql.query("CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?", [user.user, user.password]),
    );
  }
  if (!mayExist) return 'created';
  pod.log(`The password of ${user.user} does not log in: it is set to the one of config.yml.`);
  await admin.step(`setting the password of user ${user.user}`, (sql) =>
    sql.query("ALTER USER ?@'%' IDENTIFIED BY ?", [user.user, user.password]),
  );
  return 'updated';
}

/** Whether the user's password is right. Any error but a denied login is a failure, and no reason to set it anew. */
async function logsIn({ server, user }: MysqlTask, pod: Pod): Promise<boolean> {
  try {
    const connection = await connect(server, user, pod);
    await connection.end();
    return true;
  } catch (error) {
    if (isAuthenticationFailure(error)) return false;
    throw error;
  }
}

/**
 * What Open edX needs of its database. It is granted where the admin may not grant ALL, as that of a managed server which
 * keeps some privileges to itself.
 */
const NEEDED = [
  ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER', 'LOCK TABLES'],
  ...['CREATE TEMPORARY TABLES', 'CREATE VIEW', 'SHOW VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE', 'EXECUTE', 'TRIGGER'],
];

async function ensureGrants(admin: Connection, task: MysqlTask, pod: Pod): Promise<State> {
  const { database, user } = task;
  const pattern = grantPattern(database, await takesPatternsLiterally(admin));
  const isOwn = await sameName(admin, `${pattern}.*`);
  const grants = await grantsOf(admin, task, pod);
  const own = grants.filter(({ on }) => isOwn(on));
  const others = grants.filter(({ on, privileges }) => !isOwn(on) && privileges.length > 0);
  for (const { on, privileges } of others)
    pod.log(`User ${user.user} also has ${privileges.join(', ')} on ${on}: left as it is.`);
  const granted = new Set(own.flatMap(({ privileges }) => privileges));
  if (granted.has('ALL PRIVILEGES') || NEEDED.every((privilege) => granted.has(privilege))) return 'unchanged';
  const on = `ON \`${pattern.replaceAll('`', '``')}\`.* TO ?@'%'`;
  try {
    await admin.query(`GRANT ALL PRIVILEGES ${on}`, [user.user]);
  } catch (error) {
    if (!lacksPrivilege(error)) throw error;
    pod.log(`The admin may not grant all privileges on ${database}: granting those that Open edX needs.`);
    await admin.query(`GRANT ${NEEDED.join(', ')} ${on}`, [user.user]);
  }
  return 'updated';
}

/**
 * The grants of the user's account for all hosts. They are asked for as the user itself, which needs no privilege, unless the
 * server takes an account for a narrower host: grants on a database count for that one as well, and it does not show them.
 */
async function grantsOf(admin: Connection, task: MysqlTask, pod: Pod): Promise<Grant[]> {
  const { user } = task.user;
  const connection = await connectAsUser(task, pod);
  try {
    const [[account = {}]] = await connection.query<RowDataPacket[]>('SELECT CURRENT_USER()');
    const [rows] = await (Object.values(account)[0] === `${user}@%`
      ? connection.query<RowDataPacket[]>('SHOW GRANTS')
      : admin.query<RowDataPacket[]>("SHOW GRANTS FOR ?@'%'", [user]));
    return rows.flatMap((row) => parseGrant(String(Object.values(row)[0])) ?? []);
  } catch (error) {
    // The admin may not look, and what is there already is granted again.
    if (lacksPrivilege(error)) return [];
    throw error;
  } finally {
    await connection.end().catch(() => undefined);
  }
}

/** Compares names as the server does: with lower_case_table_names it keeps them in lower case. */
async function sameName(admin: Connection, name: string): Promise<(other: string) => boolean> {
  const [rows] = await admin.query<RowDataPacket[]>("SHOW VARIABLES LIKE 'lower_case_table_names'");
  if (String(rows[0]?.Value ?? '0') === '0') return (other) => other === name;
  return (other) => other.toLowerCase() === name.toLowerCase();
}

/** MariaDB, and MySQL before 8.0.16, have no such variable. */
async function takesPatternsLiterally(admin: Connection): Promise<boolean> {
  const [rows] = await admin.query<RowDataPacket[]>("SHOW VARIABLES LIKE 'partial_revokes'");
  return rows.some((row) => String(row.Value).toUpperCase() === 'ON');
}

/** The user logs in and reaches its database: what the instance is going to do. */
async function proveAccess(task: MysqlTask, pod: Pod): Promise<void> {
  const connection = await connectAsUser(task, pod);
  try {
    await connection.query('USE ??', [task.database]);
  } finally {
    await connection.end().catch(() => undefined);
  }
}

/** @throws ProvisionerError `mysql-other-account` where the server denies the login though the password has just been set */
async function connectAsUser({ server, user }: MysqlTask, pod: Pod): Promise<Connection> {
  try {
    return await connect(server, user, pod);
  } catch (error) {
    if (!isAuthenticationFailure(error)) throw error;
    const host = hostOf(server);
    const message = `MySQL at ${host} denies ${user.user} the login, though its account for all hosts (%) has this password: the server takes another account of that name first, which is for a narrower host.`;
    const hint = `Look at the accounts (SELECT User, Host FROM mysql.user WHERE User IN ('${user.user}', '')), and drop the narrower one or give it the same password.`;
    throw new ProvisionerError('mysql-other-account', message, { host, hint, cause: error });
  }
}

/** A grant on a database, as SHOW GRANTS prints it. */
export interface Grant {
  /** Upper-case privileges, such as `ALL PRIVILEGES`, `SELECT`. */
  readonly privileges: readonly string[];
  /** What they are on, as printed without quotes, such as `launchpad-x-openedx.*` or `*.*`. */
  readonly on: string;
}

/**
 * Reads one line of SHOW GRANTS, of MySQL or MariaDB
 * (https://dev.mysql.com/doc/refman/8.4/en/show-grants.html); undefined for a line that grants no privilege on anything.
 */
export function parseGrant(line: string): Grant | undefined {
  const match = /^GRANT (.{1,4000}?) ON (?:TABLE )?(\S.{0,300}?) TO /.exec(line);
  if (match === null) return undefined;
  const [, privileges = '', on = ''] = match;
  const names = privileges.split(',').map((privilege) => privilege.trim().toUpperCase());
  return { privileges: names.filter((name) => name !== 'USAGE'), on: on.replaceAll('`', '') };
}

/**
 * A database's name in a grant. There `_` and `%` stand for any character and any characters, so that a grant on `a_b`
 * is one on `axb` too: they are escaped, unless the server takes them literally (partial_revokes;
 * https://dev.mysql.com/doc/refman/8.4/en/grant.html#grant-quoting).
 */
export function grantPattern(database: string, isLiteral: boolean): string {
  return isLiteral ? database : database.replace(/[_%]/g, (wildcard) => `\\${wildcard}`);
}
