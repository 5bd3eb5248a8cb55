import type { Evidence } from '../causes/symptoms.ts';
import { type EventObject, isUntouched, mainContainer, type PodObject, podNode } from '../objects/workflow-objects.ts';

/** The status of an unfinished Workflow in a few words: that of its pod, or before there is one, Argo's. */
export function describeStatus({ workflow, pod, events }: Evidence): string {
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

/** The status of a starting pod. The kubelet writes two events for an image, `Pulling` and `Pulled` (pkg/kubelet/images). */
function startOf({ metadata }: PodObject, events: readonly EventObject[]): string | undefined {
  const own = events.filter(({ involvedObject }) => involvedObject?.name === metadata?.name);
  const last = own.findLast(({ reason = '' }) => ['Pulling', 'Pulled', 'Created', 'Started'].includes(reason));
  if (last === undefined) return undefined;
  if (last.reason !== 'Pulling') return 'Starting';
  return `Pulling image ${/"([^"]+)"/.exec(last.message ?? '')?.[1] ?? ''}`.trimEnd();
}
