import type { JsonObject } from '../kubernetes/json.ts';
import { now } from '../kubernetes/store.ts';

/** What a pod and its container do. */
export type PodState =
  /** No node takes it; the message is the scheduler's. */
  | { readonly kind: 'unschedulable'; readonly message: string }
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'running' }
  | { readonly kind: 'terminated'; readonly exitCode: number; readonly message: string };

const SCHEDULED = [{ type: 'PodScheduled', status: 'True' }];

/** A Pod's status as scheduler and kubelet write it. */
export function podStatus(state: PodState): JsonObject {
  switch (state.kind) {
    case 'unschedulable': {
      const { message } = state;
      const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
      return { phase: 'Pending', conditions: [condition] };
    }
    case 'waiting': {
      const { reason, message } = state;
      const waiting = message === '' ? { reason } : { reason, message };
      return { phase: 'Pending', conditions: SCHEDULED, containerStatuses: [{ name: 'main', state: { waiting } }] };
    }
    case 'running': {
      const running = { startedAt: now() };
      return { phase: 'Running', conditions: SCHEDULED, containerStatuses: [{ name: 'main', state: { running } }] };
    }
    case 'terminated': {
      const { exitCode, message } = state;
      const reason = exitCode === 0 ? 'Completed' : 'Error';
      const terminated = { exitCode, reason, ...(message === '' ? {} : { message }), finishedAt: now() };
      return {
        phase: exitCode === 0 ? 'Succeeded' : 'Failed',
        conditions: SCHEDULED,
        containerStatuses: [{ name: 'main', state: { terminated } }],
      };
    }
  }
}

export interface NodeState {
  readonly phase: string;
  readonly message: string;
  readonly exitCode: number | undefined;
  /** Output parameters. */
  readonly outputs: readonly { readonly name: string; readonly value: string }[];
  readonly isFinished: boolean;
}

/** A merge patch of a Workflow of one pod (https://argo-workflows.readthedocs.io/en/stable/fields/#workflowstatus). */
export function workflowStatus(
  { name, entrypoint, since }: { readonly name: string; readonly entrypoint: string; readonly since: number },
  { phase, message, exitCode, outputs, isFinished }: NodeState,
): JsonObject {
  const startedAt = new Date(since).toISOString().replace(/\.\d+Z$/, 'Z');
  const finishedAt = isFinished ? now() : null;
  const workflowPhase = isFinished ? phase : 'Running';
  return {
    metadata: {
      labels: {
        'workflows.argoproj.io/phase': workflowPhase,
        ...(isFinished ? { 'workflows.argoproj.io/completed': 'true' } : {}),
      },
    },
    status: {
      phase: workflowPhase,
      startedAt,
      finishedAt,
      progress: `${phase === 'Succeeded' ? 1 : 0}/1`,
      message: isFinished && message !== '' ? message : null,
      nodes: {
        [name]: {
          id: name,
          name,
          displayName: name,
          type: 'Pod',
          templateName: entrypoint,
          phase,
          message: message === '' ? null : message,
          startedAt,
          finishedAt,
          ...(exitCode === undefined
            ? {}
            : { outputs: { exitCode: String(exitCode), parameters: outputs.map((output) => ({ ...output })) } }),
        },
      },
    },
  };
}
