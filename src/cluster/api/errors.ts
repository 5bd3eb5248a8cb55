import { LaunchpadError, messageOf } from '../../core/errors.ts';
import { fieldsOf, listIn, textIn } from '../../core/fields.ts';
import { type Cause, causeOf } from '../causes/recognise.ts';

/** A request as messages name it. */
export interface RequestName {
  readonly server: string;
  readonly method: string;
  readonly path: string;
}

interface ClusterErrorOptions {
  /** By default `cluster-unreachable` or `cluster-refused`. */
  readonly code?: string;
  readonly remedy?: string | undefined;
  readonly title?: string | undefined;
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
  readonly isPermanent?: boolean;
}

/** A request to the API server that failed: `status` and `reason` are the server's; status 0 means no answer of its own came. */
export class ClusterError extends LaunchpadError {
  readonly status: number;
  readonly reason: string;
  /** Milliseconds of the server's Retry-After, if it sent one. */
  readonly retryAfterMs: number | undefined;
  /** Whether trying again cannot help: the server is unknown or not trusted, say. */
  readonly isPermanent: boolean;

  constructor(status: number, reason: string, message: string, options: ClusterErrorOptions = {}) {
    const code = options.code ?? (status === 0 ? 'cluster-unreachable' : 'cluster-refused');
    super(code, message, { title: refusalTitle(status), ...options });
    this.name = 'ClusterError';
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
    this.isPermanent = options.isPermanent ?? false;
  }
}

/** What a status means, for a title; undefined where no answer of the server's own came. */
function refusalTitle(status: number): string | undefined {
  if (status === 0) return undefined;
  const words: Readonly<Record<number, string>> = {
    401: 'credentials not accepted',
    403: 'permission denied',
    404: 'not found',
    429: 'too many requests',
  };
  return `Kubernetes: ${words[status] ?? (status >= 500 ? 'API server failed' : 'request refused')}`;
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 404;
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 409 && error.reason === 'AlreadyExists';
}

export function isUnauthorized(error: unknown): error is ClusterError {
  return error instanceof ClusterError && error.status === 401;
}

export function isConflict(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 409;
}

/** The user may not do it. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 403;
}

/** Causes of a refusal by admission. */
const ADMISSION = new Set([
  'quota-exceeded',
  'quota-limits',
  'limit-range',
  'admission-denied',
  'pod-security',
  'webhook-unreachable',
]);

/** An object whose content must not show in messages, as the server's complaint about it may quote it. */
const SECRET_PATH = /\/secrets(\/|$)/;

/** The error for an answer other than success: the server's Status object says why. */
export function refusedError(
  { server, method, path }: RequestName,
  status: number,
  body: string,
  retryAfter: string | null,
): ClusterError {
  const { reason, message } = statusOf(body);
  const said = SECRET_PATH.test(path) && status === 422 ? secretRefusal(message) : message;
  const remedies: Readonly<Record<number, string>> = {
    403: 'Grant it to that user: kubectl apply -f https://raw.githubusercontent.com/org/launchpad-provision/v1/docs/rbac.yml has a ClusterRole with all permissions (docs/permissions.md).',
    413: 'The object is too large for the API server.',
    507: 'The storage of the API server is full.',
  };
  const admission = admissionCause(message, path);
  return new ClusterError(
    status,
    reason,
    `The Kubernetes API server ${server} refused ${method} ${path}: ${status} ${said}`.trimEnd(),
    {
      remedy: admission?.remedy ?? remedies[status],
      ...(admission === undefined ? {} : { title: `Kubernetes: ${admission.heading}` }),
      // A policy chooses the status of its refusal, and says no again.
      isPermanent: admission?.code === 'admission-denied',
      // In seconds, as the API server sends it.
      ...(/^\d+$/.test(retryAfter ?? '') ? { retryAfterMs: Number(retryAfter) * 1000 } : {}),
    },
  );
}

/** The error for credentials that the API server does not accept. @param isAsked whether they were asked for anew */
export function unauthorizedError(
  { message, reason, cause }: ClusterError,
  credentials: string,
  isAsked: boolean,
): ClusterError {
  const again = isAsked ? ', also after they were asked for again' : '';
  return new ClusterError(401, reason, `${message} (${credentials}${again})`, {
    remedy: `The API server does not accept ${credentials}: it may have expired, or belong to another cluster. Renew it.`,
    cause,
  });
}

/** A policy's own words may quote the Secret; its name does not. */
function secretRefusal(message: string): string {
  const [policy] = /ValidatingAdmissionPolicy '[^']*'(?: with binding '[^']*')? denied request/.exec(message) ?? [];
  return policy ?? 'the Secret is not valid';
}

