import { type Connection, createConnection, type SslOptions } from 'mysql2/promise';
import { codeOf } from '../connection-errors.ts';
import { hostAndPort } from '../endpoint.ts';
import { type Pod, retryInPod } from '../pod.ts';
import { isAuthenticationFailure, isTransient, mysqlError } from './errors.ts';

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

/** Seconds after which the server gives up to wait for a lock: a statement that is done again says in the log what it waits for. */
const LOCK_WAIT_SECONDS = 30;
/**
 * Backslashes and double quotes in strings mean what the escaping takes them for, and SHOW GRANTS quotes names by
 * backticks, whatever the server's default (NO_BACKSLASH_ESCAPES, ANSI_QUOTES).
 */
const SETUP = `SET SESSION sql_mode = '', lock_wait_timeout = ${LOCK_WAIT_SECONDS}`;
/** Milliseconds within which the server must accept a connection. */
const CONNECT_TIMEOUT_MS = 10_000;

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
  doing = `the login of ${login.user}`,
): Promise<Connection> {
  const work = async () => {
    const connection = await open(server, login);
    await connection.query(SETUP);
    return connection;
  };
  const explain = (error: unknown) => mysqlError(error, hostOf(server), doing);
  try {
    return await pod.step({ service: 'MySQL', host: hostOf(server), doing }, () =>
      retryInPod(pod, `MySQL at ${hostOf(server)}`, work, { isTransient, explain }),
    );
  } catch (error) {
    throw isAuthenticationFailure(error) ? error : explain(error);
  }
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
