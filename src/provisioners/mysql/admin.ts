import type { Connection, RowDataPacket } from 'mysql2/promise';
import { adminDenied } from '../guards.ts';
import { type Pod, retryInPod } from '../pod.ts';
import {
  accountStatementFailed,
  isAuthenticationFailure,
  isLocked,
  isTransient,
  lacksPrivilege,
  mysqlError,
} from './errors.ts';
import { connect, hostOf, type Login, type Server } from './session.ts';

/** Milliseconds for which a step is done again whose connection is lost, or whose server takes no writes. */
const UNWELL_MS = 120_000;

/** @throws ProvisionerError */
async function connectAdmin(server: Server, admin: Login, pod: Pod): Promise<Connection> {
  try {
    return await connect(server, admin, pod, 'the login of the admin');
  } catch (error) {
    if (!isAuthenticationFailure(error)) throw error;
    const tls = server.sslMode === 'disabled' ? ' An account that requires TLS needs another mysql-ssl-mode.' : '';
    const hint = `Check inputs mysql-admin-user and mysql-admin-password, and that the user may log in from the cluster.${tls}`;
    throw adminDenied('MySQL', { host: hostOf(server), user: admin.user, hint, cause: error });
  }
}

/** What is done as the admin, step by step. A step whose connection is lost is done again by a new one. */
export class AdminSession {
  readonly #server: Server;
  readonly #login: Login;
  readonly #pod: Pod;
  #connection: Connection | undefined;

  constructor(server: Server, login: Login, pod: Pod) {
    this.#server = server;
    this.#login = login;
    this.#pod = pod;
  }

  /**
   * Does a step; it must be one that can be done twice.
   *
   * @throws ProvisionerError, which says what was being done
   */
  async step<T>(doing: string, work: (admin: Connection) => Promise<T>): Promise<T> {
    const [server, pod] = [this.#server, this.#pod];
    const host = hostOf(server);
    const attempt = async () => {
      this.#connection ??= await connectAdmin(server, this.#login, pod);
      const connection = this.#connection;
      return await work(connection).catch(async (error: unknown) => {
        if (isTransient(error)) this.#drop();
        throw accountStatementFailed(error) ? await reasonOf(error, connection) : error;
      });
    };
    return await pod.step({ service: 'MySQL', host, doing }, async () => {
      try {
        const startedAt = pod.clock.monotonicMs();
        const options = {
          // A lock may be held for long; what else lasts is told before the time is up.
          isTransient: (error: unknown) =>
            isLocked(error) || (isTransient(error) && pod.clock.monotonicMs() - startedAt < UNWELL_MS),
          budgetMs: pod.remainingMs(),
        };
        return await retryInPod(pod, `MySQL at ${host}: ${doing}`, attempt, options);
      } catch (error) {
        throw mysqlError(error, host, doing);
      }
    });
  }

  async end(): Promise<void> {
    await this.#connection?.end().catch(() => undefined);
  }

  #drop(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
  }
}

/**
 * Why a statement about an account failed. MariaDB has that among the warnings only, such as 1819 of a password policy
 * (https://mariadb.com/docs/server/reference/plugins/password-validation-plugins).
 */
async function reasonOf(failure: unknown, connection: Connection): Promise<unknown> {
  const warnings = await connection.query<RowDataPacket[]>('SHOW WARNINGS').catch(() => undefined);
  const rows = (warnings?.[0] ?? []).map(({ Code, Message }) => ({ errno: Number(Code), message: String(Message) }));
  const reasons = rows.filter((row) => !accountStatementFailed(row));
  const message = [...new Set(reasons.map((row) => row.message))].join('; ');
  return reasons.length === 0 ? failure : Object.assign(new Error(message), { errno: reasons.at(-1)?.errno });
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

/**
 * The hosts from which a user of that name may log in: each is an account of its own. Ours is `%`. Undefined where the
 * admin may not read the accounts, as on some managed servers.
 */
export async function hostsOfUser(admin: Connection, user: string): Promise<string[] | undefined> {
  try {
    const [rows] = await admin.query<RowDataPacket[]>('SELECT Host FROM mysql.user WHERE User = ?', [user]);
    return rows.map((row) => String(row.Host));
  } catch (error) {
    if (lacksPrivilege(error)) return undefined;
    throw error;
  }
}
