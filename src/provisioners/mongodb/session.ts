import { MongoClient } from 'mongodb';
import { answered, isConnectionError } from '../connection-errors.ts';
import { adminDenied } from '../guards.ts';
import { type Pod, retryInPod } from '../pod.ts';
import {
  CONNECT_TIMEOUT_MS,
  isAuthenticationFailure,
  isLost,
  isNotPrimary,
  isPassing,
  mongodbError,
  reasonOf,
} from './errors.ts';
import { type Credentials, hostOf, isDirect, type Server } from './server.ts';

/** Milliseconds within which the driver must find a server. */
const SELECTION_TIMEOUT_MS = 10_000;
/** Milliseconds within which the server must have let a user in. */
const LOGIN_TIMEOUT_MS = 20_000;
/**
 * Milliseconds for which the only host that is known may be no primary, and one that lets nobody in may hang up: an
 * election is over by then, and what lasts longer is another kind of server.
 */
const ELECTION_MS = 30_000;

/** Logs in; a server that cannot be reached is tried again for a while. Errors are those of the driver. */
async function connect(server: Server, login: Credentials, pod: Pod): Promise<MongoClient> {
  const host = hostOf(server);
  const step = { service: 'MongoDB', host, doing: `the login of ${login.user}` };
  const isEarly = withinElection(pod);
  const isTransient = (error: unknown) =>
    isConnectionError(reasonOf(error)) || isPassing(error) || (isLost(error) && isEarly());
  const explain = (error: unknown) => mongodbError(error, server, step.doing);
  return await pod.step(step, () =>
    retryInPod(pod, `MongoDB at ${host}`, () => open(server, login), { isTransient, explain }),
  );
}

/** Logs in, does the work and logs out, however it ends. Errors are those of `connect` and of the work. */
export async function connected<T>(
  server: Server,
  login: Credentials,
  pod: Pod,
  work: (client: MongoClient) => Promise<T>,
): Promise<T> {
  const client = await connect(server, login, pod);
  try {
    return await work(client);
  } finally {
    await client.close().catch(() => undefined);
  }
}

/**
 * Does a step of the work on a server, and again where the connection was lost or a replica set elects a primary: it must
 * be one that can be done twice.
 *
 * @throws ProvisionerError, which says what was being done
 */
export async function step<T>(pod: Pod, server: Server, doing: string, work: () => Promise<T>): Promise<T> {
  const host = hostOf(server);
  const isEarly = withinElection(pod);
  const isTransient = (error: unknown) => {
    if (isDirect(server) && isNotPrimary(error)) return isEarly();
    return isLost(error) || isConnectionError(reasonOf(error)) || isPassing(error);
  };
  const explain = (error: unknown) => mongodbError(error, server, doing);
  return await pod.step({ service: 'MongoDB', host, doing }, async () => {
    try {
      return await retryInPod(pod, `MongoDB at ${host}: ${doing}`, work, { isTransient, explain });
    } catch (error) {
      throw explain(error);
    }
  });
}

function withinElection({ clock }: Pod): () => boolean {
  const startedAt = clock.monotonicMs();
  return () => clock.monotonicMs() - startedAt < ELECTION_MS;
}

/**
 * Logs in as the admin.
 *
 * @throws ProvisionerError
 */
export async function connectAdmin(server: Server, admin: Credentials, pod: Pod): Promise<MongoClient> {
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
  { user, password, authSource, mechanism }: Credentials,
  selectionTimeoutMs = SELECTION_TIMEOUT_MS,
): Promise<MongoClient> {
  const { hosts, srv = false, useSsl, ca, replicaSet } = server;
  const client = new MongoClient(`mongodb${srv ? '+srv' : ''}://${hosts.join(',')}/`, {
    appName: 'launchpad-provision',
    auth: { username: user, password },
    maxPoolSize: 1,
    serverSelectionTimeoutMS: selectionTimeoutMs,
    // Shorter, so that the driver knows by then what it waits for.
    connectTimeoutMS: Math.min(CONNECT_TIMEOUT_MS, 0.8 * selectionTimeoutMs),
    tls: useSsl,
    ...(useSsl && ca !== undefined ? { ca } : {}),
    ...(isDirect(server) ? { directConnection: true } : {}),
    ...(replicaSet === undefined ? {} : { replicaSet }),
    ...(authSource === undefined ? {} : { authSource }),
    ...(mechanism === 'SCRAM-SHA-1' || mechanism === 'SCRAM-SHA-256' ? { authMechanism: mechanism } : {}),
  });
  const enter = async () => {
    await client.connect();
    await client.db(authSource ?? 'admin').command({ ping: 1 });
    return client;
  };
  try {
    // The driver's own limits end with the first answer: a server that is silent in the login is waited for without one.
    return await answered(enter(), LOGIN_TIMEOUT_MS);
  } catch (error) {
    void client.close(true).catch(() => undefined);
    throw error;
  }
}
