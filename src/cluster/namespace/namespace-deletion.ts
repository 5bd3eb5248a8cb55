import { asSentence, LaunchpadError } from '../../core/errors.ts';
import { retry } from '../../core/retry.ts';
import type { Cluster } from '../api/client.ts';
import type { ServedKind } from '../api/discovery.ts';
import { isConflict } from '../api/errors.ts';
import { type DeletionOptions, waitForDeletion } from '../api/wait-for-deletion.ts';
import { type NamespaceObject, namespaceRef } from '../objects/namespace-objects.ts';
import { describeHeld } from './namespace-content.ts';

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
): Promise<void> {
  if (await requestDeletion(cluster, instance, uid)) await waitForNamespaceDeletion(cluster, instance, options);
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
    holders: async (namespace) => (await holdersOf(cluster, namespace, options.signal)).join(' '),
    error: async (namespace) =>
      stillTerminating(await holdersOf(cluster, namespace, options.signal), instance, options.waitMs),
  });
}

/** A condition names the kinds of which objects are left by such words: `configmaps. has 1 resource instances`. */
function remainingKinds(messages: readonly string[]): ReadonlySet<string> {
  const words = messages.flatMap((message) => message.split(' '));
  return new Set(words.filter((_, index) => words[index + 1] === 'has' && words[index + 3] === 'resource'));
}

/** What Kubernetes says of the content that remains and of its finalizers, the objects, and the namespace's own finalizers. */
async function holdersOf(
  cluster: Cluster,
  { metadata, spec, status }: NamespaceObject,
  signal: AbortSignal,
): Promise<string[]> {
  const finalizers = [...(metadata?.finalizers ?? []), ...(spec?.finalizers ?? [])].filter(
    // The namespace controller's own, which goes last.
    (finalizer) => finalizer !== 'kubernetes',
  );
  const messages = (status?.conditions ?? [])
    .filter((condition) => condition.status === 'True')
    .map(({ message = '' }) => asSentence(message));
  const remaining = remainingKinds(messages);
  const isWanted = ({ resource }: ServedKind) => remaining.has(resource);
  return [
    ...messages,
    ...(remaining.size === 0 ? [] : await describeHeld(cluster, metadata?.name ?? '', { isWanted, signal })),
    ...(finalizers.length === 0 ? [] : [`Finalizers of the namespace: ${finalizers.join(', ')}.`]),
  ];
}

function stillTerminating(holders: readonly string[], instance: string, waitMs: number): LaunchpadError {
  return new LaunchpadError(
    'namespace-terminating',
    [`Namespace ${instance} is still being deleted after ${Math.round(waitMs / 1000)} s.`, ...holders].join(' '),
    {
      remedy: `Find out what blocks it (kubectl get namespace ${instance} -o yaml shows conditions and finalizers), then run again.`,
    },
  );
}
