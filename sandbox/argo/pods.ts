import { isObject, type JsonObject, type StoredObject } from '../kubernetes/json.ts';
import { kindNamed } from '../kubernetes/kinds.ts';
import { now, type Store } from '../kubernetes/store.ts';
import { pullFailure } from './pod-spec.ts';
import { type PodState, podStatus } from './status.ts';

const POD = kindNamed('Pod');
const EVENT = kindNamed('Event');
/** The one node of the sandbox. */
const NODE = 'sandbox-node';

/** Which pod is meant; a Workflow of one node has a pod of its own name. */
export interface PodRef {
  readonly name: string;
  readonly namespace: string;
}

/** Why admission takes no pod of the Workflow, if it does not. */
export function refusalOf(
  store: Store,
  { name, namespace }: PodRef,
  account: string,
  podRefusal: ((pod: string) => string) | undefined,
): string | undefined {
  if (store.find(kindNamed('ServiceAccount'), namespace, account) !== undefined) return podRefusal?.(name);
  return `pods "${name}" is forbidden: error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`;
}

/** Makes the pod of a Workflow, with these labels besides Argo's, if it is not there. */
export function ensurePod(store: Store, workflow: StoredObject, labels: JsonObject): void {
  const { name, namespace = '', uid } = workflow.metadata;
  if (store.find(POD, namespace, name) !== undefined) return;
  store.create(POD, namespace, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { ...labels, 'workflows.argoproj.io/workflow': name, 'workflows.argoproj.io/completed': 'false' },
      ownerReferences: [{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', name, uid, controller: true }],
    },
    spec: {},
    status: { phase: 'Pending' },
  });
}

/** Deletes the pod, as Argo does with one that has not started when its Workflow is ended. */
export function removePod(store: Store, { name, namespace }: PodRef): void {
  if (store.find(POD, namespace, name) !== undefined) store.delete(POD, namespace, name);
}

/** Puts the pod on the node, as the scheduler does. */
export function schedulePod(store: Store, ref: PodRef): void {
  const pod = store.find(POD, ref.namespace, ref.name);
  if (pod === undefined || (isObject(pod.spec) && pod.spec.nodeName === NODE)) return;
  store.update(POD, pod, {
    ...pod,
    spec: { nodeName: NODE },
    status: podStatus({ kind: 'waiting', reason: 'PodInitializing', message: '' }),
  });
  reportEvent(store, ref, 'Normal', 'Scheduled', `Successfully assigned ${ref.namespace}/${ref.name} to ${NODE}`);
}

/**
 * Pulls an image: the kubelet has every one of Node, and finds no other.
 *
 * @param forMs milliseconds since it was first tried
 * @throws NotStartable
 */
export function pullImage(store: Store, ref: PodRef, image: string, forMs: number): void {
  const failure = pullFailure(image, forMs);
  if (failure === undefined) {
    reportEvent(store, ref, 'Normal', 'Pulled', `Container image "${image}" already present on machine`);
    return;
  }
  if (failure.reason !== 'InvalidImageName') reportEvent(store, ref, 'Normal', 'Pulling', `Pulling image "${image}"`);
  throw failure;
}

/** Sets the state of the pod where it is another. */
export function setPod(store: Store, { name, namespace }: PodRef, state: PodState): void {
  const pod = store.find(POD, namespace, name);
  if (pod === undefined) return;
  const status = podStatus(state);
  if (JSON.stringify(pod.status) !== JSON.stringify(status)) store.update(POD, pod, { ...pod, status });
}

/** An event about the pod, once for each reason. */
export function reportEvent(
  store: Store,
  { name, namespace }: PodRef,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  const event = `${name}.${reason.toLowerCase()}`;
  if (store.find(EVENT, namespace, event) !== undefined) return;
  store.create(EVENT, namespace, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: event },
    type,
    reason,
    message,
    lastTimestamp: now(),
    involvedObject: { kind: 'Pod', namespace, name },
  });
}
