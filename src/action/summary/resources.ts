import type { CommitRecord, ExpectedResource, RunRecord, WorkflowRecord } from '../../core/run-record.ts';
import type { Links } from '../../inputs/links.ts';
import { code, link, plain, table } from './markdown.ts';

/** All that the instance has, and what has become of it in this run. */
export function resourcesTable(record: RunRecord, links: Links | undefined): string[] {
  return table(['Resource', 'Name', 'State'], rowsOf(record, links));
}

/** The workflows of the run, each with its end and seconds. */
export function workflowsTable({ resources, workflows }: RunRecord, links: Links | undefined): string[] {
  const namespace = resources.find(({ kind }) => kind === 'Namespace')?.name ?? '';
  return table(
    ['Workflow', 'Name', 'Phase', 'Seconds'],
    workflows.map(({ kind, name, seconds, ...workflow }) => [
      kind,
      link(code(name), links?.workflow(namespace, name)),
      workflowState(workflow),
      seconds?.toFixed(1) ?? '',
    ]),
  );
}

/** What became of a workflow, in Argo's words where they say it. */
function workflowState({ phase, terminated }: Pick<WorkflowRecord, 'phase' | 'terminated'>): string {
  if (terminated && phase !== 'Succeeded') return 'terminated';
  return phase === '' ? 'not begun' : plain(phase);
}

/** In the order in which a run comes to them: namespace, what the workflows make, commit, Application. */
function rowsOf(record: RunRecord, links: Links | undefined): string[][] {
  const { resources, commit } = record;
  const isOwn = ({ kind }: Row) => kind === 'Namespace' || kind === 'Application';
  return [
    ...resources.filter(({ kind }) => kind === 'Namespace').map((row) => cells(row)),
    ...workRows(
      record,
      resources.filter((row) => !isOwn(row)),
    ).map((row) => cells(row)),
    ...(commit === undefined ? [] : [commitCells(commit, links)]),
    ...resources.filter(({ kind }) => kind === 'Application').map((row) => cells(row, links?.application(row.name))),
  ];
}

interface Row {
  readonly kind: string;
  readonly name: string;
  readonly state: string;
  readonly lacks?: readonly string[];
}

function cells({ kind, name, state, lacks = [] }: Row, url?: string): string[] {
  return [plain(kind), link(code(name), url), [state, ...lacks.map((one) => `without ${plain(one)}`)].join(', ')];
}

function commitCells({ sha, pushed }: CommitRecord, links: Links | undefined): string[] {
  return cells({ kind: 'Commit', name: sha.slice(0, 7), state: pushed ? 'created' : 'unchanged' }, links?.commit(sha));
}

/** What the workflows told of, and what was expected of them and they did not. */
function workRows(record: RunRecord, reported: readonly Row[]): Row[] {
  const { expected } = record;
  const keyOf = ({ kind, name }: Pick<Row, 'kind' | 'name'>) => `${kind} ${name}`;
  const known = new Set(reported.map(keyOf));
  const unreported = [...new Map(expected.map((resource) => [keyOf(resource), resource])).values()]
    .filter((resource) => !known.has(keyOf(resource)))
    .map((resource) => ({ ...resource, state: unreportedState(resource, record) }));
  return [...reported, ...unreported].toSorted((a, b) => place(a.kind, expected) - place(b.kind, expected));
}

/** Where a kind stands among those that were expected. */
function place(kind: string, expected: readonly ExpectedResource[]): number {
  const index = expected.findIndex((resource) => resource.kind === kind);
  return index < 0 ? expected.length : index;
}

/** What is known of a resource that no provisioner told of. */
function unreportedState({ by }: ExpectedResource, { workflows, effects }: RunRecord): string {
  const workflow = workflows.find((candidate) => candidate.kind === by);
  if (workflow === undefined) return effects.workflows === 'unknown' ? 'unknown' : 'not begun';
  if (workflow.phase === 'Succeeded') return 'ready';
  if (workflow.phase === 'unknown') return 'unknown';
  return ['Failed', 'Error'].includes(workflow.phase) && !workflow.terminated ? 'failed' : 'not finished';
}
