import { settleAll } from '../../core/concurrency.ts';
import type { Kind } from '../../core/kinds.ts';
import type { Cluster } from '../api/client.ts';
import { isAlreadyExists } from '../api/errors.ts';
import { type KubeObject, refOf } from '../objects/objects.ts';
import type { Programs } from './programs.ts';
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
 * Submits the run's Workflows concurrently, and gives each its temporary Secret, which it owns from the first, so that
 * Kubernetes deletes the Secret with it even if this process dies. The pod waits for the Secret. All requests have ended
 * when this returns or throws, so a clean-up afterwards finds every object.
 *
 * @param attempt from 2 on, the Workflows get new names and become the owners of the existing Secrets
 */
export async function submitWorkflows(
  cluster: Cluster,
  submission: Submission,
  attempt = 1,
): Promise<SubmittedWorkflow[]> {
  const { inputs } = submission;
  return await settleAll(
    inputs.map(async (input): Promise<SubmittedWorkflow> => {
      const stored = await createOurs(cluster, workflowObject(input, submission, attempt));
      const { name = '', uid = '' } = stored.metadata ?? {};
      const secret = temporarySecret(input, { name, uid });
      if (attempt === 1) await createOurs(cluster, secret);
      else await cluster.patch(refOf(secret), { metadata: { ownerReferences: secret.metadata?.ownerReferences } });
      return { kind: input.kind, name, uid };
    }),
  );
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
