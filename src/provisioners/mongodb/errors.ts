import {
  MongoAPIError,
  MongoCompatibilityError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoParseError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import { fieldsOf } from '../../core/fields.ts';
import { hintOf, type VendorCode } from '../causes.ts';
import { codeOf, connectionError, messageOf, NoAnswer, Unreached } from '../connection-errors.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import { hostOf, isDirect, type Server } from './server.ts';

/** Milliseconds for a connection, and then for the first answer. */
export const CONNECT_TIMEOUT_MS = 8_000;

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

/** Whether the server hung up: the driver has no code of Node's for it. */
export function isLost(error: unknown): boolean {
  const reason = reasonOf(error);
  return reason instanceof MongoNetworkError && codeOf(reason) === undefined;
}

export function isPassing(error: unknown): boolean {
  if (isWithoutPrimary(error)) return true;
  return error instanceof MongoServerError && (TRANSIENT.has(Number(error.code)) || isNotPrimary(error));
}

export function isNotPrimary(error: unknown): boolean {
  return error instanceof MongoServerError && NOT_PRIMARY.has(Number(error.code));
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

/**
 * The driver reports that it found no server; the reason is with the server that it tried. Its own time limits have no code
 * of Node's: one is for the connection, the other for the answer.
 */
export function reasonOf(error: unknown): unknown {
  const reason = error instanceof MongoServerSelectionError ? (failedMember(error)?.error ?? error) : error;
  if (!(reason instanceof MongoNetworkTimeoutError)) return reason;
  return reason.message.startsWith('Socket ') ? new Unreached(reason) : new NoAnswer(CONNECT_TIMEOUT_MS, reason);
}

/** Whether all members that the driver knows answer, and none is the primary: the set elects one, or cannot. */
function isWithoutPrimary(error: unknown): error is MongoServerSelectionError {
  if (!(error instanceof MongoServerSelectionError)) return false;
  const members = [...(error.reason?.servers.values() ?? [])];
  return members.length > 0 && members.every(({ type, error: lost }) => lost === null && NOT_WRITABLE.has(type));
}

/** Members of a set that are no primary, as the driver has their type. */
const NOT_WRITABLE: ReadonlySet<string> = new Set(['RSSecondary', 'RSArbiter', 'RSOther', 'RSGhost']);

/** A server that the driver did not reach, by the address that the set gives it. */
function failedMember(error: MongoServerSelectionError) {
  const members = [...(error.reason?.servers.values() ?? [])];
  return members.find((member) => member.error !== null) ?? members[0];
}

function addressIn(error: MongoServerSelectionError, host: string): string {
  return failedMember(error)?.address ?? host;
}

/** What is wrong with the records of a name whose members are found by DNS; undefined for anything else. */
function srvError(error: unknown, server: Server): ProvisionerError | undefined {
  const host = hostOf(server);
  const make = (problem: string) =>
    new ProvisionerError('mongodb-srv-records', `MongoDB at ${host}: ${problem}.`, {
      host,
      hint: hintOf('mongodb-srv-records'),
      cause: error,
    });
  if (server.srv !== true) return undefined;
  if (fieldsOf(error).syscall === 'querySrv' && ['ENOTFOUND', 'ENODATA'].includes(codeOf(error) ?? '')) {
    return make(`DNS has no SRV records for _mongodb._tcp.${host}`);
  }
  if (!(error instanceof MongoAPIError || error instanceof MongoParseError)) return undefined;
  return make(`its SRV or TXT records cannot be used (${messageOf(error)})`);
}

/** What is wrong with the members of a replica set, where the host itself answered; undefined for anything else. */
function setError(error: unknown, server: Server): ProvisionerError | undefined {
  if (!(error instanceof MongoServerSelectionError) || isDirect(server)) return undefined;
  const host = hostOf(server);
  const make = (code: VendorCode, problem: string) =>
    new ProvisionerError(code, `MongoDB at ${host}: ${problem}.`, { host, hint: hintOf(code), cause: error });
  const member = failedMember(error);
  if (isWithoutPrimary(error)) return make('mongodb-no-primary', 'its replica set has no primary');
  // The driver forgets a server that is of another set.
  if (member === undefined) {
    const set =
      server.replicaSet === undefined ? 'the replica set of its TXT record' : `replica set ${server.replicaSet}`;
    return make('mongodb-replica-set', `it is not a member of ${set}`);
  }
  if (member?.error == null || server.srv === true || server.hosts.includes(member.address)) return undefined;
  return make(
    'mongodb-member-unreachable',
    `its replica set has the member ${member.address}, which cannot be reached from the cluster (${codeOf(member.error) ?? messageOf(member.error)})`,
  );
}

/** The oldest that the driver speaks to: its MIN_SUPPORTED_SERVER_VERSION. */
const LEAST_VERSION = '4.4';

function tooOld(reason: unknown, host: string): ProvisionerError | undefined {
  if (!(reason instanceof MongoCompatibilityError)) return undefined;
  return new ProvisionerError('mongodb-too-old', `MongoDB at ${host} is older than ${LEAST_VERSION}.`, {
    host,
    hint: hintOf('mongodb-too-old'),
    cause: reason,
  });
}

/** The error to end with, in words that say what to check. */
export function mongodbError(error: unknown, server: Server, doing: string): ProvisionerError {
  if (error instanceof ProvisionerError) return error;
  const host = hostOf(server);
  const reason = reasonOf(error);
  // Of several members the one that failed is named.
  const place = isDirect(server) || !(error instanceof MongoServerSelectionError) ? host : addressIn(error, host);
  const lost =
    tooOld(reason, place) ??
    srvError(error, server) ??
    setError(error, server) ??
    connectionError(reason, 'MongoDB', place);
  if (lost !== undefined) return lost;
  const code = error instanceof MongoServerError ? Number(error.code) : 0;
  const fail = (name: string, hint: string) =>
    new ProvisionerError(
      `mongodb-${name}`,
      `MongoDB at ${host}: ${doing} failed: ${messageOf(reason)}${code === 0 ? '' : ` (error ${code})`}.`,
      { host, hint, cause: error },
    );
  if (code === UNAUTHORIZED) return fail('privileges', hintOf('mongodb-privileges'));
  if (NOT_PRIMARY.has(code)) return fail('not-primary', hintOf('mongodb-not-primary'));
  if (code !== 0) return fail('failed', hintOf('mongodb-failed'));
  return fail(
    codeOf(reason) === undefined ? 'no-answer' : 'failed',
    'Check that it is MongoDB that listens there, and whether it wants TLS (MONGODB_USE_SSL in config.yml).',
  );
}
