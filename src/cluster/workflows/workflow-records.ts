import type { EarlierRun, WorkflowRecord } from '../../core/run-record.ts';
import type { Cluster } from '../api/client.ts';
import { INSTANCE_LABEL, KIND_LABEL, KINDS, RUN_LABEL } from '../objects/names.ts';
import type { KubeObject } from '../objects/objects.ts';
import type { WorkflowObject } from '../objects/workflow-objects.ts';

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
): Promise<Pick<EarlierRun, 'run' | 'workflows'>> {
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
