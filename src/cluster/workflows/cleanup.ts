import { type Clock, SYSTEM_CLOCK } from '../../core/clock.ts';
import { settleAll } from '../../core/concurrency.ts';
import { LaunchpadError, messageOf } from '../../core/errors.ts';
import { KINDS } from '../../core/kinds.ts';
import type { Progress } from '../../core/progress.ts';
import { retry } from '../../core/retry.ts';
import type { Cluster } from '../api/client.ts';
import { ClusterError, ignoreNotFound, isForbidden } from '../api/errors.ts';
import { INSTANCE_LABEL, PASSWORD_SECRET, ROLE_LABEL, RUN_LABEL } from '../objects/names.ts';
import { secretRef } from '../objects/namespace-objects.ts';
import type { KubeObject, ListedType } from '../objects/objects.ts';
import {
  isFinished,
  isUntouched,
  POD_TYPE,
  type PodObject,
  podsOf,
  WORKFLOW_TYPE,
  type WorkflowObject,
  workflowOf,
} from '../objects/workflow-objects.ts';
import { temporaryName } from './workflow.ts';

/** Selects the objects of one run, or of all other runs. */
export type Runs = { readonly only: string } | { readonly except: string };

/** Milliseconds between two checks. */
const POLL_MS = 500;
/** A Workflow that no controller has processed in this time (ms) after the shutdown request starts no pod any more. */
const UNTOUCHED_MS = 12_000;

/**
 * Asks Argo to terminate the unfinished Workflows of these runs: Argo then starts no further pod of them, and ends the
 * running ones (https://argo-workflows.readthedocs.io/en/stable/cancel/ names the field).
 *
 * @returns the names of the Workflows
 */
export async function terminateWorkflows(cluster: Cluster, instance: string, runs: Runs): Promise<string[]> {
  return await terminate(cluster, instance, await workflowsOf(cluster, instance, runs));
}

async function terminate(cluster: Cluster, instance: string, workflows: readonly WorkflowObject[]): Promise<string[]> {
  const names = workflows.filter((one) => !isFinished(one)).map(({ metadata }) => metadata?.name ?? '');
  await Promise.all(
    names.map(async (name) => {
      const ref = { ...WORKFLOW_TYPE, metadata: { name, namespace: instance } };
      await cluster.patch(ref, { spec: { shutdown: 'Terminate' } }).catch(ignoreNotFound);
    }),
  );
  return names;
}

