import { settleAll } from '../../core/concurrency.ts';
import type { Kind } from '../../core/kinds.ts';
import type { Cluster } from '../api/client.ts';
import { isAlreadyExists } from '../api/errors.ts';
import { type KubeObject, refOf } from '../objects/objects.ts';
import { WORKFLOW_TYPE } from '../objects/workflow-objects.ts';
import { programConfigMap, temporarySecret, type WorkflowOptions, workflowObject } from './workflow.ts';
import type { WorkflowInput } from './workflow-input.ts';

/** A Workflow of this run as the API server stored it. */
export interface SubmittedWorkflow {
  readonly kind: Kind;
  readonly name: string;
  readonly uid: string;
}

/** What a run submits. */
export interface Submission extends WorkflowOptions {
  readonly inputs: readonly WorkflowInput[];
}

/**
 * Submits the run's Workflows concurrently. Each gets its temporary Secret and ConfigMap first, then becomes their owner,
 * so that Kubernetes deletes them with it even if this process dies. All requests have ended when this returns or
 * throws, so a clean-up afterwards finds every object.
 *
 * @param attempt from 2 on, the Workflows get new names and become the owners of the existing Secrets and ConfigMaps
 */
export async function submitWorkflows(
  cluster: Cluster,
  submission: Submission,
  attempt = 1,
): Promise<SubmittedWorkflow[]> {
  return await settleAll(
    submission.inputs.map((input) => submitOne(cluster, input, workflowObject(input, submission, attempt))),
  );
}

async function submitOne(cluster: Cluster, input: WorkflowInput, workflow: KubeObject): Promise<SubmittedWorkflow> {
  const owned = [temporarySecret(input), programConfigMap(input)];
  await settleAll(owned.map((object) => createOurs(cluster, object)));
  const stored = await createOurs(cluster, workflow);
  const name = stored.metadata?.name ?? '';
  const uid = stored.metadata?.uid ?? '';
  const ownerReferences = [{ ...WORKFLOW_TYPE, name, uid }];
  await settleAll(owned.map((object) => cluster.patch(refOf(object), { metadata: { ownerReferences } })));
  return { kind: input.kind, name, uid };
}

/** Creates an object whose name no other run uses. If it exists, an earlier attempt of this request created it. */
async function createOurs(cluster: Cluster, object: KubeObject): Promise<KubeObject> {
  try {
    return await cluster.create(object);
  } catch (error) {
    const existing = isAlreadyExists(error) ? await cluster.read(refOf(object)) : undefined;
    if (existing === undefined) throw error;
    return existing;
  }
}
