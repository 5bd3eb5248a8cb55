import { type Connection, createConnection, type SslOptions } from 'mysql2/promise';
import { fieldsOf } from '../../core/fields.ts';
import { codeOf, connectionError, isConnectionError, messageOf } from '../connection-errors.ts';
import { hostAndPort } from '../endpoint.ts';
import { adminDenied } from '../guards.ts';
import { type Pod, retryInPod } from '../pod.ts';
import { ProvisionerError } from '../report.ts';

/** A MySQL server and how the connection to it is protected. */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** As `mysql --ssl-mode`: disabled, preferred, required or verify-ca. */
  readonly sslMode: string;
  /** Certificate authority, PEM. */
  readonly ca: string | undefined;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Milliseconds within which the server must accept a connection. */
const CONNECT_TIMEOUT_MS = 10_000;

/** A server's error number, such as 1045 (https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html). */
function errnoOf(error: unknown): number | undefined {
  const { errno } = fieldsOf(error);
  return typeof errno === 'number' ? errno : undefined;
}

/** Access denied: wrong user or password. */
const ACCESS_DENIED = 1045;
/** Too many connections, server shutting down, lock wait: these pass. */
const TRANSIENT = new Set([1040, 1053, 1205, 1213]);

export function hostOf({ host, port }: Server): string {
  return hostAndPort(host, port);
}

/** Logs in; a server that cannot be reached is tried again for a while. Errors are those of the driver. */
export async function connect(server: Server, login: Login, pod: Pod): Promise<Connection> {
  return await retryInPod(pod, `MySQL at ${hostOf(server)}`, () => open(server, login), {
    isTransient: (error) => isConnectionError(error) || TRANSIENT.has(errnoOf(error) ?? 0),
  });
}

/**
 * Logs in as the admin.
 *
 * @throws ProvisionerError
 */
export async function connectAdmin(server: Server, admin: Login, pod: Pod): Promise<Connection> {
  try {
    const connection = await connect(server, admin, pod);
    // Backslashes in strings mean what the escaping takes them for, whatever the server's default.
    await connection.query("SET SESSION sql_mode = ''");
    return connection;
  } catch (error) {
    if (!isAuthenticationFailure(error)) throw mysqlError(error, server, 'the login of the admin');
    const hint =
      'Check inputs mysql-admin-user and mysql-admin-password, and that the user may log in from the cluster.';
    throw adminDenied('MySQL', { host: hostOf(server), user: admin.user, hint, cause: error });
  }
}

/** Whether the server denied the login. */
export function isAuthenticationFailure(error: unknown): boolean {
  return errnoOf(error) === ACCESS_DENIED;
}

async function open(server: Server, login: Login): Promise<Connection> {
  const ssl = tlsOf(server);
  try {
    return await openWith(server, login, ssl);
  } catch (error) {
    // `preferred`: where the server has no TLS, in the clear, as MySQL's own client does.
    if (server.sslMode === 'preferred' && codeOf(error) === 'HANDSHAKE_NO_SSL_SUPPORT')
      return await openWith(server, login, undefined);
    throw error;
  }
}

async function openWith(
  { host, port }: Server,
  { user, password }: Login,
  ssl: SslOptions | undefined,
): Promise<Connection> {
  return await createConnection({
    host,
    port,
    user,
    password,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(ssl === undefined ? {} : { ssl }),
  });
}

function tlsOf({ sslMode, ca }: Server): SslOptions | undefined {
  switch (sslMode) {
    case 'disabled':
      return undefined;
    case 'verify-ca':
      return { ...(ca === undefined ? {} : { ca }), rejectUnauthorized: true, verifyIdentity: false };
    default:
      return { rejectUnauthorized: false };
  }
}

/** The error to end with, in words that say what to check; the driver's own where it is about neither login nor network. */
export function mysqlError(error: unknown, server: Server, doing: string): ProvisionerError {
  if (error instanceof ProvisionerError) return error;
  const host = hostOf(server);
  const lost = connectionError(error, 'MySQL', host);
  if (lost !== undefined) return lost;
  const errno = errnoOf(error);
  if (errno === undefined) {
    return new ProvisionerError(
      'mysql-failed',
      `MySQL at ${host}: ${doing} failed: ${codeOf(error) ?? ''} ${messageOf(error)}`,
      {
        host,
        hint: 'Check the server, and the TLS settings of the connection to it.',
        cause: error,
      },
    );
  }
  const privileges = [1044, 1142, 1227, 1410].includes(errno);
  return new ProvisionerError(
    privileges ? 'mysql-privileges' : 'mysql-failed',
    `MySQL at ${host}: ${doing} failed: ${messageOf(error)} (error ${errno}).`,
    {
      host,
      hint: privileges
        ? 'Give the admin user CREATE, DROP, CREATE USER and the privileges on launchpad databases, with GRANT OPTION.'
        : 'Look the error up in the MySQL reference; the statement is named before it.',
      cause: error,
    },
  );
}
