import { settleAll } from '../../core/concurrency.ts';
import type { Kind } from '../../core/kinds.ts';
import type { Cluster } from '../api/client.ts';
import { isAlreadyExists } from '../api/errors.ts';
import type { KubeObject, ObjectRef } from '../objects/objects.ts';
import { programConfigMap, temporarySecret, workflowObject } from './workflow.ts';
import type { WorkflowInput } from './workflow-input.ts';

/** A Workflow of this run as the API server stored it. */
export interface SubmittedWorkflow {
  readonly kind: Kind;
  readonly name: string;
  readonly uid: string;
}

/** What a run submits. */
export interface Submission {
  readonly inputs: readonly WorkflowInput[];
  readonly provisionerImage: string;
  /** After which Argo ends a Workflow by itself. */
  readonly deadlineSeconds: number;
}

/**
 * Submits the run's Workflows at once: for each its temporary Secret and ConfigMap, then the Workflow, which becomes
 * their owner so that they go with it whatever happens to this process. All requests have ended when this returns or
 * throws, so that a clean-up after it finds everything.
 *
 * @param attempt from the second on the Workflows have names of their own, and take the Secrets and ConfigMaps over
 */
export async function submitWorkflows(
  cluster: Cluster,
  { inputs, provisionerImage, deadlineSeconds }: Submission,
  attempt = 1,
): Promise<SubmittedWorkflow[]> {
  return await settleAll(
    inputs.map((work) => submitOne(cluster, work, workflowObject(work, provisionerImage, deadlineSeconds, attempt))),
  );
}

async function submitOne(cluster: Cluster, work: WorkflowInput, workflow: KubeObject): Promise<SubmittedWorkflow> {
  const belongings = [temporarySecret(work), programConfigMap(work)];
  await settleAll(belongings.map((object) => createOurs(cluster, object)));
  const stored = await createOurs(cluster, workflow);
  const name = stored.metadata?.name ?? '';
  const uid = stored.metadata?.uid ?? '';
  const ownerReferences = [{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', name, uid }];
  await settleAll(belongings.map((object) => cluster.patch(refOf(object), { metadata: { ownerReferences } })));
  return { kind: work.kind, name, uid };
}

/** Creates an object whose name no other run uses: if it is there, an earlier try of this request made it. */
async function createOurs(cluster: Cluster, object: KubeObject): Promise<KubeObject> {
  try {
    return await cluster.create(object);
  } catch (error) {
    const existing = isAlreadyExists(error) ? await cluster.read(refOf(object)) : undefined;
    if (existing === undefined) throw error;
    return existing;
  }
}

function refOf({ apiVersion = '', kind = '', metadata }: KubeObject): ObjectRef {
  return { apiVersion, kind, metadata: { name: metadata?.name ?? '', namespace: metadata?.namespace ?? '' } };
}
