import { MongoClient, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { codeOf, connectionError, isConnectionError, messageOf } from '../connection-errors.ts';
import { adminDenied } from '../guards.ts';
import { type Pod, retryInPod } from '../pod.ts';
import { ProvisionerError } from '../report.ts';

export interface Server {
  /** `host:port` of a server, or of some members of a replica set; with `srv` the one name that DNS has them under. */
  readonly hosts: readonly [string, ...string[]];
  /** Whether the members are found by DNS (https://www.mongodb.com/docs/manual/reference/connection-string/#srv-connection-format). */
  readonly srv?: boolean;
  readonly useSsl: boolean;
  /** Certificate authority, PEM; without one those that Node knows. */
  readonly ca: string | undefined;
  /** Without one, a single host is connected to directly, even where it is a member of a set. */
  readonly replicaSet: string | undefined;
}

export interface Login {
  readonly user: string;
  readonly password: string;
  /** Database that the user logs in against. */
  readonly authSource: string;
  readonly mechanism?: string | undefined;
}

/** Server error codes (https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml). */
const AUTHENTICATION_FAILED = 18;
const ATLAS_ERROR = 8000;
const UNAUTHORIZED = 13;
const USER_NOT_FOUND = 11;
const NAMESPACE_NOT_FOUND = 26;
const NOT_PRIMARY = [10107, 13435, 13436];

/** Milliseconds within which the driver must find a server. */
const SELECTION_TIMEOUT_MS = 10_000;

/** The server as messages name it. */
export function hostOf({ hosts }: Server): string {
  return hosts[0];
}

/** Logs in; a server that cannot be reached is tried again for a while. Errors are those of the driver. */
export async function connect(server: Server, login: Login, pod: Pod): Promise<MongoClient> {
  return await retryInPod(pod, `MongoDB at ${hostOf(server)}`, () => open(server, login), {
    isTransient: (error) => isConnectionError(reasonOf(error)),
  });
}

/**
 * Logs in as the admin.
 *
 * @throws ProvisionerError
 */
export async function connectAdmin(server: Server, admin: Login, pod: Pod): Promise<MongoClient> {
  try {
    return await connect(server, admin, pod);
  } catch (error) {
    if (!isAuthenticationFailure(error)) throw mongodbError(error, server, 'the login of the admin');
    const hint = 'Check inputs mongodb-admin-user, mongodb-admin-password and mongodb-auth-source.';
    throw adminDenied('MongoDB', { host: hostOf(server), user: admin.user, hint, cause: error });
  }
}

/** One attempt at a login. Errors are those of the driver. */
export async function open(
  server: Server,
  { user, password, authSource, mechanism }: Login,
  selectionTimeoutMs = SELECTION_TIMEOUT_MS,
): Promise<MongoClient> {
  const { hosts, srv = false, useSsl, ca, replicaSet } = server;
  const isDirect = replicaSet === undefined && !srv && hosts.length === 1;
  const client = new MongoClient(`mongodb${srv ? '+srv' : ''}://${hosts.join(',')}/`, {
    appName: 'launchpad-provision',
    auth: { username: user, password },
    authSource,
    maxPoolSize: 1,
    serverSelectionTimeoutMS: selectionTimeoutMs,
    tls: useSsl,
    ...(useSsl && ca !== undefined ? { ca } : {}),
    ...(isDirect ? { directConnection: true } : {}),
    ...(replicaSet === undefined ? {} : { replicaSet }),
    ...(mechanism === 'SCRAM-SHA-1' || mechanism === 'SCRAM-SHA-256' ? { authMechanism: mechanism } : {}),
  });
  try {
    await client.connect();
    await client.db(authSource).command({ ping: 1 });
    return client;
  } catch (error) {
    await client.close().catch(() => undefined);
    throw error;
  }
}

/** Whether the login was denied: by the server, or by Atlas before it (8000, `bad auth`). */
export function isAuthenticationFailure(error: unknown): boolean {
  if (!(error instanceof MongoServerError)) return false;
  return error.code === AUTHENTICATION_FAILED || (error.code === ATLAS_ERROR && /auth/i.test(error.message));
}

/** Whether the user may not do it. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === UNAUTHORIZED;
}

/** Whether the user, the collection or the database does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof MongoServerError && (error.code === USER_NOT_FOUND || error.code === NAMESPACE_NOT_FOUND);
}

/** The driver reports that it found no server; the reason is with the server that it tried. */
function reasonOf(error: unknown): unknown {
  if (!(error instanceof MongoServerSelectionError)) return error;
  const [description] = [...(error.reason?.servers.values() ?? [])];
  return description?.error ?? error;
}

/** The error to end with, in words that say what to check. */
export function mongodbError(error: unknown, server: Server, doing: string): ProvisionerError {
  if (error instanceof ProvisionerError) return error;
  const host = hostOf(server);
  const reason = reasonOf(error);
  const lost = connectionError(reason, 'MongoDB', host);
  if (lost !== undefined) return lost;
  const code = error instanceof MongoServerError ? Number(error.code) : 0;
  const fail = (name: string, hint: string) =>
    new ProvisionerError(
      `mongodb-${name}`,
      `MongoDB at ${host}: ${doing} failed: ${messageOf(reason)}${code === 0 ? '' : ` (error ${code})`}.`,
      { host, hint, cause: error },
    );
  if (code === UNAUTHORIZED) return fail('privileges', 'Give the admin user the role userAdminAnyDatabase, or root.');
  if (NOT_PRIMARY.includes(code))
    return fail('not-primary', 'The host is a secondary of a replica set: set input mongodb-replica-set.');
  if (code !== 0) return fail('failed', 'Look the error up in the MongoDB reference.');
  return fail(
    codeOf(reason) === undefined ? 'no-answer' : 'failed',
    'Check that it is MongoDB that listens there, and whether it wants TLS (MONGODB_USE_SSL in config.yml).',
  );
}
