import { hintOf } from './causes.ts';
import { ProvisionerError } from './provisioner-error.ts';

/** Codes of a DNS server that knows no such name, fails, or does not answer (https://nodejs.org/api/dns.html#error-codes). */
const DNS = ['ENOTFOUND', 'ENODATA', 'EAI_AGAIN', 'ESERVFAIL', 'EREFUSED', 'ETIMEOUT'];

/** Codes of failed connections that may succeed a little later: a server restarts, a network is not up yet. */
const TRANSIENT = new Set([
  ...DNS,
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'NO_ANSWER',
  'PROTOCOL_CONNECTION_LOST',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
]);

/** Whether the connection failed for a reason that may pass. */
export function isConnectionError(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && TRANSIENT.has(code);
}

/** Node's code of an error, or of the one that caused it. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return 'cause' in error ? codeOf(error.cause) : undefined;
}

/** An answer that did not come in time. */
export class NoAnswer extends Error {
  readonly code = 'NO_ANSWER';

  constructor(limitMs: number, cause?: unknown) {
    super(`no answer within ${limitMs / 1000} s`, { cause });
  }
}

/** A connection that was not made in time. */
export class Unreached extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** Waits for an answer at most so many milliseconds. @throws an error that counts as a failed connection */
export async function answered<T>(answer: Promise<T>, limitMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new NoAnswer(limitMs)), limitMs);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The message of an error, or whatever was thrown as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The inputs that say where a service is, by its name in messages. */
const INPUTS: Readonly<Record<string, string>> = {
  MySQL: 'mysql-host and mysql-port (or mysql-cluster-id)',
  MongoDB: 'mongodb-host and mongodb-port (or mongodb-cluster-id, atlas-cluster-name)',
  Storage: 'storage-endpoint-url and storage-region',
  "DigitalOcean's API": 'digitalocean-api-url',
  "Atlas's API": 'atlas-api-url',
};

/**
 * The error for a connection that failed; undefined for any other error.
 *
 * @param service as messages name it, such as `Atlas's API`; its first word begins the error's code
 */
export function connectionError(error: unknown, service: string, host: string): ProvisionerError | undefined {
  const code = codeOf(error);
  const [prefix] = service.toLowerCase().split(/\W/);
  const make = (what: string, problem: string, hint: string) =>
    new ProvisionerError(`${prefix}-${what}`, `${service} at ${host}: ${problem}.`, {
      host,
      hint,
      cause: error,
    });
  if (code === undefined) return undefined;
  const inputs = INPUTS[service] === undefined ? 'the host in the settings' : `input ${INPUTS[service]}`;
  if (DNS.includes(code)) {
    return make(
      'unknown-host',
      'the name of the host is not known in the cluster',
      `Check ${inputs}, and DNS in the cluster.`,
    );
  }
  if (code === 'ECONNREFUSED') {
    return make('refused', 'the connection is refused', `Check ${inputs}, and that the server is up.`);
  }
  if (['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code)) {
    return make(
      'unreachable',
      `the cluster does not reach it (${code})`,
      `Check ${inputs}, and the network between cluster and server: firewall, trusted sources, VPC, and the cluster's network policies.`,
    );
  }
  if (code === 'NO_ANSWER') {
    return make(
      'no-answer',
      `the connection is made, but there is ${messageOf(error)}`,
      `Check ${inputs}, that the server is well, and that nothing on the way to it drops the connection.`,
    );
  }
  if (/^(CERT_|ERR_TLS_CERT|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/.test(code)) {
    return make(
      'untrusted',
      `its certificate is not trusted (${code})`,
      'Check the certificate authority in the settings, and that the host is the one that the certificate is for.',
    );
  }
  if (service === 'MongoDB' && code === 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR') {
    return make('access-list', 'the server refuses the TLS handshake (alert 80)', hintOf('mongodb-access-list'));
  }
  if (/^(ERR_SSL|EPROTO|HANDSHAKE)/.test(code)) {
    return make(
      'tls',
      `TLS failed (${code})`,
      'Check whether the server speaks TLS on that port, and the TLS settings.',
    );
  }
  if (['ECONNRESET', 'EPIPE', 'PROTOCOL_CONNECTION_LOST'].includes(code)) {
    return make('lost', `the connection was lost (${code})`, `Check ${inputs}, and that the server is well.`);
  }
  return undefined;
}
