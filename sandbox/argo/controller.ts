import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject, listAt, objectAt, type StoredObject, textAt } from '../kubernetes/json.ts';
import { kindNamed } from '../kubernetes/kinds.ts';
import { mergePatch } from '../kubernetes/patches.ts';
import type { KubernetesServer } from '../kubernetes/server.ts';
import { now, type Store } from '../kubernetes/store.ts';
import {
  entrypointOf,
  entryTemplateOf,
  mutexesOf,
  NotStartable,
  type PodSpec,
  podLabelsOf,
  podSpecOf,
  serviceAccountOf,
  templateOf,
} from './pod-spec.ts';
import { ensurePod, pullImage, refusalOf, removePod, reportEvent, schedulePod, setPod } from './pods.ts';
import { type ApiAddress, type Output, type PodProcess, startProcess } from './process.ts';
import { workflowStatus } from './status.ts';

/** The sandbox's Argo Workflows. */
export interface Controller {
  /** Milliseconds from a Workflow's creation to its pod's start. */
  delayMs: number;
  /** Variables that every pod gets besides its own, as an operator may have Argo add them. */
  readonly podEnvironment: Record<string, string>;
  /** Faults of the cluster; each may end while a Workflow waits. */
  readonly faults: ClusterFaults;
  /** Sends a signal to the running pods of Workflows whose names begin so, in all namespaces or in one. */
  signalPods(prefix: string, signal: 'SIGTERM' | 'SIGKILL', namespace?: string): void;
  /** Ignores new Workflows, as if no controller ran. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

interface ClusterFaults {
  /** Why the scheduler finds no node for a pod, in its words. */
  unschedulable?: string | undefined;
  /** What the API server answers to the creation of a pod. */
  podRefusal?: ((pod: string) => string) | undefined;
  /** Whether the controller does not know the template of a Workflow yet. */
  isTemplateUnknown?: ((workflow: string) => boolean) | undefined;
  /** Whether the controller does nothing in a namespace, as if it did not run. */
  isStopped?: ((namespace: string) => boolean) | undefined;
  /** Whether the controller already runs as many Workflows as it may. */
  isPostponed?: ((workflow: string) => boolean) | undefined;
  /** Whether a Workflow elsewhere in the cluster has the lock. */
  isLocked?: ((mutex: string) => boolean) | undefined;
  /** Where the pods of a namespace find the Kubernetes API, if not at the sandbox's own address. */
  apiOf?: ((namespace: string) => ApiAddress | undefined) | undefined;
}

/** Milliseconds that a terminated pod may take. */
const GRACE_MS = 5_000;
const TICK_MS = 25;

const WORKFLOW = kindNamed('Workflow');

/** Argo's words (workflow/controller/controller.go of argo-workflows). */
const POSTPONED = 'Workflow processing has been postponed because too many workflows are already running';

interface Work {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly since: number;
  /** Name of the template that it begins with. */
  entrypoint: string;
  process: PodProcess | undefined;
  isStarting: boolean;
  /** Locks that it holds. */
  mutexes: readonly string[];
  /** When its image was first tried. */
  pullingSince: number | undefined;
  shutdown: string;
}

/**
 * Runs the Workflows of the cluster: one process for each pod, its state in the Workflow's status and in a Pod, as Argo
 * Workflows and the kubelet write it.
 */
export function startController(kubernetes: KubernetesServer): Controller {
  const { store } = kubernetes;
  const works = new Map<string, Work>();
  let isPaused = false;
  const controller: Controller = {
    delayMs: 100,
    podEnvironment: {},
    faults: {},
    signalPods: (prefix, signal, only) => {
      const pods = [...works.values()]
        .filter(({ name, namespace }) => name.startsWith(prefix) && (only ?? namespace) === namespace)
        .map(({ process }) => process);
      for (const pod of pods) {
        if (signal === 'SIGKILL') pod?.kill();
        else pod?.terminate(GRACE_MS);
      }
    },
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
    },
    stop: async () => {
      clearInterval(timer);
      for (const { process } of works.values()) process?.kill();
      await Promise.all([...works.values()].map(({ process }) => process?.ended));
    },
  };
  const tick = () => {
    if (isPaused) return;
    const workflows = store.list(WORKFLOW);
    const living = new Set(workflows.map(({ metadata }) => metadata.uid));
    for (const [uid, { process }] of works) if (!living.has(uid)) process?.kill();
    for (const workflow of workflows) {
      if (controller.faults.isStopped?.(workflow.metadata.namespace ?? '') !== true) {
        look(kubernetes, works, workflow, controller);
      }
    }
  };
  const timer = setInterval(tick, TICK_MS);
  return controller;
}

