/** The words for how a Workflow stands: in the log, and in the waiting line. */

import type { Problem } from '../causes/recognise.ts';
import type { Evidence } from '../causes/symptoms.ts';
import { type EventObject, isUntouched, mainContainer, type PodObject, podNode } from '../objects/workflow-objects.ts';

/** How a Workflow ended. */
interface End {
  readonly phase: string;
  readonly message: string;
  readonly seconds: number;
  readonly problem: Problem | undefined;
}

/** The problem in a few words, with what ends it where only that does. */
export function heldUp({ heading, until, endsAfterMs }: Problem): string {
  return `${heading}${until === undefined || endsAfterMs !== undefined ? '' : ` until ${until}`}`;
}

/** How the wait goes on with the problem. */
export function outlookOf({ until, endsAfterMs }: Problem): string {
  if (endsAfterMs !== undefined) return `The run fails if this lasts ${endsAfterMs / 1000} s.`;
  return until === undefined ? 'Still waiting; this may resolve by itself.' : `Still waiting until ${until}.`;
}

/** The end of a Workflow, with its message where it did not succeed. */
export function describeEnd({ phase, message, seconds, problem }: End): string {
  if (phase === 'NeverStarts') return `Never starts: ${problem?.heading}`;
  const after = `${phase} after ${seconds.toFixed(0)} s`;
  return phase === 'Succeeded' || message === '' ? after : `${after}, ${message}`;
}

/** The status of an unfinished Workflow in a few words: that of its pod, or before there is one, Argo's. */
export function describeStatus({ workflow, pod, events }: Evidence): string {
  if (workflow === undefined || isUntouched(workflow)) return 'Submitted';
  if (pod === undefined) {
    const node = podNode(workflow);
    const message = node?.message ?? workflow.status?.message ?? '';
    if (message !== '') return `${node?.phase ?? workflow.status?.phase}, ${message}`;
    return node?.phase === 'Running' ? 'Running' : 'Accepted by Argo Workflows';
  }
  const { running, terminated } = mainContainer(pod)?.state ?? {};
  if (terminated !== undefined) return `Finishing (pod exited with code ${terminated.exitCode})`;
  if (running !== undefined) return 'Running';
  const node = pod.spec?.nodeName ?? '';
  return startOf(pod, events) ?? (node === '' ? 'Pending: waiting for a node' : `Scheduled on ${node}`);
}

/** The status of a starting pod. The kubelet writes two events for an image, `Pulling` and `Pulled` (pkg/kubelet/images). */
function startOf({ metadata }: PodObject, events: readonly EventObject[]): string | undefined {
  const own = events.filter(({ involvedObject }) => involvedObject?.name === metadata?.name);
  const last = own.findLast(({ reason = '' }) => ['Pulling', 'Pulled', 'Created', 'Started'].includes(reason));
  if (last === undefined) return undefined;
  if (last.reason !== 'Pulling') return 'Starting';
  return `Pulling image ${/"([^"]+)"/.exec(last.message ?? '')?.[1] ?? ''}`.trimEnd();
}
