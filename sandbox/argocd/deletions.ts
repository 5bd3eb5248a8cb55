import type { Cluster } from '../../src/cluster/api/client.ts';
import { isNotFound } from '../../src/cluster/api/errors.ts';
import { watchObjects } from '../../src/cluster/api/watch.ts';
import type { KubeObject } from '../../src/cluster/objects/objects.ts';

/** What Argo CD does with Applications that are being deleted, in the sandbox or in a cluster without Argo CD. */
export interface Deletions {
  /** From now on it does nothing with them, as if its controller were not there. */
  pause(): void;
  /** Goes on, also with those that have come meanwhile. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

interface ApplicationObject extends KubeObject {
  readonly spec?: { readonly destination?: { readonly namespace?: string } };
}

const APPLICATION = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', namespace: 'argocd' };
const CASCADE = 'resources-finalizer.argocd.argoproj.io';
/** How Argo CD marks what belongs to an Application: `<application>:<group>/<kind>:<namespace>/<name>`. */
const TRACKING = 'argocd.argoproj.io/tracking-id';
/** Workloads that it knows of: those that are made by hand for a test. */
const WORKLOADS = ['Pod', 'ConfigMap', 'Secret'].map((kind) => ({ apiVersion: 'v1', kind }));

/** Deletes the workloads of each Application that is being deleted and that wants it, and then lets it go. */
export function finishDeletions(cluster: Cluster): Deletions {
  const stopped = new AbortController();
  const waiting = new Map<string, ApplicationObject>();
  let isPaused = false;

  const follow = async () => {
    for await (const { type, object } of watchObjects<ApplicationObject>(cluster, APPLICATION, {}, stopped.signal)) {
      const { uid = '', deletionTimestamp } = object.metadata ?? {};
      if (type === 'DELETED' || deletionTimestamp === undefined) waiting.delete(uid);
      else if (isPaused) waiting.set(uid, object);
      else await finish(cluster, object);
    }
  };
  const following = follow();
  return {
    pause: () => {
      isPaused = true;
    },
    resume: async () => {
      isPaused = false;
      for (const application of waiting.values()) await finish(cluster, application);
    },
    stop: async () => {
      stopped.abort();
      await following;
    },
  };
}

async function finish(cluster: Cluster, { metadata = {}, spec }: ApplicationObject): Promise<void> {
  const { name = '', finalizers = [] } = metadata;
  const others = finalizers.filter((finalizer) => !finalizer.startsWith(CASCADE));
  if (others.length === finalizers.length) return;
  const namespace = spec?.destination?.namespace ?? '';
  for (const type of namespace === '' ? [] : WORKLOADS) {
    const { items } = await cluster.list({ ...type, namespace });
    const own = items.filter(({ metadata: given }) => given?.annotations?.[TRACKING]?.startsWith(`${name}:`));
    for (const { metadata: given } of own) {
      await cluster.delete({ ...type, metadata: { name: given?.name ?? '', namespace } });
    }
  }
  await cluster
    .patch({ ...APPLICATION, metadata: { name, namespace: 'argocd' } }, { metadata: { finalizers: others } })
    .catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
}
