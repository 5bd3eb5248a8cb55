import { asSentence, LaunchpadError } from '../errors.ts';
import type { ResourceState } from '../report.ts';
import { sleep } from '../sleep.ts';
import type { Cluster } from './client.ts';
import type { KubeObject } from './objects.ts';
import { REMIND_MS, Reminder } from './reminder.ts';

export interface GoneOptions {
  /** Longest wait in milliseconds. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/#NamespaceStatus */
interface NamespaceObject extends KubeObject {
  readonly spec?: { readonly finalizers?: readonly string[] };
  readonly status?: { readonly conditions?: readonly { readonly status?: string; readonly message?: string }[] };
}

/** Milliseconds between two looks at a namespace that is being deleted: to look needs no right to list namespaces. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Deletes the instance's namespace with all that is in it, and waits until it is gone.
 *
 * @param uid UID of the one that is meant, as another of its name would be somebody else's
 * @throws LaunchpadError `namespace-terminating` that names what holds it when the time is up
 */
export async function deleteNamespace(
  cluster: Cluster,
  instance: string,
  uid: string,
  options: GoneOptions,
): Promise<ResourceState> {
  const isThere = await cluster.delete(namespaceRef(instance), { uid });
  if (isThere) await namespaceGone(cluster, instance, options);
  return { kind: 'Namespace', name: instance, state: isThere ? 'deleted' : 'absent' };
}

/**
 * Waits until a namespace that is being deleted is gone.
 *
 * @throws LaunchpadError `namespace-terminating` that names what holds it when the time is up
 */
export async function namespaceGone(
  cluster: Cluster,
  instance: string,
  { waitMs, signal, onLine }: GoneOptions,
): Promise<void> {
  const deadline = Date.now() + waitMs;
  const reminder = new Reminder(onLine, REMIND_MS);
  reminder.say(`Namespace ${instance} is being deleted: waiting until it is gone.`);
  for (;;) {
    const namespace = await cluster.read<NamespaceObject>(namespaceRef(instance));
    if (namespace?.metadata?.deletionTimestamp === undefined) return;
    const holders = holdersOf(namespace);
    if (Date.now() > deadline) throw stillTerminating(holders, instance, waitMs);
    reminder.remind(`Namespace ${instance} is still being deleted. ${holders.join(' ')}`.trimEnd());
    await sleep(LOOK_AGAIN_MS, signal);
  }
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

export function namespaceRef(instance: string) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: instance } };
}