function look(
  kubernetes: KubernetesServer,
  works: Map<string, Work>,
  workflow: StoredObject,
  controller: Controller,
): void {
  const { store } = kubernetes;
  const { uid, name, namespace = '' } = workflow.metadata;
  const finishedAt = textAt(objectAt(workflow, 'status'), 'finishedAt');
  if (finishedAt !== '') {
    expire(store, workflow, finishedAt);
    return;
  }
  const work = works.get(uid) ?? {
    name,
    namespace,
    uid,
    since: Date.now(),
    entrypoint: '',
    process: undefined,
    isStarting: false,
    mutexes: [],
    pullingSince: undefined,
    shutdown: '',
  };
  works.set(uid, work);
  if (work.isStarting) {
    end(work, workflow);
    return;
  }
  if (textAt(objectAt(workflow, 'spec'), 'shutdown') !== '') {
    removePod(store, work);
    finish(store, work, 'Failed', "Stopped with strategy 'Terminate'", undefined);
    return;
  }
  const template = templateOf(store, workflow);
  if (template === undefined || controller.faults.isTemplateUnknown?.(name)) {
    const ref = textAt(objectAt(objectAt(workflow, 'spec'), 'workflowTemplateRef'), 'name');
    finish(store, work, 'Error', `workflowtemplates.argoproj.io "${ref}" not found`, undefined);
    return;
  }
  work.entrypoint = entrypointOf(workflow, template);
  const entry = entryTemplateOf(workflow, template);
  if (entry === undefined) {
    finish(store, work, 'Failed', `invalid spec: template name '${work.entrypoint}' undefined`, undefined);
    return;
  }
  if (isOverdue(workflow, work)) {
    removePod(store, work);
    finish(store, work, 'Failed', 'Step exceeded its deadline', undefined);
    return;
  }
  if (controller.faults.isPostponed?.(name) === true) {
    update(store, work, { status: { phase: 'Pending', message: POSTPONED } });
    return;
  }
  if (Date.now() - work.since < controller.delayMs) return;
  const refusal = refusalOf(store, work, serviceAccountOf(template), controller.faults.podRefusal);
  if (refusal !== undefined) {
    // Argo retries a lack of quota, and fails at all else (util/errors of argo-workflows).
    if (refusal.includes('exceeded quota')) setNode(store, work, 'Pending', refusal);
    else finish(store, work, 'Error', `error in entry template execution: ${refusal}`, undefined);
    return;
  }
  try {
    start(kubernetes, works, work, { workflow, template, entry, controller });
  } catch (error) {
    if (!(error instanceof NotStartable)) throw error;
    reportWaiting(store, work, error);
  }
}

interface Start {
  readonly workflow: StoredObject;
  readonly template: StoredObject;
  /** The template of the entrypoint. */
  readonly entry: JsonObject;
  readonly controller: Controller;
}

/** @throws NotStartable while something keeps the pod from starting */
function start(
  kubernetes: KubernetesServer,
  works: ReadonlyMap<string, Work>,
  work: Work,
  { workflow, template, entry, controller }: Start,
): void {
  const { store } = kubernetes;
  const mutexes = mutexesOf(workflow, template, entry);
  const taken = mutexes.find(
    (mutex) =>
      controller.faults.isLocked?.(mutex) === true ||
      [...works.values()].some((other) => other.mutexes.includes(mutex)),
  );
  if (taken !== undefined) {
    setNode(store, work, 'Pending', `Waiting for ${taken} lock. Lock status: 0/1`);
    return;
  }
  ensurePod(store, workflow, podLabelsOf(workflow, template, entry));
  const { unschedulable } = controller.faults;
  if (unschedulable !== undefined) {
    setPod(store, work, { kind: 'unschedulable', message: unschedulable });
    reportEvent(store, work, 'Warning', 'FailedScheduling', unschedulable);
    setNode(store, work, 'Pending', `Unschedulable: ${unschedulable}`);
    return;
  }
  schedulePod(store, work);
  const spec = podSpecOf(store, workflow, template, entry);
  work.pullingSince ??= Date.now();
  pullImage(store, work, spec.image, Date.now() - work.pullingSince);
  work.mutexes = mutexes;
  work.isStarting = true;
  setNode(store, work, 'Pending', 'PodInitializing');
  void run(kubernetes, work, spec, controller);
}

