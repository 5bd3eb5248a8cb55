import { LaunchpadError } from '../../core/errors.ts';
import { fieldsOf } from '../../core/fields.ts';
import { FIELD_MANAGER } from '../objects/names.ts';
import { collectionPath, type KubeObject, type ObjectRef, objectPath, refOf } from '../objects/objects.ts';

/** The answer's metadata is enough: a ConfigMap with programs need not come back whole. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
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

/** What a deletion is bound to; the server refuses it (409) for another object. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** The request that creates an object, and gives back what is stored of it, or only the metadata of that. */
export function creation(object: KubeObject, isMetadataEnough: boolean): ObjectRequest {
  const { apiVersion, kind, metadata } = refOf(object);
  const { namespace } = metadata;
  return {
    method: 'POST',
    path: collectionPath(namespace === undefined ? { apiVersion, kind } : { apiVersion, kind, namespace }),
    kinds: [kind, ...(isMetadataEnough ? ['PartialObjectMetadata'] : [])],
    query: { fieldManager: FIELD_MANAGER },
    body: object,
    ...(isMetadataEnough ? { accept: METADATA_ONLY } : {}),
  };
}

export function serverSideApply(object: KubeObject, force: boolean, isDryRun: boolean): ObjectRequest {
  const ref = refOf(object);
  return {
    method: 'PATCH',
    path: objectPath(ref),
    kinds: [ref.kind],
    query: { fieldManager: FIELD_MANAGER, force: String(force), ...(isDryRun ? { dryRun: 'All' } : {}) },
    body: object,
    contentType: 'application/apply-patch+yaml',
  };
}

/** RFC 7386; it gives back the metadata of what is stored then. */
export function mergePatch(ref: ObjectRef, body: object): ObjectRequest {
  return patch(ref, body, 'application/merge-patch+json');
}

/** RFC 6902; it gives back the metadata of what is stored then. */
export function jsonPatch(ref: ObjectRef, body: readonly object[]): ObjectRequest {
  return patch(ref, body, 'application/json-patch+json');
}

function patch(ref: ObjectRef, body: object, contentType: string): ObjectRequest {
  return {
    method: 'PATCH',
    path: objectPath(ref),
    kinds: ['PartialObjectMetadata', ref.kind],
    query: { fieldManager: FIELD_MANAGER },
    body,
    contentType,
    accept: METADATA_ONLY,
  };
}

/** The request that replaces an object by PUT; it waits for no others. */
export function replacement(object: KubeObject, signal: AbortSignal | undefined): ObjectRequest {
  const ref = refOf(object);
  return {
    method: 'PUT',
    path: objectPath(ref),
    kinds: [ref.kind],
    query: { fieldManager: FIELD_MANAGER },
    body: object,
    isUrgent: true,
    ...(signal === undefined ? {} : { signal }),
  };
}

/** The request that deletes an object, and what it owns in the background. */
export function deletion(ref: ObjectRef, preconditions: Preconditions | undefined): ObjectRequest {
  return {
    method: 'DELETE',
    path: objectPath(ref),
    kinds: ['Status', ref.kind],
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      ...(preconditions === undefined ? {} : { preconditions }),
    },
  };
}
