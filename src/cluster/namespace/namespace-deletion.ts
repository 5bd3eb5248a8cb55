import { asSentence, LaunchpadError } from '../../core/errors.ts';
import type { ResourceState } from '../../core/report.ts';
import { retry } from '../../core/retry.ts';
import type { Cluster } from '../api/client.ts';
import { isConflict } from '../api/errors.ts';
import { type DeletionOptions, waitForDeletion } from '../api/wait-for-deletion.ts';
import { type NamespaceObject, namespaceRef } from '../objects/namespace-objects.ts';

/** Attempts to delete a namespace while others write to it. */
const ATTEMPTS = 5;

/**
 * Deletes the instance's namespace with all that is in it, and waits until it is deleted.
 *
 * @param uid UID of the namespace: a later one with the same name is not deleted
 * @throws LaunchpadError `namespace-terminating` if it still exists after the wait; it names what blocks the deletion
 */
export async function deleteNamespace(
  cluster: Cluster,
  instance: string,
  uid: string,
  options: DeletionOptions,
): Promise<ResourceState> {
  const isThere = await requestDeletion(cluster, instance, uid);
  if (isThere) await waitForNamespaceDeletion(cluster, instance, options);
  return { kind: 'Namespace', name: instance, state: isThere ? 'deleted' : 'absent' };
}

/** Some API servers answer 409 if the namespace is being deleted already, or was written to at the same moment. */
async function requestDeletion(cluster: Cluster, instance: string, uid: string): Promise<boolean> {
  const request = async () => {
    try {
      return await cluster.delete(namespaceRef(instance), { uid });
    } catch (error) {
      if (!isConflict(error)) throw error;
      const { metadata } = (await cluster.read(namespaceRef(instance))) ?? {};
      if (metadata?.uid === uid && metadata.deletionTimestamp === undefined) throw error;
      return metadata?.uid === uid;
    }
  };
  const options = { isTransient: isConflict, attempts: ATTEMPTS, firstDelayMs: 100, longestDelayMs: 1_000 };
  return await retry(request, { ...options, clock: cluster.clock });
}

/**
 * Waits until a namespace that is being deleted no longer exists.
 *
 * @throws LaunchpadError `namespace-terminating` if it still exists after the wait; it names what blocks the deletion
 */
export async function waitForNamespaceDeletion(
  cluster: Cluster,
  instance: string,
  options: DeletionOptions,
): Promise<void> {
  await waitForDeletion<NamespaceObject>(cluster, namespaceRef(instance), options, {
    name: `Namespace ${instance}`,
    holders: (namespace) => holdersOf(namespace).join(' '),
    error: (namespace) => stillTerminating(holdersOf(namespace), instance, options.waitMs),
  });
}

/** What Kubernetes says of the content that remains and of its finalizers, and the namespace's own ones. */
function holdersOf({ metadata, spec, status }: NamespaceObject): string[] {
  const finalizers = [...(metadata?.finalizers ?? []), ...(spec?.finalizers ?? [])].filter(
    // The namespace controller's own, which goes last.
    (finalizer) => finalizer !== 'kubernetes',
  );
  return [
    ...(status?.conditions ?? [])
      .filter((condition) => condition.status === 'True')
      .map(({ message = '' }) => asSentence(message)),
    ...(finalizers.length === 0 ? [] : [`Finalizers of the namespace: ${finalizers.join(', ')}.`]),
  ];
}

function stillTerminating(holders: readonly string[], instance: string, waitMs: number): LaunchpadError {
  return new LaunchpadError(
    'namespace-terminating',
    [`Namespace ${instance} is still being deleted after ${Math.round(waitMs / 1000)} s.`, ...holders].join(' '),
    {
      remedy: `Find out what holds it (kubectl get namespace ${instance} -o yaml shows conditions and finalizers), then run again.`,
    },
  );
}
