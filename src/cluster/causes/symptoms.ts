import {
  type ContainerStatus,
  type EventObject,
  isUntouched,
  mainContainer,
  messageOfEnd,
  ownMessage,
  type PodObject,
  podNode,
  type WorkflowObject,
} from '../objects/workflow-objects.ts';

/** One thing that Kubernetes or Argo Workflows say of a Workflow or its pod, in their own words. */
export interface Sign {
  /** Whose word it is, such as `container main` or `event`. */
  readonly source: string;
  /** Such as `ImagePullBackOff`; empty where there is only a message. */
  readonly reason: string;
  readonly message: string;
}

/** What is known of one Workflow. */
export interface Evidence {
  /** Undefined: it was deleted. */
  readonly workflow: WorkflowObject | undefined;
  readonly pod: PodObject | undefined;
  /** Events about the Workflow and its pod, the oldest first. */
  readonly events: readonly EventObject[];
}

/** Reasons of containers that are on their way, or did what they should. */
const ORDINARY = new Set(['', 'PodInitializing', 'ContainerCreating', 'Completed']);
/** What ends a pod from outside, however well it went before. */
const ENDING_EVENTS = /^(Evicted|Preempted|Preempting|NodeNotReady|NodeShutdown|TaintManagerEviction)$/;

/** Events of a pod for which an autoscaler adds a node: the cluster autoscaler's, and Karpenter's. */
export const SCALING = /^(TriggeredScaleUp|Nominated)$/;

/** Events by which scheduler and kubelet tell how far a pod has come. */
const STEPS = new Set(['Scheduled', 'Pulling', 'Pulled', 'Created', 'Started']);

/** A reason of our own: no controller has looked at the Workflow. */
export const UNTOUCHED = 'Untouched';
/** A reason of our own: the Workflow is gone. */
export const DELETED = 'Deleted';

/** A reason of our own: the work is done, and another container still runs. */
export const SIDECAR_RUNNING = 'SidecarRunning';
/** The containers of Argo's pods; any other was added by an admission webhook. */
const ARGO_CONTAINERS = new Set(['main', 'wait', 'supervisor']);

/**
 * The signs of trouble in what is known of a Workflow, the most telling first: states of containers, then the pod's,
 * then what Argo made of it, then events. Events tell of trouble that may be over: those about how a pod starts count
 * only until it has come further.
 */
export function symptomsOf({ workflow, pod, events }: Evidence): Sign[] {
  return [
    ...(pod === undefined ? [] : [...containerSymptoms(pod), ...sidecarSymptoms(pod), ...podSymptoms(pod)]),
    ...workflowSymptoms(workflow),
    ...eventSymptoms(pod, events),
  ];
}

/** `reason: message`, or the one that there is. */
export function wordsOf({ reason, message }: Sign): string {
  return message === '' || message === reason ? reason : reason === '' ? message : `${reason}: ${message}`;
}

function containerSymptoms({ status }: PodObject): Sign[] {
  const containers = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const isMain = ({ name }: ContainerStatus) => name === 'main';
  return [...containers.filter(isMain), ...containers.filter((one) => !isMain(one))].flatMap(containerSign);
}

function containerSign(container: ContainerStatus): Sign[] {
  const { name, state } = container;
  const source = `container ${name}`;
  const { waiting, terminated } = state ?? {};
  if (waiting !== undefined && !ORDINARY.has(waiting.reason ?? '')) {
    return [{ source, reason: waiting.reason ?? '', message: waiting.message ?? '' }];
  }
  if (terminated === undefined || terminated.exitCode === 0) return [];
  // Of a crash it is the end of the log, which may tell as well; what our program reports is told elsewhere.
  const said = terminated.message?.includes('{"launchpad":') ? messageOfEnd(container) : (terminated.message ?? '');
  const message = [`exit code ${terminated.exitCode}`, said].filter((part) => part !== '');
  return [{ source, reason: terminated.reason ?? '', message: message.join(', ') }];
}

function sidecarSymptoms(pod: PodObject): Sign[] {
  if (mainContainer(pod)?.state?.terminated === undefined) return [];
  return (pod.status?.containerStatuses ?? [])
    .filter(({ name, state }) => !ARGO_CONTAINERS.has(name) && state?.running !== undefined)
    .map(({ name }) => ({ source: `container ${name}`, reason: SIDECAR_RUNNING, message: name }));
}

/** Conditions that say why a pod waits for a node, or who took it from its node. */
function podSymptoms({ status }: PodObject): Sign[] {
  const own = { source: 'pod', reason: status?.reason ?? '', message: status?.message ?? '' };
  const conditions = (status?.conditions ?? [])
    .filter(
      ({ type, status: value }) =>
        (type === 'PodScheduled' && value === 'False') || (type === 'DisruptionTarget' && value === 'True'),
    )
    .map(({ reason = '', message = '' }) => ({ source: 'pod', reason, message }));
  return [...(wordsOf(own) === '' ? [] : [own]), ...conditions];
}

function workflowSymptoms(workflow: WorkflowObject | undefined): Sign[] {
  if (workflow === undefined) return [{ source: 'workflow', reason: DELETED, message: '' }];
  if (isUntouched(workflow)) return [{ source: 'workflow', reason: UNTOUCHED, message: '' }];
  const node = podNode(workflow);
  const messages = [workflow.status?.message ?? '', node?.message ?? '']
    .map(ownMessage)
    .filter((text) => !ORDINARY.has(text));
  return [...new Set(messages)].map((message) => ({ source: 'workflow', reason: '', message }));
}

/** The newest first; a start that got further since leaves the trouble before behind. */
function eventSymptoms(pod: PodObject | undefined, events: readonly EventObject[]): Sign[] {
  const { running, terminated } = (pod === undefined ? undefined : mainContainer(pod))?.state ?? {};
  const hasRun = running !== undefined || terminated !== undefined;
  const lastStep = events.findLastIndex(({ reason = '' }) => STEPS.has(reason));
  return events
    .filter(
      ({ type, reason = '' }, index) =>
        ENDING_EVENTS.test(reason) || SCALING.test(reason) || (type === 'Warning' && !hasRun && index > lastStep),
    )
    .map(({ reason = '', message = '' }) => ({ source: 'event', reason, message }))
    .reverse();
}
