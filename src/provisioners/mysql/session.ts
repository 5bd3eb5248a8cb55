import { type Connection, createConnection, type SslOptions } from 'mysql2/promise';
import { fieldsOf } from '../../core/fields.ts';
import { codeOf, connectionError, isConnectionError, messageOf } from '../connection-errors.ts';
import { hostAndPort } from '../endpoint.ts';
import { type Pod, retryInPod } from '../pod.ts';
import { ProvisionerError } from '../provisioner-error.ts';

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
/** Too many connections, a server that shuts down, starts or is read-only until its failover is over, a killed statement. */
const TRANSIENT = new Set([1040, 1053, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1317, 1836, 1927, 3169, 4031]);
/** A client's own numbers, which proxies between client and server answer with. */
const PROXY_LOST = new Set([2002, 2003, 2006, 2013, 2055, 9001]);
/** Lock wait timeout, deadlock. */
const LOCKED = new Set([1205, 1213]);
/** The server runs with `--read-only`, and other options: the message tells. */
const OPTION_PREVENTS = 1290;
/** Whether another connection holds a lock. */
export function isLocked(error: unknown): boolean {
  return LOCKED.has(errnoOf(error) ?? 0);
}

/** Whether the same statement may succeed later, by a new connection. */
export function isTransient(error: unknown): boolean {
  const errno = errnoOf(error) ?? 0;
  if (errno === OPTION_PREVENTS) return /read-only/.test(messageOf(error));
  return isConnectionError(error) || TRANSIENT.has(errno) || PROXY_LOST.has(errno) || isLocked(error);
}

export function hostOf({ host, port }: Server): string {
  return hostAndPort(host, port);
}

/**
 * Logs in; a server that cannot be reached is tried again for a while.
 *
 * @throws ProvisionerError; the driver's error for a login that the server denies
 */
export async function connect(
  server: Server,
  login: Login,
  pod: Pod,
  { doing = `the login of ${login.user}`, setup = '' } = {},
): Promise<Connection> {
  const work = async () => {
    const connection = await open(server, login);
    if (setup !== '') await connection.query(setup);
    return connection;
  };
  try {
    return await pod.step({ service: 'MySQL', host: hostOf(server), doing }, () =>
      retryInPod(pod, `MySQL at ${hostOf(server)}`, work, { isTransient }),
    );
  } catch (error) {
    throw isAuthenticationFailure(error) ? error : mysqlError(error, server, doing);
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
  const connection = await createConnection({
    host,
    port,
    user,
    password,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(ssl === undefined ? {} : { ssl }),
  });
  // A connection that is lost while it is idle is found lost by the next statement; unheard, the event would end the process.
  connection.on('error', () => undefined);
  return connection;
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
  if ([1836, OPTION_PREVENTS].includes(errno) && isTransient(error)) {
    const message = `MySQL at ${host}: ${doing} failed: the server is read-only (error ${errno}).`;
    const hint = 'Set MYSQL_HOST in config.yml, or input mysql-host, to the server that takes writes.';
    return new ProvisionerError('mysql-read-only', message, { host, hint, cause: error });
  }
  if (isLocked(error)) {
    const message = `MySQL at ${host}: ${doing} failed: another connection holds a lock (error ${errno}).`;
    const hint = 'Look for locks and long statements on the server (SHOW FULL PROCESSLIST), then run again.';
    return new ProvisionerError('mysql-locked', message, { host, hint, cause: error });
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
