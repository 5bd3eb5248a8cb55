/** The three workflows of a run, which do the work in the cluster: to provision or to deprovision. */

import { type Preparation, prepareNamespace } from '../cluster/namespace/prepare.ts';
import { createPasswordSecret } from '../cluster/namespace/secrets.ts';
import { workflowPage } from '../cluster/objects/conventions.ts';
import { traceOf } from '../cluster/objects/trace.ts';
import { deleteSecretsOf, deleteTemporarySecrets } from '../cluster/workflows/cleanup.ts';
import { keepPrograms } from '../cluster/workflows/programs.ts';
import { type Submission, type SubmittedWorkflow, submitWorkflows } from '../cluster/workflows/submit.ts';
import { awaitSuccess, type FinishedWorkflow } from '../cluster/workflows/success.ts';
import { workflowInputs } from '../cluster/workflows/workflow-input.ts';
import { collectResults, warnOfReport } from '../cluster/workflows/workflow-records.ts';
import { settleAll } from '../core/concurrency.ts';
import type { WorkflowOperation } from '../core/kinds.ts';
import { recordEffect } from '../core/progress.ts';
import type { ResourceState } from '../core/report.ts';
import { startedNow } from '../core/run-record.ts';
import type { Plan } from '../instance/plan.ts';
import { describePrepared, describeResource, describeStates } from './describe.ts';
import type { Run } from './preflight.ts';
import type { ProvisionRequest } from './request.ts';

/** The Workflows of a run, and the plan that they work by. */
export interface Started {
  readonly plan: Plan;
  readonly submission: Submission;
  readonly workflows: readonly SubmittedWorkflow[];
  /** What became of the namespace that they run in. */
  readonly namespace: ResourceState;
  /** Whether the Secret of the MongoDB password was there already. */
  readonly hadPasswordSecret: boolean;
}

/**
 * Creates what the workflows need in the instance's namespace, which must exist, and submits them.
 *
 * @param namespace what became of it: in one that was created there can be nothing of a previous run
 */
export async function startWorkflows(
  run: Run,
  plan: Plan,
  operation: WorkflowOperation,
  namespace: ResourceState,
): Promise<Started> {
  const { request, progress, cluster } = run;
  const submission = submissionOf(request, plan, operation);
  if (submission.inputs.length === 0) return { plan, submission, workflows: [], namespace, hadPasswordSecret: false };
  const isNewNamespace = namespace.state === 'created';
  const { instance } = request;
  const [prepared, isPasswordSecretNew] = await settleAll([
    prepareNamespace(cluster, preparationOf(request), isNewNamespace),
    createPasswordSecret(cluster, instance, request.run.id),
    keepPrograms(cluster, instance, submission.programs, isNewNamespace),
  ]);
  progress.info(describePrepared(prepared));
  progress.record({ effects: { secrets: 'unknown' } });
  const workflows = await recordEffect(progress, 'workflows', () => submitWorkflows(cluster, submission));
  progress.record({ effects: { secrets: 'yes' } });
  for (const { kind, name } of workflows) {
    const page = workflowPage(request.conventions.argoWorkflowsUrl, instance, name);
    progress.info(`Workflow ${name} started (${kind})${page === undefined ? '' : `: ${page}`}`);
  }
  progress.record({ workflows: workflows.map(startedNow) });
  return { plan, submission, workflows, namespace, hadPasswordSecret: !isPasswordSecretNew };
}

/**
 * Waits until all workflows have succeeded.
 *
 * @throws WorkflowFailed, or an AggregateError of several
 */
export async function waitForSuccess(
  { request, progress, cluster, watches }: Run,
  started: Started,
  signal: AbortSignal,
): Promise<FinishedWorkflow[]> {
  const { instance, timeoutMs } = request;
  if (started.workflows.length === 0) return [];
  const finished = await awaitSuccess(cluster, started.submission, started.workflows, {
    instance,
    run: request.run.id,
    watches,
    timeoutMs,
    signal,
    progress,
  });
  for (const resource of resourcesOf(finished)) progress.info(describeResource(resource));
  return finished;
}

/** Deletes the temporary Secrets of workflows that have all ended: no pod can start any more. */
export async function forgetCredentials({ request, progress, cluster }: Run, { workflows }: Started): Promise<void> {
  if (workflows.length === 0) return;
  await deleteTemporarySecrets(cluster, request.instance, { only: request.run.id });
  progress.record({ effects: { secrets: 'no' } });
}

/** Deletes all Secrets of the run, when its workflows have ended and the password that they found is pushed. */
export async function deleteSecrets(
  { request, progress, cluster }: Run,
  { workflows, hadPasswordSecret }: Started,
): Promise<void> {
  if (workflows.length === 0) return;
  await deleteSecretsOf(cluster, request.instance, request.run.id, hadPasswordSecret);
  progress.record({ effects: { secrets: 'no' } });
}

/** What the workflows did with their resources, as far as they have said it by now. */
function resourcesOf(finished: readonly FinishedWorkflow[]): ResourceState[] {
  return finished.flatMap(({ report }) => report?.resources ?? []);
}

/** What the workflows did, in words. */
export function describeFinished(finished: readonly FinishedWorkflow[]): string {
  const isComplete = finished.every(({ report }) => report !== undefined);
  return describeStates(resourcesOf(finished), isComplete);
}

/** Records the results of the workflows, and reads those that are not known. @returns what became of the resources */
export async function recordResults(
  { request, progress, cluster }: Run,
  finished: readonly FinishedWorkflow[],
): Promise<readonly ResourceState[]> {
  if (finished.some(({ report }) => report === undefined)) {
    const known = new Set(resourcesOf(finished).map(describeResource));
    const all = await collectResults(cluster, request, progress);
    for (const line of all.map(describeResource)) if (!known.has(line)) progress.info(line);
    return all;
  }
  for (const { kind, report } of finished) warnOfReport(kind, report, progress);
  const resources = resourcesOf(finished);
  const workflows = finished.map(({ phase, seconds, ...one }) => ({ ...startedNow(one), phase, seconds }));
  progress.record({ workflows, resources });
  return resources;
}

/** What the namespace needs before the workflows start: the same for a run and a dry run. */
export function preparationOf({ instance, settings, conventions, assets }: ProvisionRequest): Preparation {
  return {
    instance,
    registry: settings.registry,
    conventions,
    manifests: [assets.rbac, ...Object.values(assets.workflowTemplates)],
  };
}

/** The workflows of a run, or of a dry run, which only asks about them. */
export function submissionOf(
  { settings, run, lane, assets, timeoutMs, conventions, keeps }: ProvisionRequest,
  { instance }: Plan,
  operation: WorkflowOperation,
): Submission {
  return {
    inputs: workflowInputs(instance, settings, { operation, run: run.id, lane }).filter(
      ({ kind }) => operation === 'provision' || !keeps.includes(kind),
    ),
    programs: assets.programs,
    provisionerImage: settings.provisionerImage,
    deadlineSeconds: Math.ceil(timeoutMs / 1000),
    argoInstanceId: conventions.argoInstanceId,
    trace: traceOf(run),
  };
}
