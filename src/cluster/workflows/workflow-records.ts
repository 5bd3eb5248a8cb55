import { messageOf } from '../../core/errors.ts';
import { fieldsOf, textIn } from '../../core/fields.ts';
import { KINDS, type Kind, TITLES } from '../../core/kinds.ts';
import type { Progress } from '../../core/progress.ts';
import type { ResourceState } from '../../core/report.ts';
import type { PreviousRun, WorkflowRecord } from '../../core/run-record.ts';
import type { Cluster } from '../api/client.ts';
import { INSTANCE_LABEL, KIND_LABEL, RUN_LABEL } from '../objects/names.ts';
import type { KubeObject } from '../objects/objects.ts';
import {
  POD_TYPE,
  type PodObject,
  podsOf,
  WORKFLOW_TYPE,
  type WorkflowObject,
  workflowOf,
} from '../objects/workflow-objects.ts';
import { type PodReport, readPodLog, reportIn } from './pod-report.ts';

/** The current state of the Workflows of one run. */
async function workflowsOfRun(
  cluster: Cluster,
  instance: string,
  run: string,
  signal?: AbortSignal,
): Promise<WorkflowRecord[]> {
  const labelSelector = `${INSTANCE_LABEL}=${instance},${RUN_LABEL}=${run}`;
  const options = { labelSelector, ...(signal === undefined ? {} : { signal }) };
  const { items } = await cluster.list<WorkflowObject>({ ...WORKFLOW_TYPE, namespace: instance }, options);
  return recordsOf(items);
}

/** A kind that was submitted again counts with its newest Workflow. */
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
      terminated: textIn(fieldsOf(spec), 'shutdown') !== undefined,
      startedAt: createdAt(object),
      seconds: Number.isNaN(finishedAt) ? undefined : (finishedAt - createdAt(object)) / 1000,
    },
  ];
}

function createdAt({ metadata }: KubeObject): number {
  return Date.parse(metadata?.creationTimestamp ?? '');
}

/** Milliseconds for the list of Workflows. It is short, because the run has already waited for a cluster that does not answer. */
const LIST_MS = 10_000;

/**
 * Reads the results of the run's Workflows from the cluster, and records them. It never throws: an error here must not
 * replace the error of the run.
 *
 * @returns the resources of the Workflows that succeeded, by their pods' status, else by the logs, as far as these can be
 *   read
 */
export async function collectResults(
  cluster: Cluster,
  { instance, run }: { readonly instance: string; readonly run: { readonly id: string } },
  progress: Progress,
): Promise<ResourceState[]> {
  try {
    const workflows = await workflowsOfRun(cluster, instance, run.id, AbortSignal.timeout(LIST_MS));
    progress.record({ workflows, effects: { workflows: workflows.length > 0 ? 'yes' : 'no' } });
    const succeeded = workflows.filter(({ phase }) => phase === 'Succeeded');
    const names = succeeded.map(({ name }) => name);
    const pods = await podsByWorkflow(cluster, instance, names);
    // A log may have been deleted; the other logs still count.
    const reports = await Promise.allSettled(
      names.map(async (name) => reportIn(pods.get(name), undefined) ?? (await readPodLog(cluster, instance, name))),
    );
    const resources = reports.flatMap((report) => (report.status === 'fulfilled' ? report.value.resources : []));
    for (const [index, report] of reports.entries()) {
      if (report.status === 'fulfilled') warnOfReport(succeeded[index]?.kind, report.value, progress);
    }
    progress.record({ resources });
    return resources;
  } catch (error) {
    progress.debug(`The results of the workflows could not be read: ${messageOf(error)}`);
    return [];
  }
}

/** Shows what the operator should see though the workflow succeeded. */
export function warnOfReport(kind: Kind | undefined, report: PodReport | undefined, progress: Progress): void {
  for (const line of report?.warnings ?? []) progress.warning(kind === undefined ? line : `${TITLES[kind]}: ${line}`);
}

/** The pods that can be read, by their Workflows' names. */
async function podsByWorkflow(
  cluster: Cluster,
  namespace: string,
  workflows: readonly string[],
): Promise<ReadonlyMap<string, PodObject>> {
  const options = { labelSelector: podsOf(workflows), signal: AbortSignal.timeout(LIST_MS) };
  const pods = await cluster.list<PodObject>({ ...POD_TYPE, namespace }, options).catch(() => undefined);
  return new Map(pods?.items.map((pod) => [workflowOf(pod), pod]));
}

/**
 * The previous run of the instance if it did not finish: it left a seed whose values are not pushed yet, or Workflows that
 * did not succeed.
 *
 * @param workflows of all previous runs
 * @returns undefined if the previous run succeeded, or there was none
 */
export function unfinishedRun(workflows: readonly WorkflowObject[], seedKept: boolean): PreviousRun | undefined {
  const run = workflows.toSorted((a, b) => createdAt(b) - createdAt(a)).at(0)?.metadata?.labels?.[RUN_LABEL];
  const newest = recordsOf(workflows.filter(({ metadata }) => metadata?.labels?.[RUN_LABEL] === run));
  const isUnfinished = seedKept || newest.some(({ phase }) => phase !== 'Succeeded');
  return isUnfinished ? { run, workflows: newest, seedKept } : undefined;
}
