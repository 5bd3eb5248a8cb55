import type { Cluster } from '../api/client.ts';
import { SharedWatch } from '../api/shared-watch.ts';
import { POD_TYPE, type PodObject, WORKFLOW_TYPE, type WorkflowObject } from '../objects/workflow-objects.ts';

/** The watches of a step of a job: one of the Workflows and one of their pods, whatever the number of its instances. */
export interface StepWatches {
  readonly workflows: SharedWatch<WorkflowObject>;
  readonly pods: SharedWatch<PodObject>;
}

/** @param labelSelector what the Workflows of the step and their pods have, and no others */
export function stepWatches(cluster: Cluster, labelSelector: string): StepWatches {
  return {
    workflows: new SharedWatch(cluster, WORKFLOW_TYPE, labelSelector),
    pods: new SharedWatch(cluster, POD_TYPE, labelSelector),
  };
}
