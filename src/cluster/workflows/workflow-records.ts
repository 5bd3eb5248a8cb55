import { messageOf } from '../../core/errors.ts';
import { KINDS } from '../../core/kinds.ts';
import type { Progress } from '../../core/progress.ts';
import type { ResourceState } from '../../core/report.ts';
import type { PreviousRun, WorkflowRecord } from '../../core/run-record.ts';
import type { Cluster } from '../api/client.ts';
import { INSTANCE_LABEL, KIND_LABEL, RUN_LABEL } from '../objects/names.ts';
import type { KubeObject } from '../objects/objects.ts';
import type { WorkflowObject } from '../objects/workflow-objects.ts';
import { readPodReport } from './pod-report.ts';

const WORKFLOW = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' };

/** The Workflows of one run of the instance, as they stand. */
export async function workflowsOfRun(
  cluster: Cluster,
  instance: string,
  run: string,
  signal?: AbortSignal,
): Promise<WorkflowRecord[]> {
  const labelSelector = `${INSTANCE_LABEL}=${instance},${RUN_LABEL}=${run}`;
  const options = { labelSelector, ...(signal === undefined ? {} : { signal }) };
  const { items } = await cluster.list<WorkflowObject>({ ...WORKFLOW, namespace: instance }, options);
  return recordsOf(items);
}

/** The newest run of the instance, but this one, that left Workflows. */
export async function newestOtherRun(
  cluster: Cluster,
  instance: string,
  run: string,
): Promise<Pick<PreviousRun, 'run' | 'workflows'>> {
  const labelSelector = `${INSTANCE_LABEL}=${instance},${RUN_LABEL}!=${run}`;
  const { items } = await cluster.list<WorkflowObject>({ ...WORKFLOW, namespace: instance }, { labelSelector });
  const newest = items.toSorted((a, b) => createdAt(b) - createdAt(a)).at(0)?.metadata?.labels?.[RUN_LABEL];
  const ofIt = items.filter(({ metadata }) => metadata?.labels?.[RUN_LABEL] === newest);
  return { run: newest, workflows: recordsOf(ofIt) };
}

/** Of a kind that was submitted again, the newest counts. */
function recordsOf(items: readonly WorkflowObject[]): WorkflowRecord[] {
  const oldestFirst = items
    .flatMap(recordOf)
    .toSorted((a, b) => a.startedAt - b.startedAt || a.name.length - b.name.length);
  return [...new Map(oldestFirst.map((record) => [record.kind, record])).values()].toSorted(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind),
  );
}

function recordOf(object: WorkflowObject): WorkflowRecord[] {
  const { metadata, spec, status } = object;
  const kind = KINDS.find((known) => known === metadata?.labels?.[KIND_LABEL]);
  if (kind === undefined) return [];
  const finishedAt = Date.parse(status?.finishedAt ?? '');
  return [
    {
      kind,
      name: metadata?.name ?? '',
      phase: status?.phase ?? '',
      terminated: isShutDown(spec),
      startedAt: createdAt(object),
      seconds: Number.isNaN(finishedAt) ? undefined : (finishedAt - createdAt(object)) / 1000,
    },
  ];
}

function createdAt({ metadata }: KubeObject): number {
  return Date.parse(metadata?.creationTimestamp ?? '');
}

function isShutDown(spec: unknown): boolean {
  return typeof spec === 'object' && spec !== null && 'shutdown' in spec && spec.shutdown !== '';
}

/** Milliseconds for the first question: a cluster that does not answer has been waited for already. */
const PATIENCE_MS = 10_000;

/**
 * Finds out what the run's workflows came to and made, for the record of the run: however it ended, the cluster knows.
 * It never throws, as what it is called after is the news.
 *
 * @returns what the workflows that succeeded tell of, as far as it can be read
 */
export async function collectResults(
  cluster: Cluster,
  { instance, run }: { readonly instance: string; readonly run: { readonly id: string } },
  progress: Progress,
): Promise<ResourceState[]> {
  try {
    const workflows = await workflowsOfRun(cluster, instance, run.id, AbortSignal.timeout(PATIENCE_MS));
    progress.record({ workflows });
    const succeeded = workflows.filter(({ phase }) => phase === 'Succeeded');
    // The logs of a workflow may be gone: its resources are there all the same.
    const reports = await Promise.allSettled(succeeded.map(({ name }) => readPodReport(cluster, instance, name)));
    const resources = reports.flatMap((report) => (report.status === 'fulfilled' ? report.value.resources : []));
    progress.record({ resources });
    return resources;
  } catch (error) {
    progress.debug(`What the workflows came to could not be read: ${messageOf(error)}`);
    return [];
  }
}

/**
 * The earlier run of the instance that did not come to its end, by what it left: a seed whose values are not pushed yet,
 * or workflows that did not succeed.
 *
 * @returns undefined where the last one ended well, or there was none
 */
export async function unfinishedRun(
  cluster: Cluster,
  instance: string,
  run: string,
  seedKept: boolean,
): Promise<PreviousRun | undefined> {
  const newest = await newestOtherRun(cluster, instance, run);
  const isUnfinished = seedKept || newest.workflows.some(({ phase }) => phase !== 'Succeeded');
  return isUnfinished ? { ...newest, seedKept } : undefined;
}
