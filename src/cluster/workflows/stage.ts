import type { Evidence } from '../causes/signs.ts';
import { type EventObject, isUntouched, mainContainer, type PodObject, podNode } from '../objects/workflow-objects.ts';

/** How far a Workflow is that has not ended, in a few words: what its pod does, or before that what Argo says of it. */
export function stageOf({ workflow, pod, events }: Evidence): string {
  if (workflow === undefined || isUntouched(workflow)) return 'Submitted';
  if (pod === undefined) {
    const node = podNode(workflow);
    const message = node?.message ?? workflow.status?.message ?? '';
    if (message !== '') return `${node?.phase ?? workflow.status?.phase}, ${message}`;
    return node?.phase === 'Running' ? 'Running' : 'Taken up by Argo Workflows';
  }
  const { running, terminated } = mainContainer(pod)?.state ?? {};
  if (terminated !== undefined) return `Pod ended with exit code ${terminated.exitCode}, Argo takes in the result`;
  if (running !== undefined) return 'Running';
  const node = pod.spec?.nodeName ?? '';
  return startOf(pod, events) ?? (node === '' ? 'Pod made, waiting for a node' : `Scheduled on ${node}`);
}

/** What the kubelet does: it tells of an image in two events, `Pulling` and `Pulled` (pkg/kubelet/images). */
function startOf({ metadata }: PodObject, events: readonly EventObject[]): string | undefined {
  const own = events.filter(({ involvedObject }) => involvedObject?.name === metadata?.name);
  const last = own.findLast(({ reason = '' }) => ['Pulling', 'Pulled', 'Created', 'Started'].includes(reason));
  if (last === undefined) return undefined;
  if (last.reason !== 'Pulling') return 'Starting';
  return `Pulling image ${/"([^"]+)"/.exec(last.message ?? '')?.[1] ?? ''}`.trimEnd();
}
