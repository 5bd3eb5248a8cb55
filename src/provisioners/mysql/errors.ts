import { fieldsOf } from '../../core/fields.ts';
import { codeOf, connectionError, isConnectionError, messageOf } from '../connection-errors.ts';
import { ProvisionerError } from '../provisioner-error.ts';

/** A server's error number, such as 1045 (https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html). */
function errnoOf(error: unknown): number | undefined {
  const { errno } = fieldsOf(error);
  return typeof errno === 'number' ? errno : undefined;
}

/** Access denied: wrong user or password, or an account that requires TLS. */
const ACCESS_DENIED = 1045;
/** Too many connections, a server that shuts down, starts or is read-only until its failover is over, a killed statement. */
const TRANSIENT = new Set([1040, 1053, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1317, 1836, 1927, 3169, 4031]);
/** A client's own numbers, which proxies between client and server answer with. */
const PROXY_LOST = new Set([2002, 2003, 2006, 2013, 2055, 9001]);
/** CREATE USER, ALTER USER and the like: "Operation … failed". */
const CANNOT_USER = 1396;
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

/** Whether the server denied the login. */
export function isAuthenticationFailure(error: unknown): boolean {
  return errnoOf(error) === ACCESS_DENIED;
}

/** Whether a statement about an account failed for a reason that the server gives as a warning. */
export function accountStatementFailed(error: unknown): boolean {
  return errnoOf(error) === CANNOT_USER;
}

/** Whether the admin lacks a privilege for a statement: on a database, a table, or for the statement itself. */
export function lacksPrivilege(error: unknown): boolean {
  return LACKS_PRIVILEGE.has(errnoOf(error) ?? 0);
}

const LACKS_PRIVILEGE = new Set([1044, 1142, 1143, 1227, 1370, 1410]);

/** An error of the server with a cause of its own. */
interface Known {
  readonly errnos: readonly number[];
  readonly code: string;
  /** Completes "MySQL at host: the login of x failed: ". */
  readonly what: string;
  readonly hint: string;
}

/** Numbers of MySQL and MariaDB (https://mariadb.com/kb/en/mariadb-error-code-reference/); those from 4000 on differ. */
const KNOWN: readonly Known[] = [
  {
    errnos: [1836, 1290],
    code: 'mysql-read-only',
    what: 'the server is read-only',
    hint: 'Set MYSQL_HOST in config.yml, or input mysql-host, to the server that takes writes.',
  },
  {
    errnos: [1205, 1213],
    code: 'mysql-locked',
    what: 'another connection holds a lock',
    hint: 'Look for locks and long statements on the server (SHOW FULL PROCESSLIST), then run again.',
  },
  {
    errnos: [1226],
    code: 'mysql-account-limit',
    what: 'the account has reached a limit of its own, such as its connections or statements an hour',
    hint: 'Raise the limit (ALTER USER … WITH MAX_USER_CONNECTIONS 0), or wait until it is reset, then run again.',
  },
  {
    errnos: [1698],
    code: 'mysql-no-password-login',
    what: 'this account does not log in by a password, but by the user of the operating system (auth_socket)',
    hint: 'Give the account a password (ALTER USER … IDENTIFIED BY …); where it is the admin, input mysql-admin-user may name another.',
  },
  {
    errnos: [1820, 1862],
    code: 'mysql-password-expired',
    what: "the account's password has expired",
    hint: 'Set a new one (ALTER USER … IDENTIFIED BY …), put it into the setting of the password, and run again.',
  },
  {
    errnos: [3118, 4151],
    code: 'mysql-account-locked',
    what: 'the account is locked',
    hint: 'Unlock it (ALTER USER … ACCOUNT UNLOCK), then run again.',
  },
  {
    errnos: [3159, 3160],
    code: 'mysql-tls-needed',
    what: 'the server takes encrypted connections only',
    hint: 'Set input mysql-ssl-mode to required or verify-ca.',
  },
  {
    errnos: [1524, 1251, 2059],
    code: 'mysql-auth-plugin',
    what: 'the account uses a way to log in that the server or this client does not have',
    hint: 'Give the account caching_sha2_password or mysql_native_password (ALTER USER … IDENTIFIED WITH …).',
  },
  {
    errnos: [1819],
    code: 'mysql-password-policy',
    what: "the server's password policy refuses the password",
    hint: 'Set MYSQL_PASSWORD in config.yml to one that the policy accepts, or remove it so that a new one is generated: 32 characters with lower and upper case, digits and a sign.',
  },
  {
    errnos: [1044, 1142, 1143, 1227, 1370, 1410],
    code: 'mysql-privileges',
    what: 'the admin user lacks a privilege',
    hint: 'Give the admin user CREATE, DROP, CREATE USER and the privileges on launchpad databases, with GRANT OPTION.',
  },
];

/**
 * The error to end with, in words that say what to check; the driver's own where it is about neither login nor network.
 *
 * @param host of the server, with its port
 * @param doing completes "MySQL at host: … failed"
 */
export function mysqlError(error: unknown, host: string, doing: string): ProvisionerError {
  if (error instanceof ProvisionerError) return error;
  const lost = connectionError(error, 'MySQL', host);
  if (lost !== undefined) return lost;
  const errno = errnoOf(error);
  const failed = (code: string, what: string, hint: string) =>
    new ProvisionerError(code, `MySQL at ${host}: ${doing} failed: ${what}.`, { host, hint, cause: error });
  if (codeOf(error) === 'AUTH_SWITCH_PLUGIN_ERROR') {
    const [, plugin = ''] = /plugin (\w+)/.exec(messageOf(error)) ?? [];
    const what = `the server asks for the login plugin ${plugin}, which this client does not have`;
    return failed('mysql-auth-plugin', what, hintOf(1524));
  }
  if (errno === undefined) {
    const hint = 'Check the server, and the TLS settings of the connection to it.';
    return failed('mysql-failed', `${codeOf(error) ?? ''} ${messageOf(error)}`.trim(), hint);
  }
  const said = `${messageOf(error)} (error ${errno})`;
  const known = KNOWN.find(({ errnos }) => errnos.includes(errno));
  // 1290 is for all options of the server; the message names the one.
  const isOther = errno === OPTION_PREVENTS && !isTransient(error);
  if (known === undefined || isOther) {
    return failed('mysql-failed', said, 'Look the error up in the MySQL reference; the statement is named before it.');
  }
  return failed(known.code, `${known.what}: ${said}`, known.hint);
}

function hintOf(errno: number): string {
  return KNOWN.find(({ errnos }) => errnos.includes(errno))?.hint ?? '';
}
