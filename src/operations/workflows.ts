/** The three workflows of a run: they do the work in the cluster, be it to provision or to take down. */

import type { Preparation } from '../cluster/namespace/prepare.ts';
import { prepareNamespace } from '../cluster/namespace/prepare.ts';
import { deleteTemporaryObjects } from '../cluster/workflows/cleanup.ts';
import { type Submission, type SubmittedWorkflow, submitWorkflows } from '../cluster/workflows/submit.ts';
import { awaitSuccess, type FinishedWorkflow } from '../cluster/workflows/success.ts';
import { workflowInputs } from '../cluster/workflows/workflow-input.ts';
import type { Operation } from '../core/kinds.ts';
import { startedNow } from '../core/run-record.ts';
import type { Plan } from '../instance/plan.ts';
import type { Run } from './preflight.ts';
import type { ProvisionRequest } from './request.ts';

/** The Workflows of a run, and the plan whose values they were given. */
export interface Started {
  readonly plan: Plan;
  readonly submission: Submission;
  readonly workflows: readonly SubmittedWorkflow[];
}

/** Makes all that stands around the workflows in the instance's namespace, which is there, and submits them. */
export async function startWorkflows(run: Run, plan: Plan, operation: Operation): Promise<Started> {
  const { request, progress, cluster } = run;
  await prepareNamespace(cluster, preparationOf(request));
  const submission = submissionOf(request, plan, operation);
  const workflows = await submitWorkflows(cluster, submission);
  for (const { kind, name } of workflows) progress.info(`Workflow ${name} started (${kind})`);
  progress.record({ workflows: workflows.map(startedNow) });
  return { plan, submission, workflows };
}

/**
 * Waits for the workflows. Where one of them fails, what went wrong is explained, and the run is at its end; where all
 * succeed, what they were given is deleted.
 *
 * @throws WorkflowFailed, or an AggregateError of several
 */
export async function waitForSuccess(
  { request, progress, cluster }: Run,
  started: Started,
  signal: AbortSignal,
): Promise<FinishedWorkflow[]> {
  const { instance, timeoutMs } = request;
  const finished = await awaitSuccess(cluster, started.submission, started.workflows, {
    instance,
    run: request.run.id,
    timeoutMs,
    signal,
    progress,
  });
  await deleteTemporaryObjects(cluster, instance, { only: request.run.id });
  return finished;
}

/** What stands in the namespace before the workflows start: the same for a run and for a dry run. */
export function preparationOf({ instance, settings, assets }: ProvisionRequest): Preparation {
  return {
    instance,
    registry: settings.registry,
    manifests: [assets.rbac, ...Object.values(assets.workflowTemplates)],
  };
}

/** The workflows of a run, and of a dry run that asks about them. */
export function submissionOf(
  { settings, run, assets, timeoutMs }: ProvisionRequest,
  { instance }: Plan,
  operation: Operation = 'provision',
): Submission {
  return {
    inputs: workflowInputs(instance, settings, { operation, run: run.id, programs: assets.provisioners }),
    provisionerImage: settings.provisionerImage,
    deadlineSeconds: Math.ceil(timeoutMs / 1000),
  };
}
