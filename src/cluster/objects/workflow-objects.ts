import type { KubeObject } from './objects.ts';

/** Workflows, their pods and events about them, as far as we read them. */

/** https://argo-workflows.readthedocs.io/en/stable/fields/#workflowstatus */
export interface WorkflowObject extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly startedAt?: string | null;
    readonly finishedAt?: string | null;
    /** Argo packs those of a Workflow of hundreds of nodes (`compressedNodes`); ours have one. */
    readonly nodes?: Readonly<Record<string, WorkflowNode>>;
  };
}

export interface WorkflowNode {
  readonly id: string;
  readonly displayName?: string;
  readonly type: string;
  readonly phase?: string;
  readonly message?: string;
  readonly outputs?: {
    readonly exitCode?: string;
    readonly parameters?: readonly { readonly name: string; readonly value?: string }[];
  };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodStatus */
export interface PodObject extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly PodCondition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string };
  };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/, in its older form, `v1`. */
export interface EventObject extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
}

export const WORKFLOW_TYPE = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' };
export const POD_TYPE = { apiVersion: 'v1', kind: 'Pod' };
export const EVENT_TYPE = { apiVersion: 'v1', kind: 'Event' };

/** Argo's label on a pod: the name of its Workflow. */
export const WORKFLOW_LABEL = 'workflows.argoproj.io/workflow';

/** Selects the pods of these Workflows. */
export function podsOf(workflows: readonly string[]): string {
  return `${WORKFLOW_LABEL} in (${workflows.join(',')})`;
}

/** The Workflow that a pod belongs to. */
export function workflowOf({ metadata }: KubeObject): string {
  return metadata?.labels?.[WORKFLOW_LABEL] ?? '';
}

/** The node of the Workflow's only pod. */
export function podNode({ status }: WorkflowObject): WorkflowNode | undefined {
  return Object.values(status?.nodes ?? {}).find(({ type }) => type === 'Pod');
}

/** Whether no controller has seen the Workflow yet: it has no phase until then. */
export function isUntouched({ status }: WorkflowObject): boolean {
  return (status?.phase ?? '') === '';
}

export function isFinished({ status }: WorkflowObject): boolean {
  return status?.finishedAt !== undefined && status.finishedAt !== null;
}

/** The container that does the work; the others of the pod are Argo's. */
export function mainContainer({ status }: PodObject): ContainerStatus | undefined {
  return status?.containerStatuses?.find(({ name }) => name === 'main');
}

/** Reasons of a container that has run: its message is its own, and of any other the kubelet's. */
const HAS_RUN = new Set(['Completed', 'Error', 'OOMKilled']);
/** Argo puts the container's message behind its own (`inferFailedReason` in workflow/controller/operator.go). */
const REPEATED = /^(main: (?:Error|OOMKilled) \(exit code \d+\)): ([\s\S]+)$/;

/** The termination message of the container that does the work: of its pod, or as Argo repeats it in the Workflow. */
export function terminationMessage(
  pod: PodObject | undefined,
  workflow: WorkflowObject | undefined,
): string | undefined {
  const terminated = (pod === undefined ? undefined : mainContainer(pod))?.state?.terminated;
  if (terminated?.message !== undefined && HAS_RUN.has(terminated.reason ?? '')) return terminated.message;
  return REPEATED.exec(workflow?.status?.message ?? '')?.[2];
}

/** What Argo says itself, without the message of the container. */
export function ownMessage(message: string): string {
  return message.replace(REPEATED, '$1');
}

/** What the kubelet or Argo's own containers say of an end, without what our container wrote. */
export function messageOfEnd({ name, state }: ContainerStatus): string {
  const { reason = '', message = '' } = state?.terminated ?? {};
  return name === 'main' && HAS_RUN.has(reason) ? '' : message;
}
