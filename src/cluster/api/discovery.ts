import { mapConcurrently } from '../../core/concurrency.ts';
import { type Fields, fieldsOf, listIn, textIn } from '../../core/fields.ts';
import { groupPath, type KubeObject } from '../objects/objects.ts';
import type { Cluster } from './client.ts';

/** A kind of namespaced objects, as the API server's discovery names it. */
export interface ServedKind {
  readonly apiVersion: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** As in paths. */
  readonly plural: string;
  /** Plural and group, such as `deployments.apps`, or `pods.` of the core group. */
  readonly resource: string;
}

/** Requests at once. */
const AT_ONCE = 6;

/**
 * The kinds whose objects are in namespaces and can be listed and deleted, each in the version that its group prefers
 * (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#unaggregated-discovery).
 *
 * @throws ClusterError
 */
export async function namespacedKinds(cluster: Cluster): Promise<ServedKind[]> {
  const groups = listIn(fieldsOf(await cluster.readPath('/apis')), 'groups');
  const versions = groups.flatMap((group) => textIn(fieldsOf(group.preferredVersion), 'groupVersion') ?? []);
  const kinds = await mapConcurrently(['v1', ...versions], AT_ONCE, async (apiVersion) =>
    listIn(fieldsOf(await cluster.readPath(groupPath(apiVersion))), 'resources').flatMap((resource) =>
      servedKind(apiVersion, resource),
    ),
  );
  return kinds.flat();
}

/** The objects of a kind in a namespace. @throws ClusterError */
export async function listKind(cluster: Cluster, { apiVersion, plural }: ServedKind, namespace: string) {
  const path = `${groupPath(apiVersion)}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  const items: KubeObject[] = [];
  let next: string | undefined;
  do {
    const page = await cluster.readPath(path, { limit: '500', ...(next === undefined ? {} : { continue: next }) });
    items.push(...listIn(fieldsOf(page), 'items'));
    next = textIn(fieldsOf(fieldsOf(page).metadata), 'continue') || undefined;
  } while (next !== undefined);
  return items;
}

function servedKind(apiVersion: string, resource: Fields): ServedKind[] {
  const { namespaced, verbs } = resource;
  const kind = textIn(resource, 'kind');
  const plural = textIn(resource, 'name');
  const isListed = Array.isArray(verbs) && verbs.includes('list') && verbs.includes('delete');
  if (namespaced !== true || !isListed || kind === undefined || plural === undefined) return [];
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  return [{ apiVersion, group, kind, plural, resource: `${plural}.${group}` }];
}
