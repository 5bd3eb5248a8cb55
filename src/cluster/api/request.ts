import { LaunchpadError } from '../../core/errors.ts';
import { fieldsOf } from '../../core/fields.ts';

/** The answer's metadata is enough: a ConfigMap with programs need not come back whole. */
export const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
export const METADATA_LIST = METADATA_ONLY.replace('Metadata;', 'MetadataList;');

/** One request to the API server. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** How often it is sent; without it until the time for retries is over. */
  readonly attempts?: number;
  /** Whether it waits for no others: a Lease is lost if it is renewed late. */
  readonly isUrgent?: boolean;
  /** Whether it only asks; GET always does. */
  readonly isQuestion?: boolean;
}

/** A request whose answer is an object of one of these kinds. */
export interface ObjectRequest extends Request {
  readonly kinds: readonly string[];
}

/**
 * Whether a conflict is not about what the request says: another write came between the server's own reading and writing,
 * as that of a quota. One about a version or a UID is the caller's to read again.
 */
export function isUnconditional({ method, body }: Request): boolean {
  const { metadata, preconditions } = fieldsOf(body);
  return method !== 'GET' && preconditions === undefined && fieldsOf(metadata).resourceVersion === undefined;
}

const ACCESS_REVIEW = /^\/apis\/authorization\.k8s\.io\/v1\/selfsubject(?:access|rules)reviews$/;

/**
 * Requires that the API server stores nothing for this request: it reads, asks what we may do, or is a server-side apply
 * with `dryRun=All` (https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run).
 *
 * @throws LaunchpadError `read-only` for every other request
 */
export function requireReadOnly({ method, path, query, contentType }: Request): void {
  const isReview = method === 'POST' && ACCESS_REVIEW.test(path);
  const isDryApply = contentType === 'application/apply-patch+yaml' && query?.dryRun === 'All' && method === 'PATCH';
  if (method === 'GET' || isReview || isDryApply) return;
  throw new LaunchpadError('read-only', `A dry run does not send ${method} ${path}, which would change the cluster.`, {
    remedy: 'This is a fault of the action: please report it. Nothing was changed.',
  });
}
