import {
  MongoClient,
  MongoCompatibilityError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import { answered, codeOf, connectionError, isConnectionError, messageOf } from '../connection-errors.ts';
import { adminDenied } from '../guards.ts';
import { type Pod, retryInPod } from '../pod.ts';
import { ProvisionerError } from '../provisioner-error.ts';

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
const ALREADY_THERE = 51003;
const NAMESPACE_NOT_FOUND = 26;
const NAMESPACE_EXISTS = 48;
const NOT_PRIMARY = new Set([10107, 13435, 13436]);
/**
 * Host unreachable, host not found, lock timeout, lock busy, network timeout, shutdown in progress, write conflict, write
 * concern not met yet, primary stepped down, exceeded time limit, socket error, interrupted by shutdown or step-down: what
 * drivers retry (https://github.com/mongodb/specifications/blob/master/source/retryable-writes/retryable-writes.md), and
 * locks.
 */
const TRANSIENT = new Set([6, 7, 24, 46, 89, 91, 112, 117, 134, 189, 262, 9001, 11600, 11602]);

/** Milliseconds within which the driver must find a server. */
const SELECTION_TIMEOUT_MS = 10_000;
/** Milliseconds within which the server must have let a user in. */
const LOGIN_TIMEOUT_MS = 20_000;
/**
 * Milliseconds for which the only host that is known may be no primary, and one that lets nobody in may hang up: an
 * election is over by then, and what lasts longer is another kind of server.
 */
const ELECTION_MS = 30_000;

/** The server as messages name it. */
export function hostOf({ hosts }: Server): string {
  return hosts[0];
}

/** Logs in; a server that cannot be reached is tried again for a while. Errors are those of the driver. */
export async function connect(server: Server, login: Login, pod: Pod): Promise<MongoClient> {
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

/** Whether the server hung up: the driver has no code of Node's for it. */
function isLost(error: unknown): boolean {
  const reason = reasonOf(error);
  return reason instanceof MongoNetworkError && codeOf(reason) === undefined;
}

function isPassing(error: unknown): boolean {
  return error instanceof MongoServerError && (TRANSIENT.has(Number(error.code)) || isNotPrimary(error));
}

function isNotPrimary(error: unknown): boolean {
  return error instanceof MongoServerError && NOT_PRIMARY.has(Number(error.code));
}

function isDirect({ hosts, srv = false, replicaSet }: Server): boolean {
  return replicaSet === undefined && !srv && hosts.length === 1;
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
  const client = new MongoClient(`mongodb${srv ? '+srv' : ''}://${hosts.join(',')}/`, {
    appName: 'launchpad-provision',
    auth: { username: user, password },
    authSource,
    maxPoolSize: 1,
    serverSelectionTimeoutMS: selectionTimeoutMs,
    tls: useSsl,
    ...(useSsl && ca !== undefined ? { ca } : {}),
    ...(isDirect(server) ? { directConnection: true } : {}),
    ...(replicaSet === undefined ? {} : { replicaSet }),
    ...(mechanism === 'SCRAM-SHA-1' || mechanism === 'SCRAM-SHA-256' ? { authMechanism: mechanism } : {}),
  });
  const enter = async () => {
    await client.connect();
    await client.db(authSource).command({ ping: 1 });
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

/** Whether the login was denied: by the server, or by Atlas before it (8000, `bad auth`). */
export function isAuthenticationFailure(error: unknown): boolean {
  if (!(error instanceof MongoServerError)) return false;
  return error.code === AUTHENTICATION_FAILED || (error.code === ATLAS_ERROR && /auth/i.test(error.message));
}

/** Whether the user may not do it. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === UNAUTHORIZED;
}

/** Whether a user of that name exists already. */
export function isAlreadyThere(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === ALREADY_THERE;
}

/** Whether a collection of that name exists already. */
export function isExisting(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === NAMESPACE_EXISTS;
}

/** Whether the user, the collection or the database does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof MongoServerError && (error.code === USER_NOT_FOUND || error.code === NAMESPACE_NOT_FOUND);
}

/** The driver reports that it found no server; the reason is with the server that it tried. */
function reasonOf(error: unknown): unknown {
  if (!(error instanceof MongoServerSelectionError)) return error;
  return failedMember(error)?.error ?? error;
}

/** A server that the driver did not reach, by the address that the set gives it. */
function failedMember(error: MongoServerSelectionError) {
  const members = [...(error.reason?.servers.values() ?? [])];
  return members.find((member) => member.error !== null) ?? members[0];
}

/** What is wrong with the members of a replica set, where the host itself answered; undefined for anything else. */
function setError(error: unknown, server: Server): ProvisionerError | undefined {
  if (!(error instanceof MongoServerSelectionError) || isDirect(server)) return undefined;
  const host = hostOf(server);
  const make = (code: string, problem: string, hint: string) =>
    new ProvisionerError(`mongodb-${code}`, `MongoDB at ${host}: ${problem}.`, { host, hint, cause: error });
  const member = failedMember(error);
  // The driver forgets a server that is of another set.
  if (member === undefined && server.replicaSet !== undefined) {
    return make(
      'replica-set',
      `it is not a member of replica set ${server.replicaSet}`,
      'Set input mongodb-replica-set, and MONGODB_REPLICA_SET in config.yml, to the name that rs.status() gives as "set".',
    );
  }
  if (member?.error == null || server.srv === true || server.hosts.includes(member.address)) return undefined;
  return make(
    'member-unreachable',
    `its replica set has the member ${member.address}, which cannot be reached from the cluster (${codeOf(member.error) ?? messageOf(member.error)})`,
    'Give the members names that the cluster resolves and reaches (rs.reconfig), or remove mongodb-replica-set to use this host alone.',
  );
}

/** The oldest that the driver speaks to (https://www.mongodb.com/docs/drivers/node/current/compatibility/). */
const LEAST_VERSION = '4.2';

function tooOld(reason: unknown, host: string): ProvisionerError | undefined {
  if (!(reason instanceof MongoCompatibilityError)) return undefined;
  return new ProvisionerError('mongodb-too-old', `MongoDB at ${host} is too old.`, {
    host,
    hint: `Upgrade it to MongoDB ${LEAST_VERSION} or later.`,
    cause: reason,
  });
}

/** The error to end with, in words that say what to check. */
export function mongodbError(error: unknown, server: Server, doing: string): ProvisionerError {
  if (error instanceof ProvisionerError) return error;
  const host = hostOf(server);
  const reason = reasonOf(error);
  const lost = tooOld(reason, host) ?? setError(error, server) ?? connectionError(reason, 'MongoDB', host);
  if (lost !== undefined) return lost;
  const code = error instanceof MongoServerError ? Number(error.code) : 0;
  const fail = (name: string, hint: string) =>
    new ProvisionerError(
      `mongodb-${name}`,
      `MongoDB at ${host}: ${doing} failed: ${messageOf(reason)}${code === 0 ? '' : ` (error ${code})`}.`,
      { host, hint, cause: error },
    );
  if (code === UNAUTHORIZED) return fail('privileges', 'Give the admin user the role userAdminAnyDatabase, or root.');
  if (NOT_PRIMARY.has(code))
    return fail('not-primary', 'The host is a secondary of a replica set: set input mongodb-replica-set.');
  if (code !== 0) return fail('failed', 'Look the error up in the MongoDB reference.');
  return fail(
    codeOf(reason) === undefined ? 'no-answer' : 'failed',
    'Check that it is MongoDB that listens there, and whether it wants TLS (MONGODB_USE_SSL in config.yml).',
  );
}
