import { LaunchpadError } from '../errors.ts';
import type { ResourceState } from '../report.ts';
import { sleep } from '../sleep.ts';
import { stateAfter } from './applied.ts';
import type { Cluster } from './client.ts';
import { INSTANCE_LABEL } from './names.ts';
import type { KubeObject, ServerSideApply } from './objects.ts';

export interface NamespaceOptions {
  /** Whether the cluster repository has a directory for the instance. */
  readonly isRecorded: boolean;
  /** Longest wait in milliseconds for a namespace that is being deleted. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/**
 * Makes sure that the instance may use the namespace of its name: there is none, or it carries our label, or the cluster
 * repository knows the instance already. One that is being deleted is awaited, as nothing can be created in it.
 *
 * @throws LaunchpadError `namespace-foreign` where it is somebody else's, `namespace-terminating` where it does not end
 */
export async function readyNamespace(cluster: Cluster, instance: string, options: NamespaceOptions): Promise<void> {
  const namespace = await cluster.read(namespaceRef(instance));
  if (namespace === undefined) return;
  if (namespace.metadata?.deletionTimestamp !== undefined) {
    options.onLine(`Namespace ${instance} is being deleted: waiting until it is gone.`);
    await namespaceGone(cluster, instance, options);
    return;
  }
  const isOurs = namespace.metadata?.labels?.[INSTANCE_LABEL] === instance;
  if (isOurs || options.isRecorded) return;
  throw new LaunchpadError(
    'namespace-foreign',
    `Namespace ${instance} exists, and neither was it made by this action nor does the cluster repository have an instance ${instance}.`,
    {
      remedy: `Choose another name. If the namespace is this instance's after all, commit its config.yml first, or label it: kubectl label namespace ${instance} ${INSTANCE_LABEL}=${instance}`,
    },
  );
}

/** Milliseconds between two looks at a namespace that is being deleted. */
const LOOK_AGAIN_MS = 1_000;

async function namespaceGone(cluster: Cluster, instance: string, { waitMs, signal }: NamespaceOptions): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const namespace = await cluster.read<NamespaceObject>(namespaceRef(instance));
    if (namespace?.metadata?.deletionTimestamp === undefined) return;
    if (Date.now() > deadline) throw stillTerminating(namespace, instance, waitMs);
    await sleep(LOOK_AGAIN_MS, signal);
  }
}

interface NamespaceObject extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly status?: string; readonly message?: string }[] };
}

function stillTerminating(namespace: NamespaceObject, instance: string, waitMs: number): LaunchpadError {
  const reasons = (namespace.status?.conditions ?? [])
    .filter(({ status }) => status === 'True')
    .map(({ message }) => message ?? '');
  return new LaunchpadError(
    'namespace-terminating',
    [`Namespace ${instance} is still being deleted after ${Math.round(waitMs / 1000)} s.`, ...reasons].join(' '),
    {
      remedy: `Find out what holds it (kubectl get namespace ${instance} -o yaml shows conditions and finalizers), then run again.`,
    },
  );
}

/** Makes the namespace, or marks the one that is there as ours. */
export async function applyNamespace(cluster: Cluster, instance: string): Promise<ResourceState> {
  const { object, force } = namespaceApply(instance);
  const before = await cluster.read(namespaceRef(instance));
  const after = await cluster.apply(object, { force });
  return { kind: 'Namespace', name: instance, state: stateAfter(before, after) };
}

/**
 * What is applied of the namespace. Tutor's manifests contain the same Namespace, so that Argo CD would delete it with
 * the Application, or prune it, and everything in it: the annotation keeps it
 * (https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/).
 */
export function namespaceApply(instance: string): ServerSideApply {
  const labels = { [INSTANCE_LABEL]: instance };
  const annotations = { 'argocd.argoproj.io/sync-options': 'Delete=false,Prune=false' };
  const ref = namespaceRef(instance);
  return { object: { ...ref, metadata: { ...ref.metadata, labels, annotations } }, force: false };
}

function namespaceRef(instance: string) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: instance } };
}
