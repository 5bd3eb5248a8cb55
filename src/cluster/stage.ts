import type { Evidence } from './diagnosis/signs.ts';
import { type EventObject, isUntouched, mainContainer, type PodObject, podNode } from './workflow-objects.ts';

/** How far a Workflow is that has not ended, in a few words: what its pod does, or before that what Argo says of it. */
export function stageOf({ workflow, pod, events }: Evidence): string {
  if (workflow === undefined || isUntouched(workflow)) return 'Submitted';
  if (pod === undefined) {
    const { phase = '', message = '' } = podNode(workflow) ?? workflow.status ?? {};
    return [phase === '' ? 'Pending' : phase, message].filter((part) => part !== '').join(', ');
  }
  const { running, terminated } = mainContainer(pod)?.state ?? {};
  if (terminated !== undefined) return `Pod ended with exit code ${terminated.exitCode}, Argo takes in the result`;
  if (running !== undefined) return 'Running';
  const image = imageBeingPulled(pod, events);
  if (image !== undefined) return `Pulling image ${image}`;
  const node = pod.spec?.nodeName ?? '';
  return node === '' ? 'Pod made, waiting for a node' : `Scheduled on ${node}`;
}

/** The kubelet tells of an image in two events, `Pulling` and `Pulled` (pkg/kubelet/images). */
function imageBeingPulled({ metadata }: PodObject, events: readonly EventObject[]): string | undefined {
  const own = events.filter(({ involvedObject }) => involvedObject?.name === metadata?.name);
  const last = own.findLast(({ reason }) => reason === 'Pulling' || reason === 'Pulled');
  return last?.reason === 'Pulling' ? (/"([^"]+)"/.exec(last.message ?? '')?.[1] ?? '') : undefined;
}
