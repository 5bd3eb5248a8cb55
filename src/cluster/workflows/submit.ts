import { settleAll } from '../../core/concurrency.ts';
import type { Kind } from '../../core/kinds.ts';
import type { Cluster } from '../api/client.ts';
import { isAlreadyExists } from '../api/errors.ts';
import { type KubeObject, refOf } from '../objects/objects.ts';
import { WORKFLOW_TYPE } from '../objects/workflow-objects.ts';
import { keepPrograms, type Programs } from './programs.ts';
import { temporarySecret, type WorkflowOptions, workflowObject } from './workflow.ts';
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
  readonly programs: Programs;
}

/**
 * Creates what the pods of the run's Workflows need besides what is in the namespace already: the programs that they run,
 * and their temporary Secrets.
 *
 * @param isNewNamespace whether nothing of a previous run can be in the namespace
 */
export async function createInputs(
  cluster: Cluster,
  { inputs, programs }: Submission,
  isNewNamespace: boolean,
): Promise<void> {
  const instances = [...new Set(inputs.map(({ instance }) => instance))];
  await settleAll([
    ...instances.map((instance) => keepPrograms(cluster, instance, programs, isNewNamespace)),
    ...inputs.map((input) => createOurs(cluster, temporarySecret(input))),
  ]);
}

/**
 * Submits the run's Workflows concurrently, after `createInputs`. Each then becomes the owner of its Secret, so that
 * Kubernetes deletes the Secret with it even if this process dies. All requests have ended when this returns or throws, so a
 * clean-up afterwards finds every object.
 *
 * @param attempt from 2 on, the Workflows get new names and become the owners of the existing Secrets
 */
export async function submitWorkflows(
  cluster: Cluster,
  submission: Submission,
  attempt = 1,
): Promise<SubmittedWorkflow[]> {
  const { inputs } = submission;
  return await settleAll(inputs.map((input) => submitOne(cluster, input, workflowObject(input, submission, attempt))));
}

async function submitOne(cluster: Cluster, input: WorkflowInput, workflow: KubeObject): Promise<SubmittedWorkflow> {
  const stored = await createOurs(cluster, workflow);
  const name = stored.metadata?.name ?? '';
  const uid = stored.metadata?.uid ?? '';
  const ownerReferences = [{ ...WORKFLOW_TYPE, name, uid }];
  await cluster.patch(refOf(temporarySecret(input)), { metadata: { ownerReferences } });
  return { kind: input.kind, name, uid };
}

/** Creates an object whose name no other run uses. If it exists, an earlier attempt of this request created it. */
async function createOurs(cluster: Cluster, object: KubeObject): Promise<KubeObject> {
  try {
    return await cluster.create(object, { isMetadataEnough: true });
  } catch (error) {
    const existing = isAlreadyExists(error) ? await cluster.read(refOf(object)) : undefined;
    if (existing === undefined) throw error;
    return existing;
  }
}
