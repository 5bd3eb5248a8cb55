import { FIELD_MANAGER } from '../objects/names.ts';
import { collectionPath, type KubeObject, type ObjectRef, objectPath, refOf } from '../objects/objects.ts';
import { METADATA_ONLY, type ObjectRequest } from './request.ts';

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
