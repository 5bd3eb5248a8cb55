import { MongoClient, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { connectionError } from '../connection-errors.ts';
import { ProvisionerError, type Say } from '../report.ts';
import { codeOf, isConnectionError, retry } from '../retry.ts';

export interface Server {
  readonly host: string;
  readonly port: number;
  readonly useSsl: boolean;
  /** Certificate authority, PEM; without one those that Node knows. */
  readonly ca: string | undefined;
  /** Without one the host is spoken to directly, whatever it is a member of. */
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
export const AUTHENTICATION_FAILED = 18;
const UNAUTHORIZED = 13;
const NOT_PRIMARY = [10107, 13435, 13436];

/** Milliseconds until a server must have been found that can be spoken to. */
const SELECTION_TIMEOUT_MS = 10_000;

export function hostOf({ host, port }: Server): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Logs in; a server that cannot be reached is tried again for a while. Errors are those of the driver. */
export async function connect(server: Server, login: Login, say: Say): Promise<MongoClient> {
  return await retry(() => open(server, login), {
    what: `MongoDB at ${hostOf(server)}`,
    say,
    isTransient: (error) => isConnectionError(reasonOf(error)),
  });
}

async function open(server: Server, { user, password, authSource, mechanism }: Login): Promise<MongoClient> {
  const { useSsl, ca, replicaSet } = server;
  const client = new MongoClient(`mongodb://${hostOf(server)}/`, {
    appName: 'launchpad-provision',
    auth: { username: user, password },
    authSource,
    maxPoolSize: 1,
    serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
    tls: useSsl,
    ...(useSsl && ca !== undefined ? { ca } : {}),
    ...(replicaSet === undefined ? { directConnection: true } : { replicaSet }),
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

export function isAuthenticationFailure(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === AUTHENTICATION_FAILED;
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