export interface EndOptions {
  /** Longest wait in milliseconds. */
  readonly limitMs: number;
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Waits until none of these Workflows can start a pod and none of their pods runs.
 *
 * @returns the names of those that are still running after the limit
 */
export async function awaitEnd(
  cluster: Cluster,
  instance: string,
  names: readonly string[],
  { limitMs, signal, clock = SYSTEM_CLOCK }: EndOptions,
): Promise<string[]> {
  const start = clock.monotonicMs();
  let remaining = [...names];
  for (;;) {
    const waitedMs = clock.monotonicMs() - start;
    const active = new Set(await activeWorkflows(cluster, instance, remaining, waitedMs > UNTOUCHED_MS));
    remaining = remaining.filter((name) => active.has(name));
    if (remaining.length === 0 || waitedMs > limitMs) return remaining;
    await clock.sleep(POLL_MS, signal);
  }
}

interface EndPreviousOptions extends EndOptions {
  readonly onLine: (line: string) => void;
  /** The Secrets of the instance, listed under the Lease; absent: not known. */
  readonly secrets?: readonly KubeObject[];
}

/**
 * Terminates the Workflows of previous runs of the instance, then deletes their temporary Secrets.
 *
 * @param run the current run
 * @returns the Workflows of previous runs as they are then
 * @throws LaunchpadError `workflows-running` if one is still running after the limit
 */
export async function endPreviousRuns(
  cluster: Cluster,
  instance: string,
  run: string,
  { onLine, secrets, ...options }: EndPreviousOptions,
): Promise<readonly WorkflowObject[]> {
  const previous = { except: run };
  const workflows = await workflowsOf(cluster, instance, previous);
  const unfinished = await terminate(cluster, instance, workflows);
  if (unfinished.length > 0) onLine(`Ending the workflows of an earlier run: ${unfinished.join(', ')}`);
  const running = await awaitEnd(cluster, instance, unfinished, options);
  if (running.length > 0) {
    throw new LaunchpadError(
      'workflows-running',
      `Workflows of an earlier run do not end: ${running.join(', ')} in namespace ${instance}.`,
      { remedy: `Look at their pods (kubectl get pods -n ${instance}), delete what hangs, then run again.` },
    );
  }
  const isLeft = secrets?.some(({ metadata }) => isTemporaryOfOthers(metadata?.labels ?? {}, run)) ?? true;
  // A run that was ended only now may have created more since they were listed.
  if (isLeft || unfinished.length > 0) await deleteTemporarySecrets(cluster, instance, previous);
  return unfinished.length === 0 ? workflows : await workflowsOf(cluster, instance, previous);
}

function isTemporaryOfOthers(labels: Readonly<Record<string, string>>, run: string): boolean {
  return labels[ROLE_LABEL] === 'temporary' && labels[RUN_LABEL] !== run;
}

/** Deletes the temporary Secrets of these runs. Their Workflows must have ended. */
export async function deleteTemporarySecrets(cluster: Cluster, instance: string, runs: Runs): Promise<void> {
  const found = 'only' in runs ? temporaryNames(runs.only) : undefined;
  await deleteSecrets(cluster, instance, `${selectorOf(instance, runs)},${ROLE_LABEL}=temporary`, found);
}

/**
 * Deletes the temporary Secrets of the run, as far as they are there, and that of the MongoDB password. Its Workflows must
 * have ended, and the password must be pushed.
 *
 * @param hadPasswordSecret whether the latter was there before the run, and so does not have its label
 */
export async function deleteSecretsOf(
  cluster: Cluster,
  instance: string,
  run: string,
  hadPasswordSecret: boolean,
): Promise<void> {
  const names = [...temporaryNames(run), ...(hadPasswordSecret ? [] : [PASSWORD_SECRET])];
  await settleAll([
    deleteSecrets(cluster, instance, selectorOf(instance, { only: run }), names),
    hadPasswordSecret ? cluster.delete(secretRef(instance, PASSWORD_SECRET)) : undefined,
  ]);
}

/**
 * Deletes Secrets by one request. That needs a permission that older kubeconfigs lack: without it, one after the other.
 *
 * @param names theirs, if they are known
 */
async function deleteSecrets(
  cluster: Cluster,
  instance: string,
  labelSelector: string,
  names: readonly string[] | undefined,
): Promise<void> {
  const type = { apiVersion: 'v1', kind: 'Secret', namespace: instance };
  try {
    await cluster.deleteCollection(type, labelSelector);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const found = names ?? (await namesIn(cluster, type, labelSelector));
    await Promise.all(found.map((name) => cluster.delete(secretRef(instance, name))));
  }
}

function temporaryNames(run: string): string[] {
  return KINDS.map((kind) => temporaryName({ kind, run }));
}

async function namesIn(cluster: Cluster, type: ListedType, labelSelector: string): Promise<string[]> {
  const items = await cluster.listMetadata(type, { labelSelector });
  return items.map(({ metadata }) => metadata?.name ?? '');
}

async function workflowsOf(cluster: Cluster, instance: string, runs: Runs): Promise<WorkflowObject[]> {
  const type = { ...WORKFLOW_TYPE, namespace: instance };
  return (await cluster.list<WorkflowObject>(type, { labelSelector: selectorOf(instance, runs) })).items;
}

async function activeWorkflows(
  cluster: Cluster,
  instance: string,
  names: readonly string[],
  ignoreUntouched: boolean,
): Promise<string[]> {
  if (names.length === 0) return [];
  const [workflows, pods] = await Promise.all([
    cluster.list<WorkflowObject>(
      { ...WORKFLOW_TYPE, namespace: instance },
      { labelSelector: `${INSTANCE_LABEL}=${instance}` },
    ),
    cluster.list<PodObject>({ ...POD_TYPE, namespace: instance }, { labelSelector: podsOf(names) }),
  ]);
  const withPod = pods.items
    .filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
    .map(workflowOf);
  const unfinished = workflows.items
    .filter((workflow) => !isFinished(workflow) && !(ignoreUntouched && isUntouched(workflow)))
    .map(({ metadata }) => metadata?.name ?? '');
  return [...withPod, ...unfinished];
}

function selectorOf(instance: string, runs: Runs): string {
  const run = 'only' in runs ? `${RUN_LABEL}=${runs.only}` : `${RUN_LABEL}!=${runs.except}`;
  return `${INSTANCE_LABEL}=${instance},${run}`;
}

/** Milliseconds for terminated pods to end: their grace period and Argo's reaction time. */
const PODS_MS = 60_000;
/** Milliseconds for which the clean-up begins again while the API server gives no answer: what is left has passwords in it. */
const AGAIN_MS = 120_000;
const AGAIN_DELAY_MS = 1_000;

/**
 * Cleans up one run: terminates its Workflows, and when none of them can start a pod any more, deletes its temporary
 * Secrets. It touches nothing of another run. It never throws, because an error here must not replace the
 * error of the run; a warning names what is left.
 */
export async function cleanUpRun(
  cluster: Cluster,
  { instance, run }: { readonly instance: string; readonly run: { readonly id: string } },
  progress: Progress,
  { limitMs = PODS_MS, clock = SYSTEM_CLOCK }: Partial<EndOptions> = {},
): Promise<void> {
  const ours = { only: run.id };
  const cleanUp = async () => {
    const terminated = await terminateWorkflows(cluster, instance, ours);
    if (terminated.length > 0) progress.info(`Terminating ${terminated.join(', ')}`);
    const running = await awaitEnd(cluster, instance, terminated, { limitMs, clock });
    if (running.length > 0) {
      progress.warning(
        `Workflows still running: ${running.join(', ')}. Their Secrets are removed by the next run of ${instance}.`,
      );
      return;
    }
    await deleteTemporarySecrets(cluster, instance, ours);
    progress.record({ effects: { secrets: 'no' } });
  };
  try {
    await retry(cleanUp, {
      isTransient: (error) => error instanceof ClusterError && error.status === 0 && !error.isPermanent,
      budgetMs: AGAIN_MS,
      firstDelayMs: AGAIN_DELAY_MS,
      longestDelayMs: AGAIN_DELAY_MS,
      clock,
    });
  } catch (error) {
    progress.warning(
      `The clean-up of ${instance} did not end: ${messageOf(error).replace(/\.?$/, '.')} What is left goes with its Workflow after a day, or with the next run.`,
      error,
    );
  }
}
