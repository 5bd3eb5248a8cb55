import type { JsonObject } from '../kubernetes/json.ts';
import { now } from '../kubernetes/store.ts';

/** What a container does. */
export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly kind: 'running' }
  | { readonly kind: 'terminated'; readonly exitCode: number };

/** A Pod's status as the kubelet writes it. */
export function podStatus(state: ContainerState): JsonObject {
  switch (state.kind) {
    case 'waiting':
      return {
        phase: 'Pending',
        containerStatuses: [{ name: 'main', state: { waiting: { reason: state.reason, message: state.message } } }],
      };
    case 'running':
      return { phase: 'Running', containerStatuses: [{ name: 'main', state: { running: { startedAt: now() } } }] };
    case 'terminated': {
      const { exitCode } = state;
      const reason = exitCode === 0 ? 'Completed' : 'Error';
      return {
        phase: exitCode === 0 ? 'Succeeded' : 'Failed',
        containerStatuses: [{ name: 'main', state: { terminated: { exitCode, reason, finishedAt: now() } } }],
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
