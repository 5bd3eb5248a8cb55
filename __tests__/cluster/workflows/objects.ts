import type { Evidence } from '../../../src/cluster/causes/symptoms.ts';
import type {
  ContainerStatus,
  EventObject,
  PodObject,
  WorkflowObject,
} from '../../../src/cluster/objects/workflow-objects.ts';

/** Objects as the API server gives them, as far as the tests care. */

export function workflow(status: NonNullable<WorkflowObject['status']>, name = 'mysql-1'): WorkflowObject {
  return { metadata: { name, creationTimestamp: '2026-11-25T10:00:00Z' }, status };
}

export function pod(status: NonNullable<PodObject['status']>, name = 'mysql-1'): PodObject {
  const labels = { 'workflows.argoproj.io/workflow': name };
  return { metadata: { name, labels }, status: { phase: 'Pending', ...status } };
}

export function main(state: NonNullable<ContainerStatus['state']>): ContainerStatus {
  return { name: 'main', state };
}

let count = 0;

export function event(
  reason: string,
  message: string,
  type: 'Normal' | 'Warning' = 'Warning',
  name = 'mysql-1',
): EventObject {
  count += 1;
  return {
    metadata: { name: `${name}.${count}`, uid: `event-${count}` },
    type,
    reason,
    message,
    involvedObject: { name },
  };
}

/** What is known of a Workflow that runs, with what is given. */
export function evidence(given: Partial<Evidence>): Evidence {
  return { workflow: workflow({ phase: 'Running' }), pod: undefined, events: [], ...given };
}
