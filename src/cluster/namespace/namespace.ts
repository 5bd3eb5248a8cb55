import { LaunchpadError } from '../../core/errors.ts';
import { fieldsOf, textIn } from '../../core/fields.ts';
import type { ResourceState } from '../../core/report.ts';
import type { ResourceNames } from '../../instance/instance.ts';
import type { Cluster } from '../api/client.ts';
import { stateAfter } from '../dry-run/object-changes.ts';
import type { ClusterConventions } from '../objects/conventions.ts';
import { INSTANCE_LABEL, NAMES_ANNOTATION } from '../objects/names.ts';
import { namespaceRef } from '../objects/namespace-objects.ts';
import type { KubeObject, ServerSideApply } from '../objects/objects.ts';
import { waitForNamespaceDeletion } from './namespace-deletion.ts';

export interface NamespaceOptions {
  /** Whether the cluster repository has a directory for the instance. */
  readonly isRecorded: boolean;
  /** Longest wait in milliseconds for a namespace that is being deleted. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/**
 * Checks that the instance may use the namespace of its name: it does not exist, or has our label, or the cluster
 * repository has the instance already. Waits for one that is being deleted, as nothing can be created in it.
 *
 * @returns the namespace; undefined if it does not exist, or not any more
 * @throws LaunchpadError `namespace-foreign` if it belongs to others, `namespace-terminating` if its deletion takes too long
 */
export async function readyNamespace(
  cluster: Cluster,
  instance: string,
  options: NamespaceOptions,
): Promise<KubeObject | undefined> {
  const namespace = await cluster.read(namespaceRef(instance));
  if (namespace === undefined) return undefined;
  if (isTerminating(namespace)) {
    await waitForNamespaceDeletion(cluster, instance, options);
    return undefined;
  }
  requireOwn(namespace, instance, options);
  return namespace;
}

const NAMES = ['mysqlDatabase', 'mysqlUser', 'mongodbDatabase', 'forumDatabase', 'mongodbUser', 'bucket'] as const;

/** The names that the instance had when it was provisioned last; none in a namespace without them. */
export function knownNames(namespace: KubeObject | undefined): Partial<ResourceNames> {
  try {
    const found = fieldsOf(JSON.parse(namespace?.metadata?.annotations?.[NAMES_ANNOTATION] ?? '{}'));
    const pairs = NAMES.map((key) => [key, textIn(found, key)] as const);
    return Object.fromEntries(pairs.filter(([, name]) => name !== undefined && name !== ''));
  } catch {
    return {};
  }
}

/**
 * The namespace of the instance's name, also while it is being deleted; undefined if there is none.
 *
 * @throws LaunchpadError `namespace-foreign` if it belongs to others
 */
export async function ownNamespace(
  cluster: Cluster,
  instance: string,
  options: Pick<NamespaceOptions, 'isRecorded'>,
): Promise<KubeObject | undefined> {
  const namespace = await cluster.read(namespaceRef(instance));
  if (namespace !== undefined) requireOwn(namespace, instance, options);
  return namespace;
}

/** Whether the namespace of the instance's name carries its label. */
export async function hasOwnNamespace(cluster: Cluster, instance: string): Promise<boolean> {
  return (await cluster.read(namespaceRef(instance)))?.metadata?.labels?.[INSTANCE_LABEL] === instance;
}

/** The instances that have a namespace with our label. */
export async function labelledInstances(cluster: Cluster): Promise<string[]> {
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Namespace' }, { labelSelector: INSTANCE_LABEL });
  return items.flatMap(({ metadata }) => metadata?.labels?.[INSTANCE_LABEL] ?? []);
}

function requireOwn(namespace: KubeObject, instance: string, { isRecorded }: Pick<NamespaceOptions, 'isRecorded'>) {
  const isOurs = namespace.metadata?.labels?.[INSTANCE_LABEL] === instance;
  if (isOurs || isRecorded) return;
  throw new LaunchpadError(
    'namespace-foreign',
    `Namespace ${instance} exists, was not created by this action, and the cluster repository has no instance ${instance}.`,
    {
      remedy: `Choose another name. If the namespace is this instance's after all, commit its config.yml first, or label it: kubectl label namespace ${instance} ${INSTANCE_LABEL}=${instance}`,
    },
  );
}

/** Whether the object is being deleted; finalizers may delay that without limit. */
export function isTerminating({ metadata }: KubeObject): boolean {
  return metadata?.deletionTimestamp !== undefined;
}

/**
 * Creates the namespace, or adds our label to the existing one.
 *
 * @param names kept in it; undefined where they are not known
 */
export async function applyNamespace(
  cluster: Cluster,
  instance: string,
  conventions: ClusterConventions,
  names: ResourceNames | undefined,
): Promise<AppliedNamespace> {
  const { object, force } = namespaceApply(instance, conventions, names);
  const before = await cluster.read(namespaceRef(instance));
  const after = await cluster.apply(object, { force });
  const resource = { kind: 'Namespace', name: instance, state: stateAfter(before, after) };
  return { resource, uid: after.metadata?.uid ?? '' };
}

export interface AppliedNamespace {
  readonly resource: ResourceState;
  readonly uid: string;
}

/**
 * What is applied of the namespace. Tutor's manifests contain the same Namespace, so that Argo CD would delete it with
 * the Application, or prune it, and everything in it: the annotation keeps it
 * (https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/).
 */
export function namespaceApply(
  instance: string,
  { namespaceLabels }: ClusterConventions,
  names: ResourceNames | undefined,
): ServerSideApply {
  const labels = { ...namespaceLabels, [INSTANCE_LABEL]: instance };
  const kept = names === undefined ? {} : { [NAMES_ANNOTATION]: JSON.stringify(names) };
  const annotations = { 'argocd.argoproj.io/sync-options': 'Delete=false,Prune=false', ...kept };
  const ref = namespaceRef(instance);
  return { object: { ...ref, metadata: { ...ref.metadata, labels, annotations } }, force: false };
}
