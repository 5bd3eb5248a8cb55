import type { Connection, RowDataPacket } from 'mysql2/promise';
import { SHORTEST_PASSWORD, shortPassword } from '../guards.ts';
import type { Pod } from '../pod.ts';
import type { Resource } from '../report.ts';
import { characterSetOf, hostsOfUser, step } from './admin.ts';
import { connect, connectAdmin, hostOf, isAuthenticationFailure, type Login, type Server } from './session.ts';

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
  const admin = await connectAdmin(server, task.admin, pod);
  try {
    const databaseState = await step(server, `creating database ${database}`, () =>
      ensureDatabase(admin, database, pod),
    );
    const userState = await step(server, `creating user ${user.user}`, () => ensureUser(admin, task, pod));
    const grantState = await step(server, `granting on ${database}`, () => ensureGrants(admin, task, pod));
    await step(server, `the login of ${user.user}`, () => proveAccess(task, pod));
    return [
      { kind: 'MySQL database', name: database, state: databaseState },
      { kind: 'MySQL user', name: user.user, state: userState === 'unchanged' ? grantState : userState },
    ];
  } finally {
    await admin.end().catch(() => undefined);
  }
}

type State = Resource['state'];

async function ensureDatabase(admin: Connection, database: string, pod: Pod): Promise<State> {
  const charset = await characterSetOf(admin, database);
  if (charset !== undefined) {
    if (charset !== CHARACTER_SET)
      pod.log(`Database ${database} has character set ${charset}, not ${CHARACTER_SET}: left as it is.`);
    return 'unchanged';
  }
  await admin.query(`CREATE DATABASE IF NOT EXISTS ?? CHARACTER SET ${CHARACTER_SET} COLLATE ${COLLATION}`, [database]);
  return 'created';
}

async function ensureUser(admin: Connection, task: MysqlTask, pod: Pod): Promise<State> {
  const { user } = task;
  const exists = (await hostsOfUser(admin, user.user)).includes('%');
  if (exists && (await logsIn(task, pod))) return 'unchanged';
  if (user.password.length < SHORTEST_PASSWORD)
    throw shortPassword('MySQL', { user: user.user, exists, host: hostOf(task.server) });
  if (!exists) {
    await admin.query("CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?", [user.user, user.password]);
    return 'created';
  }
  pod.log(`The password of ${user.user} does not log in: it is set to the one of config.yml.`);
  await admin.query("ALTER USER ?@'%' IDENTIFIED BY ?", [user.user, user.password]);
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

async function ensureGrants(admin: Connection, { database, user }: MysqlTask, pod: Pod): Promise<State> {
  const pattern = grantPattern(database, await takesPatternsLiterally(admin));
  const [rows] = await admin.query<RowDataPacket[]>("SHOW GRANTS FOR ?@'%'", [user.user]);
  const grants = rows.flatMap((row) => parseGrant(String(Object.values(row)[0])) ?? []);
  const own = grants.filter(({ on }) => on === `${pattern}.*`);
  const others = grants.filter(({ on, privileges }) => on !== `${pattern}.*` && privileges.length > 0);
  for (const { on, privileges } of others)
    pod.log(`User ${user.user} also has ${privileges.join(', ')} on ${on}: left as it is.`);
  if (own.some(({ privileges }) => privileges.some((name) => name.startsWith('ALL PRIVILEGES')))) return 'unchanged';
  await admin.query(`GRANT ALL PRIVILEGES ON \`${pattern.replaceAll('`', '``')}\`.* TO ?@'%'`, [user.user]);
  return 'updated';
}

/** MariaDB, and MySQL before 8.0.16, have no such variable. */
async function takesPatternsLiterally(admin: Connection): Promise<boolean> {
  const [rows] = await admin.query<RowDataPacket[]>("SHOW VARIABLES LIKE 'partial_revokes'");
  return rows.some((row) => String(row.Value).toUpperCase() === 'ON');
}

/** The user logs in and reaches its database: what the instance is going to do. */
async function proveAccess({ server, user, database }: MysqlTask, pod: Pod): Promise<void> {
  const connection = await connect(server, user, pod);
  try {
    await connection.query('USE ??', [database]);
  } finally {
    await connection.end().catch(() => undefined);
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
