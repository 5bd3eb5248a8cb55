import { sleep } from '../../core/concurrency.ts';
import { LaunchpadError, messageOf } from '../../core/errors.ts';
import { KINDS } from '../../core/kinds.ts';
import type { ProgressLog } from '../../core/progress.ts';
import type { Cluster } from '../api/client.ts';
import { isNotFound } from '../api/errors.ts';
import { INSTANCE_LABEL, ROLE_LABEL, RUN_LABEL } from '../objects/names.ts';
import type { ListedType } from '../objects/objects.ts';
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

/** Whose objects are meant: those of one run, or those of every run but one. */
export type Runs = { readonly only: string } | { readonly except: string };

/** Milliseconds between two looks at what is ending. */
const LOOK_AGAIN_MS = 500;
/** A Workflow that no controller has looked at for so long (ms) after its shutdown was asked for starts no pod any more. */
const UNTOUCHED_MS = 12_000;

/**
 * Asks Argo to terminate the unfinished Workflows of those runs. Argo starts no pod of a Workflow that is shut down, and
 * ends those that run (https://argo-workflows.readthedocs.io/en/stable/cancel/ names the field).
 *
 * @returns the names of the Workflows
 */
export async function terminateWorkflows(cluster: Cluster, instance: string, runs: Runs): Promise<string[]> {
  const names = (await unfinishedWorkflows(cluster, instance, runs)).map(({ metadata }) => metadata?.name ?? '');
  await Promise.all(
    names.map(async (name) => {
      const ref = { ...WORKFLOW_TYPE, metadata: { name, namespace: instance } };
      await cluster.patch(ref, { spec: { shutdown: 'Terminate' } }).catch(ignoreNotFound);
    }),
  );
  return names;
}

/**
 * Waits until none of these Workflows can start a pod any more and none of their pods runs.
 *
 * @param limitMs after which it gives up waiting
 * @param signal ends the wait with its reason
 * @returns the names of those that are still not at their end
 */
export async function awaitEnd(
  cluster: Cluster,
  instance: string,
  names: readonly string[],
  limitMs: number,
  signal?: AbortSignal,
): Promise<string[]> {
  const start = Date.now();
  let remaining = [...names];
  for (;;) {
    const waited = Date.now() - start;
    const living = new Set(await livingWorkflows(cluster, instance, remaining, waited > UNTOUCHED_MS));
    remaining = remaining.filter((name) => living.has(name));
    if (remaining.length === 0 || waited > limitMs) return remaining;
    await sleep(LOOK_AGAIN_MS, signal);
  }
}

export interface EndOptions {
  /** How many milliseconds the pods may take to end. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/**
 * Ends what earlier runs of the instance left: their Workflows, then their temporary Secrets and ConfigMaps.
 *
 * @param run the run that goes on
 * @throws LaunchpadError `workflows-running` where one of them has not ended by then
 */
export async function endPreviousRuns(
  cluster: Cluster,
  instance: string,
  run: string,
  { limitMs, signal, onLine }: EndOptions,
): Promise<void> {
  const previous = { except: run };
  const unfinished = await terminateWorkflows(cluster, instance, previous);
  if (unfinished.length > 0) onLine(`Ending the workflows of an earlier run: ${unfinished.join(', ')}`);
  const running = await awaitEnd(cluster, instance, unfinished, limitMs, signal);
  if (running.length > 0) {
    throw new LaunchpadError(
      'workflows-running',
      `Workflows of an earlier run do not end: ${running.join(', ')} in namespace ${instance}.`,
      { remedy: `Look at their pods (kubectl get pods -n ${instance}), delete what hangs, then run again.` },
    );
  }
  await deleteTemporaryObjects(cluster, instance, previous);
}

/** Deletes the temporary Secrets and ConfigMaps of those runs; their Workflows must be at their end. */
export async function deleteTemporaryObjects(cluster: Cluster, instance: string, runs: Runs): Promise<void> {
  await Promise.all(
    ['Secret', 'ConfigMap'].map(async (kind) => {
      const type = { apiVersion: 'v1', kind, namespace: instance };
      const names =
        'only' in runs ? namesOf(runs.only) : await temporaryNames(cluster, type, selectorOf(instance, runs));
      await Promise.all(
        names.map((name) => cluster.delete({ apiVersion: 'v1', kind, metadata: { name, namespace: instance } })),
      );
    }),
  );
}

function namesOf(run: string): string[] {
  return KINDS.map((kind) => temporaryName({ kind, run }));
}

async function temporaryNames(cluster: Cluster, type: ListedType, runSelector: string): Promise<string[]> {
  const labelSelector = `${runSelector},${ROLE_LABEL}=temporary`;
  const { items } = await cluster.list(type, { labelSelector });
  return items.map(({ metadata }) => metadata?.name ?? '');
}

async function unfinishedWorkflows(cluster: Cluster, instance: string, runs: Runs): Promise<WorkflowObject[]> {
  const type = { ...WORKFLOW_TYPE, namespace: instance };
  const { items } = await cluster.list<WorkflowObject>(type, { labelSelector: selectorOf(instance, runs) });
  return items.filter((workflow) => !isFinished(workflow));
}

async function livingWorkflows(
  cluster: Cluster,
  instance: string,
  names: readonly string[],
  untouchedForLong: boolean,
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
    .filter((workflow) => !isFinished(workflow) && !(untouchedForLong && isUntouched(workflow)))
    .map(({ metadata }) => metadata?.name ?? '');
  return [...withPod, ...unfinished];
}

function selectorOf(instance: string, runs: Runs): string {
  const run = 'only' in runs ? `${RUN_LABEL}=${runs.only}` : `${RUN_LABEL}!=${runs.except}`;
  return `${INSTANCE_LABEL}=${instance},${run}`;
}

function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

/** Milliseconds that the end of a run waits for its terminated pods: their grace period and Argo's own pace. */
const PODS_MS = 60_000;

/**
 * Ends what a run may have left under way, and nothing that is another's: its Workflows are terminated at once, and when
 * none of them can start a pod any more its temporary Secrets and ConfigMaps are deleted. Where all has ended already it
 * changes nothing. It never throws, as what it is called after is the news; what it could not end is said.
 */
export async function cleanUpRun(
  cluster: Cluster,
  { instance, run }: { readonly instance: string; readonly run: { readonly id: string } },
  progress: ProgressLog,
): Promise<void> {
  const ours = { only: run.id };
  try {
    const terminated = await terminateWorkflows(cluster, instance, ours);
    if (terminated.length > 0) progress.info(`Terminating ${terminated.join(', ')}`);
    const running = await awaitEnd(cluster, instance, terminated, PODS_MS);
    if (running.length > 0) {
      progress.warning(
        `Still not at their end: ${running.join(', ')}. Their Secrets stay until the next run of ${instance}.`,
      );
      return;
    }
    await deleteTemporaryObjects(cluster, instance, ours);
  } catch (error) {
    progress.warning(
      `The clean-up of ${instance} did not end: ${messageOf(error)} What is left goes with its Workflow after a day, or with the next run.`,
    );
  }
}
