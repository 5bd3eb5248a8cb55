import { MongoClient, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { connectionError } from '../connection-errors.ts';
import type { Deadline } from '../deadline.ts';
import { ProvisionerError, type Say } from '../report.ts';
import { codeOf, isConnectionError, retry } from '../retry.ts';

export interface Server {
  /** `host:port` of a server, or of some members of a replica set; with `srv` the one name that DNS has them under. */
  readonly hosts: readonly [string, ...string[]];
  /** Whether the members are found by DNS (https://www.mongodb.com/docs/manual/reference/connection-string/#srv-connection-format). */
  readonly srv?: boolean;
  readonly useSsl: boolean;
  /** Certificate authority, PEM; without one those that Node knows. */
  readonly ca: string | undefined;
  /** Without one a single host is spoken to directly, whatever it is a member of. */
  readonly replicaSet: string | undefined;
  /** When trying to reach it must end, so that the pod says why before Argo ends it. */
  readonly deadline?: Deadline;
}

export interface Login {
  readonly user: string;
  readonly password: string;
  /** Database that the user logs in against. */
  readonly authSource: string;
  readonly mechanism?: string | undefined;
}

/** Server error codes (https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml). */
export const AUTHENTICATION_FAILED = 18;
const ATLAS_ERROR = 8000;
const UNAUTHORIZED = 13;
const USER_NOT_FOUND = 11;
const NAMESPACE_NOT_FOUND = 26;
const NOT_PRIMARY = [10107, 13435, 13436];

/** Milliseconds until a server must have been found that can be spoken to. */
const SELECTION_TIMEOUT_MS = 10_000;

/** The server as messages name it. */
export function hostOf({ hosts }: Server): string {
  return hosts[0];
}

/** `host:port`; an IPv6 address in brackets. */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Logs in; a server that cannot be reached is tried again for a while. Errors are those of the driver. */
export async function connect(server: Server, login: Login, say: Say): Promise<MongoClient> {
  const { deadline } = server;
  return await retry(() => open(server, login), {
    what: `MongoDB at ${hostOf(server)}`,
    say,
    isTransient: (error) => isConnectionError(reasonOf(error)),
    ...(deadline === undefined ? {} : { remainingMs: () => deadline.remainingMs() }),
  });
}

async function open(server: Server, { user, password, authSource, mechanism }: Login): Promise<MongoClient> {
  const { hosts, srv = false, useSsl, ca, replicaSet } = server;
  const isDirect = replicaSet === undefined && !srv && hosts.length === 1;
  const client = new MongoClient(`mongodb${srv ? '+srv' : ''}://${hosts.join(',')}/`, {
    appName: 'launchpad-provision',
    auth: { username: user, password },
    authSource,
    maxPoolSize: 1,
    serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
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

/** Whether the user, the collection or the database is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof MongoServerError && (error.code === USER_NOT_FOUND || error.code === NAMESPACE_NOT_FOUND);
}

/** The driver says that it found no server; why is with the server that it tried. */
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
  const said = reason instanceof Error ? reason.message : String(reason);
  const code = error instanceof MongoServerError ? Number(error.code) : 0;
  const fail = (name: string, hint: string) =>
    new ProvisionerError(
      `mongodb-${name}`,
      `MongoDB at ${host}: ${doing} failed: ${said}${code === 0 ? '' : ` (error ${code})`}.`,
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
