import type { Cluster } from '../api/client.ts';
import type { KubeObject } from '../objects/objects.ts';

interface PodObject extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly PodCondition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface PodCondition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
}

/** Waiting that is a start, and no trouble. */
const STARTING = new Set(['ContainerCreating', 'PodInitializing']);
/** Lines of an error; who has more pods that hang has one cause for them. */
const MOST = 10;

/**
 * What the pods of a namespace wait for, such as `Pod lms-5d9: container lms: CrashLoopBackOff, back-off 10s …`. Nothing
 * where they cannot be read: it only adds to an error.
 */
export async function waitingPods(cluster: Cluster, namespace: string): Promise<string[]> {
  const type = { apiVersion: 'v1', kind: 'Pod', namespace };
  const pods = await cluster.list<PodObject>(type).catch(() => undefined);
  const lines = (pods?.items ?? []).flatMap(({ metadata, status = {} }) => {
    const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    const reasons = [...containers.flatMap(waitOf), ...(status.conditions ?? []).flatMap(unschedulable)];
    return reasons.map((reason) => `Pod ${metadata?.name}: ${reason}`);
  });
  return lines.length <= MOST ? lines : [...lines.slice(0, MOST), `and ${lines.length - MOST} more`];
}

function waitOf({ name, state }: ContainerStatus): string[] {
  const { reason = '', message = '' } = state?.waiting ?? {};
  if (reason === '' || STARTING.has(reason)) return [];
  return [`container ${name}: ${[reason, message].filter((part) => part !== '').join(', ')}`];
}

function unschedulable({ type, status, reason, message = '' }: PodCondition): string[] {
  return type === 'PodScheduled' && status === 'False' ? [`${reason ?? 'not scheduled'}, ${message}`] : [];
}