/** A pod that exists and does not start: what kubelet and controller report. */
function reportWaiting(store: Store, work: Work, { reason, message }: NotStartable): void {
  if (reason === 'ContainerCreating') {
    setPod(store, work, { kind: 'waiting', reason, message: '' });
    setNode(store, work, 'Pending', reason);
    reportEvent(store, work, 'Warning', 'FailedMount', `MountVolume.SetUp failed for volume "program" : ${message}`);
    return;
  }
  setPod(store, work, { kind: 'waiting', reason, message });
  setNode(store, work, 'Pending', `${reason}: ${message}`);
  reportEvent(store, work, 'Warning', reason === 'InvalidImageName' ? 'InspectFailed' : 'Failed', message);
}

/** A running pod is ended when the Workflow is shut down, when its time is up, and when it is deleted. */
function end(work: Work, workflow: StoredObject): void {
  const isShutDown = textAt(objectAt(workflow, 'spec'), 'shutdown') !== '';
  if (work.shutdown !== '' || work.process === undefined || !(isShutDown || isOverdue(workflow, work))) return;
  work.shutdown = isShutDown
    ? "Stopped with strategy 'Terminate'"
    : 'Pod was active on the node longer than the specified deadline';
  work.process.terminate(GRACE_MS);
}

function isOverdue(workflow: StoredObject, { since }: Work): boolean {
  const seconds = objectAt(workflow, 'spec').activeDeadlineSeconds;
  return typeof seconds === 'number' && Date.now() - since > seconds * 1000;
}

async function run(
  kubernetes: KubernetesServer,
  work: Work,
  spec: PodSpec,
  { podEnvironment, faults }: Controller,
): Promise<void> {
  const { store, logs } = kubernetes;
  const api = faults.apiOf?.(work.namespace) ?? kubernetes;
  work.process = await startProcess(kubernetes, work, spec, { api, environment: podEnvironment });
  setNode(store, work, 'Running', '');
  setPod(store, work, { kind: 'running' });
  const { exitCode, outputs, message } = await work.process.ended;
  work.mutexes = [];
  const key = `${work.namespace}/${work.name}`;
  logs.set(key, `${logs.get(key) ?? ''}time="${now()}" level=info msg="sub-process exited" argo=true error="<nil>"\n`);
  setPod(store, work, { kind: 'terminated', exitCode, message });
  if (work.shutdown !== '') finish(store, work, 'Failed', work.shutdown, exitCode);
  else if (exitCode === 0) finish(store, work, 'Succeeded', '', exitCode, outputs);
  else finish(store, work, 'Failed', failureMessage(exitCode, message), exitCode);
}

/** Argo repeats the termination message of the container (workflow/controller/operator.go, inferFailedReason). */
function failureMessage(exitCode: number, message: string): string {
  return `main: Error (exit code ${exitCode})${message === '' ? '' : `: ${message}`}`;
}

function finish(
  store: Store,
  work: Work,
  phase: string,
  message: string,
  exitCode: number | undefined,
  outputs: readonly Output[] = [],
): void {
  update(store, work, workflowStatus(work, { phase, message, exitCode, outputs, isFinished: true }));
}

function setNode(store: Store, work: Work, phase: string, message: string): void {
  update(store, work, workflowStatus(work, { phase, message, exitCode: undefined, outputs: [], isFinished: false }));
}

function update(store: Store, work: Work, patch: JsonObject): void {
  const workflow = store.find(WORKFLOW, work.namespace, work.name);
  if (workflow?.metadata.uid !== work.uid) return;
  const merged = mergePatch(workflow, patch);
  if (isObject(merged) && !isDeepStrictEqual(merged, workflow)) store.update(WORKFLOW, workflow, merged);
}

/** `ttlStrategy` deletes a Workflow some time after its end. */
function expire(store: Store, workflow: StoredObject, finishedAt: string): void {
  const ttl = objectAt(objectAt(workflow, 'spec'), 'ttlStrategy');
  const succeeded = textAt(objectAt(workflow, 'status'), 'phase') === 'Succeeded';
  const seconds = (succeeded ? ttl.secondsAfterSuccess : ttl.secondsAfterFailure) ?? ttl.secondsAfterCompletion;
  if (typeof seconds !== 'number' || Date.now() - Date.parse(finishedAt) < seconds * 1000) return;
  const { namespace = '', name } = workflow.metadata;
  if (listAt(workflow.metadata, 'finalizers').length === 0) store.delete(WORKFLOW, namespace, name);
}
