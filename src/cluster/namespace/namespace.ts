import { LaunchpadError } from '../../core/errors.ts';
import { fieldsOf, textIn } from '../../core/fields.ts';
import type { ResourceState } from '../../core/report.ts';
import type { ResourceNames } from '../../instance/instance.ts';
import type { Cluster } from '../api/client.ts';
import { applyTraced } from '../api/traced-apply.ts';
import { isApplied } from '../dry-run/object-changes.ts';
import type { ClusterConventions } from '../objects/conventions.ts';
import { INSTANCE_LABEL, NAMES_ANNOTATION } from '../objects/names.ts';
import { namespaceRef } from '../objects/namespace-objects.ts';
import type { KubeObject, ServerSideApply } from '../objects/objects.ts';
import type { Trace } from '../objects/trace.ts';
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
 * @returns the namespace if it exists then
 * @throws LaunchpadError `namespace-foreign` if it belongs to others, `namespace-terminating` if its deletion takes too long
 */
export async function readyNamespace(
  cluster: Cluster,
  instance: string,
  namespace: KubeObject | undefined,
  options: NamespaceOptions,
): Promise<KubeObject | undefined> {
  if (namespace === undefined) return undefined;
  if (isTerminating(namespace)) {
    await waitForNamespaceDeletion(cluster, instance, options);
    return undefined;
  }
  requireOwn(namespace, instance, options);
  return namespace;
}

/** Whether the namespace carries the instance's label. */
export function isOwn(namespace: KubeObject | undefined, instance: string): boolean {
  return namespace?.metadata?.labels?.[INSTANCE_LABEL] === instance;
}

/** @throws LaunchpadError `namespace-foreign` if the namespace, also one that is being deleted, belongs to others */
export function requireOwn(
  namespace: KubeObject,
  instance: string,
  { isRecorded }: Pick<NamespaceOptions, 'isRecorded'>,
): void {
  if (isOwn(namespace, instance) || isRecorded) return;
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
 * @param before the namespace if it exists
 * @param conventions with the names that it keeps; undefined where they are not known
 */
export async function applyNamespace(
  cluster: Cluster,
  instance: string,
  before: KubeObject | undefined,
  conventions: ClusterConventions,
  names: ResourceNames | undefined,
  trace: Trace,
): Promise<AppliedNamespace> {
  const apply = namespaceApply(instance, conventions, names);
  const resource = { kind: 'Namespace', name: instance };
  if (before !== undefined && isApplied(before, { metadata: apply.object.metadata ?? {} })) {
    return { resource: { ...resource, state: 'unchanged' }, uid: before.metadata?.uid ?? '' };
  }
  const { state, applied } = await applyTraced(cluster, apply, before, trace);
  return { resource: { ...resource, state }, uid: applied.metadata?.uid ?? '' };
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
