import type { User } from './access.ts';
import { type JsonObject, listAt, objectAt, type StoredObject, textAt } from './json.ts';
import { resourceName } from './kinds.ts';
import { applyFields, mergePatch, replaceFields } from './patches.ts';
import type { ResourceRequest, Served } from './request.ts';
import { labelMatcher } from './selectors.ts';
import { badRequest, notFound, StatusError } from './status.ts';
import type { Store } from './store.ts';

/** An answer: an object, or the text of a log. */
export interface Answer {
  readonly code: number;
  readonly body: JsonObject | string;
}

/** Answers a request that is allowed, and that is no watch. */
export function answerResource(served: Served, user: User, request: ResourceRequest, verb: string): Answer {
  const { store } = served;
  const { info, namespace, name, body, query } = request;
  if (info.kind === 'SelfSubjectAccessReview') return review(served, user, body);
  if (info.kind === 'SelfSubjectRulesReview') return rulesReview(served, user, body);
  if (request.subresource === 'log') return podLog(served, request);
  const isDryRun = query.get('dryRun') === 'All';
  switch (verb) {
    case 'list':
      return { code: 200, body: list(store, request) };
    case 'get':
      return { code: 200, body: store.get(info, namespace, name) };
    case 'create':
      requireNamespace(store, request);
      return { code: 201, body: store.create(info, namespace, body, isDryRun) };
    case 'update':
      return { code: 200, body: store.update(info, store.get(info, namespace, name), body, isDryRun) };
    case 'patch':
      return patch(store, request, isDryRun);
    case 'deletecollection':
      return { code: 200, body: removeAll(store, request) };
    case 'delete':
      return { code: 200, body: remove(store, request, isDryRun) };
    default:
      throw new StatusError(405, 'MethodNotAllowed', `the server does not allow this method on the requested resource`);
  }
}

function list(store: Store, { info, namespace, query }: ResourceRequest): JsonObject {
  const items = selected(store.list(info, namespace === '' ? undefined : namespace), query);
  const metadata = { resourceVersion: String(store.version) };
  return { kind: `${info.kind}List`, apiVersion: info.apiVersion, metadata, items };
}

/** Objects that the request's label selector and field selector (metadata.name only) pick. */
export function selected(objects: readonly StoredObject[], query: URLSearchParams): StoredObject[] {
  const matches = labelMatcher(query.get('labelSelector') ?? '');
  const [, name] = /^metadata\.name=(.*)$/.exec(query.get('fieldSelector') ?? '') ?? [];
  return objects.filter(
    ({ metadata }) => matches(metadata.labels ?? {}) && (name === undefined || metadata.name === name),
  );
}

function patch(store: Store, request: ResourceRequest, isDryRun: boolean): Answer {
  const { info, namespace, name, body, contentType } = request;
  const existing = store.find(info, namespace, name);
  if (contentType === 'application/apply-patch+yaml') {
    if (existing !== undefined)
      return { code: 200, body: store.update(info, existing, applyFields(existing, body), isDryRun) };
    requireNamespace(store, request);
    return { code: 201, body: store.create(info, namespace, body, isDryRun) };
  }
  if (existing === undefined) throw notFound(resourceName(info), name);
  if (contentType === 'application/json-patch+json') {
    return { code: 200, body: store.update(info, existing, replaceFields(existing, body), isDryRun) };
  }
  if (contentType !== 'application/merge-patch+json') {
    throw new StatusError(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format: ${contentType}`,
    );
  }
  const merged = objectAt({ merged: mergePatch(existing, body) }, 'merged');
  return { code: 200, body: store.update(info, existing, merged, isDryRun) };
}

function remove(store: Store, { info, namespace, name, body }: ResourceRequest, isDryRun: boolean): JsonObject {
  if (isDryRun) return store.get(info, namespace, name);
  const preconditions = objectAt(body, 'preconditions');
  const uid = textAt(preconditions, 'uid');
  const resourceVersion = textAt(preconditions, 'resourceVersion');
  return store.delete(info, namespace, name, {
    ...(uid === '' ? {} : { uid }),
    ...(resourceVersion === '' ? {} : { resourceVersion }),
  });
}

function removeAll(store: Store, { info, namespace, query }: ResourceRequest): JsonObject {
  const items = selected(store.list(info, namespace), query);
  for (const { metadata } of items) store.delete(info, namespace, metadata.name);
  return { kind: `${info.kind}List`, apiVersion: info.apiVersion, metadata: {}, items };
}

/** Nothing is made in a namespace that is not there, or that goes. */
function requireNamespace(store: Store, { info, namespace, name, body }: ResourceRequest): void {
  if (!info.isNamespaced) return;
  const namespaces = { ...info, apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', isNamespaced: false };
  const found = store.find(namespaces, '', namespace);
  if (found === undefined) throw notFound('namespaces', namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const object = name || textAt(objectAt(body, 'metadata'), 'name');
  throw new StatusError(
    403,
    'Forbidden',
    `${resourceName(info)} "${object}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
  );
}

function review({ access }: Served, user: User, body: JsonObject): Answer {
  const attributes = objectAt(objectAt(body, 'spec'), 'resourceAttributes');
  const at = (field: string) => textAt(attributes, field);
  const allowed = access.allows(user, {
    verb: at('verb'),
    group: at('group'),
    resource: at('resource'),
    subresource: at('subresource'),
    namespace: at('namespace'),
    name: at('name'),
  });
  return { code: 201, body: { ...body, status: { allowed } } };
}

function rulesReview({ access }: Served, user: User, body: JsonObject): Answer {
  const resourceRules = access.rulesEverywhere(user);
  return { code: 201, body: { ...body, status: { incomplete: false, nonResourceRules: [], resourceRules } } };
}

function podLog({ store, logs }: Served, { info, namespace, name, query }: ResourceRequest): Answer {
  const pod = store.get(info, namespace, name);
  const log = logs.get(`${namespace}/${name}`);
  const container = query.get('container') ?? 'main';
  if (log === undefined) {
    const [status] = listAt(objectAt(pod, 'status'), 'containerStatuses');
    const reason = Object.values(objectAt({ status }, 'status')).length > 0 ? 'ContainerCreating' : 'PodInitializing';
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${reason}`);
  }
  const tail = Number(query.get('tailLines') ?? Number.POSITIVE_INFINITY);
  const lines = log.split('\n').filter((line) => line !== '');
  return {
    code: 200,
    body: lines
      .slice(-tail)
      .map((line) => `${line}\n`)
      .join(''),
  };
}
