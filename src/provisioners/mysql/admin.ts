import type { Connection, RowDataPacket } from 'mysql2/promise';
import { ProvisionerError, type Say } from '../report.ts';
import { ACCESS_DENIED, connect, errnoOf, hostOf, type Login, mysqlError, type Server } from './session.ts';

/**
 * Logs in as the admin.
 *
 * @throws ProvisionerError
 */
export async function connectAdmin(server: Server, admin: Login, say: Say): Promise<Connection> {
  try {
    const connection = await connect(server, admin, say);
    // Backslashes in strings mean what the escaping takes them for, whatever the server's default.
    await connection.query("SET SESSION sql_mode = ''");
    return connection;
  } catch (error) {
    if (errnoOf(error) !== ACCESS_DENIED) throw mysqlError(error, server, 'the login of the admin');
    const host = hostOf(server);
    throw new ProvisionerError(
      'mysql-access-denied',
      `MySQL at ${host} denies the admin user ${admin.user} the login.`,
      {
        host,
        hint: 'Check inputs mysql-admin-user and mysql-admin-password, and that the user may log in from the cluster.',
        cause: error,
      },
    );
  }
}

/** The character set of a database, or undefined where there is no such database. */
export async function characterSetOf(admin: Connection, database: string): Promise<string | undefined> {
  const [rows] = await admin.query<RowDataPacket[]>(
    'SELECT DEFAULT_CHARACTER_SET_NAME AS charset FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [database],
  );
  const charset: unknown = rows[0]?.charset;
  return typeof charset === 'string' ? charset : undefined;
}

/** The hosts from which a user of that name may log in: each is an account of its own. Ours is `%`. */
export async function hostsOfUser(admin: Connection, user: string): Promise<string[]> {
  const [rows] = await admin.query<RowDataPacket[]>('SELECT Host FROM mysql.user WHERE User = ?', [user]);
  return rows.map((row) => String(row.Host));
}

/** Does a step of the work on a server; what fails says what was being done. */
export async function step<T>(server: Server, doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw mysqlError(error, server, doing);
  }
}
