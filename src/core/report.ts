import type { Kind, Operation } from './kinds.ts';

/** What a successful run did and found: plain data. */
export interface ProvisionReport {
  readonly instance: string;
  readonly namespace: string;
  /** Name of the Argo CD Application. */
  readonly application: string;
  /** Path of config.yml in the cluster repository. */
  readonly configPath: string;
  /** The commit of the branch that holds the instance's files: the run's own, or one that had them already. */
  readonly commitSha: string;
  readonly bucket: string;
  /** Whether the run made a commit. */
  readonly changed: boolean;
  readonly workflows: Readonly<Record<Kind, WorkflowReport>>;
  /** How Argo CD has the Application; undefined where the run did not wait for it. */
  readonly sync: SyncReport | undefined;
}

export interface SyncReport {
  /** Argo CD's word, which is `Synced`; `NotBuilt` where the manifests are not in the cluster repository yet. */
  readonly sync: string;
  /** Argo CD's word, which is `Healthy`; empty where there is nothing to be healthy yet. */
  readonly health: string;
}

/** What a run that took an instance down did and found: plain data. */
export interface DeprovisionReport
  extends Pick<ProvisionReport, 'instance' | 'namespace' | 'application' | 'configPath'> {
  /** Commit of the branch that has the instance's files no more; empty where nothing is pushed. */
  readonly commitSha: string;
  /** Empty where there was nothing of the instance any more that names it. */
  readonly bucket: string;
  /** Whether anything was there to be removed. */
  readonly changed: boolean;
  /** Those that ran. */
  readonly workflows: Partial<ProvisionReport['workflows']>;
}

export interface WorkflowReport {
  readonly name: string;
  /** As Argo Workflows says, such as `Succeeded`. */
  readonly phase: string;
  /** From its submission to its end. */
  readonly seconds: number;
}

/** What became of a resource: by provisioning, or by taking down (`absent`: it was gone before). */
export const RESOURCE_STATES = ['created', 'updated', 'unchanged', 'deleted', 'absent'] as const;

export interface ResourceState {
  /** In words, such as `MySQL database`. */
  readonly kind: string;
  readonly name: string;
  readonly state: (typeof RESOURCE_STATES)[number];
}

/** What a dry run found that a run would do: plain data, without a secret. */
export interface PlanReport
  extends Pick<ProvisionReport, 'instance' | 'namespace' | 'application' | 'configPath' | 'bucket'> {
  readonly operation: Operation;
  /** Whether a run would change anything in the cluster or the cluster repository that can be seen from outside. */
  readonly changed: boolean;
  readonly resources: readonly PlannedResource[];
  /** Subject of the commit that a run would make; empty where it would make none. */
  readonly commit: string;
  readonly files: readonly PlannedFile[];
  /** Keys of config.yml whose values only the vendor's API tells. */
  readonly laterKeys: readonly string[];
}

export interface PlannedResource {
  /** As Kubernetes names it, or in words. */
  readonly kind: string;
  readonly name: string;
  /**
   * `start`: a workflow, which every run starts. `ensure`: it is seen from inside the cluster only; the workflow makes it,
   * or finds it right. `remove`: the same, but the workflow takes it away, or finds it gone.
   */
  readonly state: PlannedState | 'start' | 'ensure' | 'remove';
  /** Paths of the fields that would change. */
  readonly fields: readonly string[];
}

/** `absent`: it is gone already, and is to be. */
export type PlannedState = 'create' | 'change' | 'unchanged' | 'delete' | 'absent';

export interface PlannedFile {
  readonly path: string;
  readonly state: PlannedState;
  /** Unified diff, with `***` for secrets; empty where nothing changes, and where the file goes. */
  readonly diff: string;
}
