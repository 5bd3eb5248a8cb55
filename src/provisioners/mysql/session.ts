import { type Connection, createConnection, type SslOptions } from 'mysql2/promise';
import { connectionError } from '../connection-errors.ts';
import type { Deadline } from '../deadline.ts';
import { ProvisionerError, type Say } from '../report.ts';
import { codeOf, isConnectionError, retry } from '../retry.ts';

/** A MySQL server and how the connection to it is protected. */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** As `mysql --ssl-mode`: disabled, preferred, required or verify-ca. */
  readonly sslMode: string;
  /** Certificate authority, PEM. */
  readonly ca: string | undefined;
  /** When trying to reach it must end, so that the pod says why before Argo ends it. */
  readonly deadline?: Deadline;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Milliseconds that a connection may take to come about. */
const CONNECT_TIMEOUT_MS = 10_000;

/** A server's error number, such as 1045 (https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html). */
export function errnoOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'errno' in error && typeof error.errno === 'number'
    ? error.errno
    : undefined;
}

/** Access denied: wrong user or password. */
export const ACCESS_DENIED = 1045;
/** Too many connections, server shutting down, lock wait: these pass. */
const TRANSIENT = new Set([1040, 1053, 1205, 1213]);

export function hostOf({ host, port }: Server): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Logs in; a server that cannot be reached is tried again for a while. Errors are those of the driver. */
export async function connect(server: Server, login: Login, say: Say): Promise<Connection> {
  const { deadline } = server;
  return await retry(() => open(server, login), {
    what: `MySQL at ${hostOf(server)}`,
    say,
    isTransient: (error) => isConnectionError(error) || TRANSIENT.has(errnoOf(error) ?? 0),
    ...(deadline === undefined ? {} : { remainingMs: () => deadline.remainingMs() }),
  });
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
  const said = error instanceof Error ? error.message : String(error);
  if (errno === undefined) {
    return new ProvisionerError('mysql-failed', `MySQL at ${host}: ${doing} failed: ${codeOf(error) ?? ''} ${said}`, {
      host,
      hint: 'Check the server, and the TLS settings of the connection to it.',
      cause: error,
    });
  }
  const privileges = [1044, 1142, 1227, 1410].includes(errno);
  return new ProvisionerError(
    privileges ? 'mysql-privileges' : 'mysql-failed',
    `MySQL at ${host}: ${doing} failed: ${said} (error ${errno}).`,
    {
      host,
      hint: privileges
        ? 'Give the admin user CREATE, DROP, CREATE USER and the privileges on launchpad databases, with GRANT OPTION.'
        : 'Look the error up in the MySQL reference; the statement is named before it.',
      cause: error,
    },
  );
}