/** Admission refuses with 403, 400, 422, or 500 where a webhook does not answer, or by its own choice. */
function admissionCause(message: string, path: string): Pick<Cause, 'code' | 'heading' | 'remedy'> | undefined {
  if (message.includes('is being terminated'))
    return {
      code: 'namespace-terminating',
      heading: 'namespace is being deleted',
      remedy: 'The namespace is being deleted: run again when that has finished.',
    };
  const [, namespace = ''] = /\/namespaces\/([^/]+)/.exec(path) ?? [];
  const cause = causeOf([{ source: 'API server', reason: '', message }], { namespace, workflow: '' });
  return cause !== undefined && ADMISSION.has(cause.code) ? cause : undefined;
}

/** The cause of a conflict about fields that another manager owns; asking again does not change it. */
const FIELD_CONFLICT = 'FieldManagerConflict';

function statusOf(body: string): { reason: string; message: string } {
  try {
    const status = fieldsOf(JSON.parse(body));
    const message = textIn(status, 'message');
    const isOfFields = listIn(fieldsOf(status.details), 'causes').some(({ reason }) => reason === FIELD_CONFLICT);
    const reason = isOfFields ? FIELD_CONFLICT : (textIn(status, 'reason') ?? '');
    if (message !== undefined) return { reason, message };
  } catch {
    // Not from the API server itself: a proxy's page, say. Its beginning may help.
  }
  return { reason: '', message: body.replace(/\s+/g, ' ').slice(0, 200) };
}

/** Node's and OpenSSL's codes for a failed connection, with a remedy for each. */
const CONNECTION_REMEDIES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The name of the server is not known here: check the server in the kubeconfig, and DNS.',
  EAI_AGAIN: 'The name of the server could not be looked up: check DNS.',
  ECONNREFUSED: 'Nothing listens at that address: check the server in the kubeconfig, and whether the cluster is up.',
  EHOSTUNREACH: 'There is no route to the server: check the network, a VPN or the allowed addresses of the cluster.',
  ENETUNREACH: 'There is no route to the server: check the network, a VPN or the allowed addresses of the cluster.',
  ETIMEDOUT: 'No answer came: check the network, and whether the cluster allows this address.',
  UND_ERR_CONNECT_TIMEOUT: 'No answer came: check the network, and whether the cluster allows this address.',
  CERT_HAS_EXPIRED: "The server's certificate has expired: renew it.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate authority in the kubeconfig is not the one of this server.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate authority in the kubeconfig is not the one of this server.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate authority in the kubeconfig is not the one of this server.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The certificate authority in the kubeconfig is not the one of this server.',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate is for another name: check the server and tls-server-name in the kubeconfig.',
};

/** The error for a request that got no answer, or not all of it. */
export function unreachableError(
  { server, method, path }: RequestName,
  cause: unknown,
  { verb = 'gave no answer to', by = '' } = {},
): ClusterError {
  const root = causesOf(cause).at(-1);
  const code = codeOf(root);
  const what = code !== '' && !messageOf(root).includes(code) ? `${code}: ${messageOf(root)}` : messageOf(root);
  return new ClusterError(0, code, `The Kubernetes API server ${server} ${verb} ${method} ${path}${by}: ${what}`, {
    remedy: CONNECTION_REMEDIES[code] ?? 'Check the server in the kubeconfig, the network and the proxy variables.',
    cause,
    isPermanent: /^(CERT_|ERR_TLS|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/.test(code) || code === 'ENOTFOUND',
  });
}

/** The error for an answer that the API server does not give: a proxy or a gateway may have answered in its place. */
export function invalidAnswerError({ server, method, path }: RequestName, status: number, what: string): ClusterError {
  const message = `The answer (${status}) from ${server} to ${method} ${path} is not that of a Kubernetes API server: ${what}.`;
  return new ClusterError(0, '', message, {
    code: 'cluster-answer-invalid',
    remedy: 'Check the server in the kubeconfig, and what is before it: a proxy, a gateway or a login page.',
  });
}

/** The error and its causes, the first one last. A DOMException, as fetch throws, is not an Error in every realm. */
export function causesOf(error: unknown): unknown[] {
  const { cause, errors } = fieldsOf(error);
  const next = Array.isArray(errors) && errors.length > 0 ? errors[0] : cause;
  return next === undefined ? [error] : [error, ...causesOf(next)];
}

function codeOf(error: unknown): string {
  return textIn(fieldsOf(error), 'code') ?? '';
}

/** Ignores the error if the object does not exist. @throws every other error */
export function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}
