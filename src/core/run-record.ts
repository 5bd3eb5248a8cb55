import type { Kind, Operation } from './kinds.ts';
import type { ResourceState } from './report.ts';

/** What a run has done and found so far: plain data without secrets, fit for JSON. */
export interface RunRecord {
  readonly operation: Operation;
  readonly phases: readonly PhaseRecord[];
  /** What this run continues; undefined if no previous run left anything. */
  readonly previous: PreviousRun | undefined;
  /** What the operator should look at in the instance's files. */
  readonly warnings: readonly string[];
  /** What holds the run up now. */
  readonly problems: readonly HeldUp[];
  /** What the instance will have, or had, each with the workflow that creates or deletes it. */
  readonly expected: readonly ExpectedResource[];
  /** What is known of resources. */
  readonly resources: readonly RecordedResource[];
  readonly workflows: readonly WorkflowRecord[];
  /** Whether the seed of the generated values is in the cluster. */
  readonly seedKept: boolean;
  /** Pattern of a bucket's name that is not known, so that the bucket is not deleted. */
  readonly unknownBucket: string | undefined;
  /** The commit with the instance's files, or the one that deleted them. */
  readonly commit: CommitRecord | undefined;
  /** What the run has done by its own requests. */
  readonly effects: Readonly<Record<Effect, EffectState>>;
}

/** What holds a run up, which is not a failure yet. */
export interface HeldUp {
  /** A sentence without its full stop. */
  readonly what: string;
  readonly remedy?: string;
}

/**
 * What a run does by its own requests: it creates or deletes the namespace and the Application, submits the workflows with
 * their temporary `secrets`, and pushes a commit. Of the Secrets the state is whether any are left.
 */
export type Effect = 'namespace' | 'workflows' | 'secrets' | 'commit' | 'application';

/** `unknown`: it was requested, and no answer says whether it was done. */
type EffectState = 'no' | 'yes' | 'unknown';

/** What a run did with a resource; left by input `keep`; or found when the answer to a request was lost: `present` or `deleting`. */
export interface RecordedResource extends Omit<ResourceState, 'state'> {
  readonly state: ResourceState['state'] | 'kept' | 'present' | 'deleting';
}

export interface PhaseRecord {
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Undefined while it runs. */
  readonly endedAt: number | undefined;
  readonly outcome: 'running' | 'done' | 'failed';
}

export interface ExpectedResource {
  /** In the provisioners' words, such as `MySQL database`. */
  readonly kind: string;
  readonly name: string;
  readonly by: Kind;
}

export interface WorkflowRecord {
  readonly kind: Kind;
  readonly name: string;
  /** Argo Workflows' word; empty before a controller has begun it, `unknown` before we have read it. */
  readonly phase: string;
  /** Whether a run terminated it. */
  readonly terminated: boolean;
  /** Milliseconds since 1970, by the clock of the phases. */
  readonly startedAt: number;
  /** From its creation to its end, by the cluster's clock; undefined while it runs. */
  readonly seconds: number | undefined;
}

export interface CommitRecord {
  readonly sha: string;
  /** False: a previous run had pushed it. */
  readonly pushed: boolean;
  /** Names of the keys of config.yml that it sets, never their values. */
  readonly keys: readonly string[];
}

/** What is left of a run that did not finish. */
export interface PreviousRun {
  /** Its ID; undefined if it left no workflow. */
  readonly run: string | undefined;
  readonly workflows: readonly Pick<WorkflowRecord, 'kind' | 'phase'>[];
  readonly seedKept: boolean;
}

/** The record of a run that has done nothing yet. */
export const EMPTY_RECORD: RunRecord = {
  operation: 'provision',
  phases: [],
  previous: undefined,
  warnings: [],
  problems: [],
  expected: [],
  resources: [],
  workflows: [],
  seedKept: false,
  unknownBucket: undefined,
  commit: undefined,
  effects: { namespace: 'no', workflows: 'no', secrets: 'no', commit: 'no', application: 'no' },
};

/** A Workflow that has just been submitted. */
export function startedNow({ kind, name }: Pick<WorkflowRecord, 'kind' | 'name'>): WorkflowRecord {
  return { kind, name, phase: 'unknown', terminated: false, startedAt: Date.now(), seconds: undefined };
}

/** Changes of a record. Resources, workflows and effects are added, or replace the same one; all else replaces. */
export interface RecordUpdate extends Partial<Omit<RunRecord, 'phases' | 'effects'>> {
  readonly effects?: Partial<RunRecord['effects']>;
}

/** The record with these changes. */
export function withUpdate(
  record: RunRecord,
  { resources = [], workflows = [], effects, ...update }: RecordUpdate,
): RunRecord {
  const startOf = new Map(record.workflows.map(({ name, startedAt }) => [name, startedAt]));
  return {
    ...record,
    ...update,
    effects: { ...record.effects, ...effects },
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
