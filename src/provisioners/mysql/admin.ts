import type { Connection, RowDataPacket } from 'mysql2/promise';
import { mysqlError, type Server } from './session.ts';

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
