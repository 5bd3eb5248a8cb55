import type { Cluster } from '../api/client.ts';
import { type ContainerStatus, POD_TYPE, type PodCondition, type PodObject } from '../objects/workflow-objects.ts';

/** Reasons of containers that are about to start. */
const STARTING = new Set(['ContainerCreating', 'PodInitializing']);
/** Lines of an error. More pods have the same cause. */
const MOST = 10;

/**
 * The reasons why pods of a namespace wait, such as `Pod lms-5d9: container lms: CrashLoopBackOff, back-off 10s …`. Empty
 * if the pods cannot be read, because this only adds details to an error.
 */
export async function waitingPods(cluster: Cluster, namespace: string): Promise<string[]> {
  const pods = await cluster.list<PodObject>({ ...POD_TYPE, namespace }).catch(() => undefined);
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
