import type { Cluster } from './client.ts';
import type { KubeObject } from './objects.ts';
import { watchObjects } from './watch.ts';

/** A Workflow as far as we read it (https://argo-workflows.readthedocs.io/en/stable/fields/#workflowstatus). */
export interface WorkflowObject extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly startedAt?: string | null;
    readonly finishedAt?: string | null;
    readonly nodes?: Readonly<Record<string, WorkflowNode>>;
  };
}

export interface WorkflowNode {
  readonly id: string;
  readonly type: string;
  readonly phase?: string;
  readonly message?: string;
  readonly outputs?: {
    readonly exitCode?: string;
    readonly parameters?: readonly { readonly name: string; readonly value?: string }[];
  };
}

/** How a Workflow ended. */
export interface WorkflowOutcome {
  readonly name: string;
  /** Argo's word: Succeeded, Failed, Error; or Deleted, where somebody deleted it. */
  readonly phase: string;
  readonly message: string;
  /** From its creation to its end. */
  readonly seconds: number;
  /** The pod that did the work, if there was one. */
  readonly pod: string | undefined;
  readonly exitCode: number | undefined;
  /** Output parameters of the pod, by name. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** What the wait came to. */
export type WaitResult =
  | { readonly kind: 'ended'; readonly outcomes: readonly WorkflowOutcome[] }
  /** `states` says of each Workflow that has not ended where it stands. */
  | { readonly kind: 'timed-out'; readonly outcomes: readonly WorkflowOutcome[]; readonly states: readonly string[] };

export interface WaitOptions {
  readonly namespace: string;
  readonly labelSelector: string;
  readonly names: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** One line for each change of a Workflow or of its pod. */
  readonly onChange: (line: string) => void;
  readonly onRetry: (line: string) => void;
}

/**
 * Waits until these Workflows have ended, by one watch for all of them. One that fails is told at once; the others run
 * on to their end.
 *
 * @throws the signal's reason when it aborts
 */
export async function waitForWorkflows(cluster: Cluster, options: WaitOptions): Promise<WaitResult> {
  const { namespace, labelSelector, names, timeoutMs, signal, onChange, onRetry } = options;
  const type = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', namespace };
  const stop = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const outcomes = new Map<string, WorkflowOutcome>();
  const states = new Map(names.map((name) => [name, 'Pending']));
  const allEnded = () => names.every((name) => outcomes.has(name));
  if (allEnded()) return { kind: 'ended', outcomes: [] };
  for await (const { type: change, object } of watchObjects<WorkflowObject>(
    cluster,
    type,
    { labelSelector, onRetry },
    stop,
  )) {
    const name = object.metadata?.name ?? '';
    if (!states.has(name) || outcomes.has(name)) continue;
    const outcome = change === 'DELETED' ? deleted(name) : outcomeOf(object);
    if (outcome !== undefined) outcomes.set(name, outcome);
    const state = outcome === undefined ? stateOf(object) : endOf(outcome);
    if (state !== states.get(name)) {
      states.set(name, state);
      onChange(`${name}: ${state}`);
    }
    if (allEnded()) return { kind: 'ended', outcomes: inOrder(names, outcomes) };
  }
  signal.throwIfAborted();
  const waiting = names.filter((name) => !outcomes.has(name)).map((name) => `${name}: ${states.get(name)}`);
  return { kind: 'timed-out', outcomes: inOrder(names, outcomes), states: waiting };
}

function inOrder(names: readonly string[], outcomes: ReadonlyMap<string, WorkflowOutcome>): WorkflowOutcome[] {
  return names.flatMap((name) => outcomes.get(name) ?? []);
}

function outcomeOf({ metadata, status }: WorkflowObject): WorkflowOutcome | undefined {
  if (status?.finishedAt === undefined || status.finishedAt === null) return undefined;
  const name = metadata?.name ?? '';
  const node = podNode(status.nodes);
  const created = Date.parse(metadata?.creationTimestamp ?? status.finishedAt);
  const exitCode = Number(node?.outputs?.exitCode);
  return {
    name,
    phase: status.phase ?? '',
    message: status.message ?? node?.message ?? '',
    seconds: (Date.parse(status.finishedAt) - created) / 1000,
    // A workflow of one node has a pod of its own name.
    pod: node === undefined ? undefined : name,
    exitCode: Number.isInteger(exitCode) ? exitCode : undefined,
    outputs: new Map((node?.outputs?.parameters ?? []).map(({ name, value = '' }) => [name, value])),
  };
}

function deleted(name: string): WorkflowOutcome {
  const message = 'the Workflow was deleted before it ended';
  return { name, phase: 'Deleted', message, seconds: 0, pod: undefined, exitCode: undefined, outputs: new Map() };
}

/** Where a Workflow stands, in Argo's words: its phase, and what its pod waits for. */
function stateOf({ status }: WorkflowObject): string {
  const node = podNode(status?.nodes);
  const phase = node?.phase ?? status?.phase ?? '';
  const message = node?.message ?? status?.message ?? '';
  return [phase === '' ? 'Pending' : phase, message].filter((part) => part !== '').join(', ');
}

function endOf({ phase, message, seconds }: WorkflowOutcome): string {
  const after = `${phase} after ${seconds.toFixed(0)} s`;
  return phase === 'Succeeded' || message === '' ? after : `${after}, ${message}`;
}

function podNode(nodes: Readonly<Record<string, WorkflowNode>> | undefined): WorkflowNode | undefined {
  return Object.values(nodes ?? {}).find(({ type }) => type === 'Pod');
}
