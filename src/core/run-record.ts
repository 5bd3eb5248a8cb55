import type { Kind, Operation } from './kinds.ts';
import type { ResourceState } from './report.ts';

/** What a run has done and found so far, however it ends: plain data, nothing secret, fit for JSON. */
export interface RunRecord {
  readonly operation: Operation;
  readonly phases: readonly PhaseRecord[];
  /** What the earlier run left that this one picks up; undefined where there is nothing to pick up. */
  readonly previous: PreviousRun | undefined;
  /** What the instance is to have, each with the workflow that makes it. */
  readonly expected: readonly ExpectedResource[];
  /** What is there for sure. */
  readonly resources: readonly ResourceState[];
  readonly workflows: readonly WorkflowRecord[];
  /** Whether made-up values can be made again from a seed in the cluster. */
  readonly seedKept: boolean;
  /** The commit that holds the instance's files, or has them no more, once there is one. */
  readonly commit: CommitRecord | undefined;
  /** What was under way when the run was cancelled, so that nobody knows whether it came about. */
  readonly outcomeUnknown: UnknownOutcome | undefined;
}

export type UnknownOutcome = 'commit' | 'application';

export interface PhaseRecord {
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Undefined while it goes on. */
  readonly endedAt: number | undefined;
  readonly outcome: 'running' | 'done' | 'failed';
}

export interface ExpectedResource {
  /** In words, such as `MySQL database`, as provisioners say it. */
  readonly kind: string;
  readonly name: string;
  readonly by: Kind;
}

export interface WorkflowRecord {
  readonly kind: Kind;
  readonly name: string;
  /** As Argo Workflows says; empty while no controller has touched it, `unknown` until it is asked for. */
  readonly phase: string;
  /** Whether it was told to stop before its end. */
  readonly terminated: boolean;
  /** Milliseconds since 1970, by the clock of the phases. */
  readonly startedAt: number;
  /** From its creation to its end, by the cluster's clock; undefined while it runs. */
  readonly seconds: number | undefined;
}

export interface CommitRecord {
  readonly sha: string;
  /** False: an earlier run had pushed it. */
  readonly pushed: boolean;
  /** Keys of config.yml that it sets: their names, never their values. */
  readonly keys: readonly string[];
}

/** What is left of a run that did not come to its end. */
export interface PreviousRun {
  /** Its identity; undefined where it left no workflow that tells. */
  readonly run: string | undefined;
  readonly workflows: readonly Pick<WorkflowRecord, 'kind' | 'phase'>[];
  readonly seedKept: boolean;
}

/** The record of a run that has done nothing yet. */
export const NOTHING: RunRecord = {
  operation: 'provision',
  phases: [],
  previous: undefined,
  expected: [],
  resources: [],
  workflows: [],
  seedKept: false,
  commit: undefined,
  outcomeUnknown: undefined,
};

/** A Workflow that has just been submitted. */
export function startedNow({ kind, name }: Pick<WorkflowRecord, 'kind' | 'name'>): WorkflowRecord {
  return { kind, name, phase: 'unknown', terminated: false, startedAt: Date.now(), seconds: undefined };
}

/** News for the record. Resources and workflows are added, or take the place of the same one; all else replaces. */
export type RecordUpdate = Partial<Omit<RunRecord, 'phases'>>;

/** The record with the news in it. */
export function withUpdate(record: RunRecord, { resources = [], workflows = [], ...update }: RecordUpdate): RunRecord {
  const startOf = new Map(record.workflows.map(({ name, startedAt }) => [name, startedAt]));
  return {
    ...record,
    ...update,
    resources: merged(record.resources, resources, ({ kind, name }) => `${kind} ${name}`),
    workflows: merged(
      record.workflows,
      workflows.map((workflow) => ({ ...workflow, startedAt: startOf.get(workflow.name) ?? workflow.startedAt })),
      ({ kind }) => kind,
    ),
  };
}

function merged<T>(old: readonly T[], added: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map([...old, ...added].map((item) => [keyOf(item), item])).values()];
}
