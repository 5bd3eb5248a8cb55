import type { Kind, Operation } from './kinds.ts';

/** What a successful run did and found: plain data. */
export interface ProvisionReport {
  readonly instance: string;
  readonly namespace: string;
  /** Name of the Argo CD Application. */
  readonly application: string;
  /** Path of config.yml in the cluster repository. */
  readonly configPath: string;
  /** The commit of the branch with the instance's files: the run's own, or an older one. */
  readonly commitSha: string;
  readonly bucket: string;
  /** Addresses of LMS and CMS; empty where config.yml names no host. */
  readonly lmsUrl: string;
  readonly cmsUrl: string;
  /** Whether the run pushed a commit. */
  readonly changed: boolean;
  readonly workflows: Readonly<Record<Kind, WorkflowReport>>;
  /** The state in Argo CD; undefined if the run did not wait for it. */
  readonly sync: SyncReport | undefined;
}

/** Whether Argo CD has synced the newest commit, manifests and all. */
export function isDeployed({ sync }: Partial<Pick<ProvisionReport, 'sync'>>): boolean {
  return sync?.sync === 'Synced' && sync.health === 'Healthy';
}

export interface SyncReport {
  /** Argo CD's word, which is `Synced`; `NotBuilt` if the cluster repository has no manifests yet. */
  readonly sync: string;
  /** Argo CD's word, which is `Healthy`; empty if nothing is deployed yet. */
  readonly health: string;
}

/** What a successful run of deprovisioning did and found: plain data. */
export interface DeprovisionReport
  extends Pick<ProvisionReport, 'instance' | 'namespace' | 'application' | 'configPath'> {
  /** Commit of the branch without the instance's files; empty if there was no push. */
  readonly commitSha: string;
  /** Empty if nothing of the instance existed that names it. */
  readonly bucket: string;
  /** Pattern of a bucket's name that the run could not find out, so that a bucket may be left; undefined: none is. */
  readonly unknownBucket?: string | undefined;
  /** Whether the run deleted anything. */
  readonly changed: boolean;
  /** What input `keep` left; absent if it left nothing. */
  readonly kept?: Kept;
  /** Those that ran. */
  readonly workflows: Partial<ProvisionReport['workflows']>;
}

/** What deprovisioning left on request. */
export interface Kept {
  readonly resources: readonly Pick<ResourceState, 'kind' | 'name'>[];
  /** How to use it again, and how to delete it: a sentence each. */
  readonly restore: string;
}

export interface WorkflowReport {
  readonly name: string;
  /** Argo Workflows' word, such as `Succeeded`. */
  readonly phase: string;
  /** From its submission to its end. */
  readonly seconds: number;
  /** Its page in the user interface of Argo Workflows, if input `argo-workflows-url` is set. */
  readonly url?: string;
}

/** What a run did with a resource; `absent`: it did not exist before a run that deprovisions. */
export const RESOURCE_STATES = ['created', 'updated', 'unchanged', 'deleted', 'absent'] as const;

export interface ResourceState {
  /** In words, such as `MySQL database`. */
  readonly kind: string;
  readonly name: string;
  readonly state: (typeof RESOURCE_STATES)[number];
  /** What the service does not have, so that the resource is without it. */
  readonly lacks?: readonly string[];
}

/** What a dry run found that a run would do: plain data, without a secret. */
export interface PlanReport
  extends Pick<ProvisionReport, 'instance' | 'namespace' | 'application' | 'configPath' | 'bucket'> {
  readonly operation: Operation;
  /** Whether a run would change anything in the cluster or the cluster repository that can be seen from outside. */
  readonly changed: boolean;
  readonly resources: readonly PlannedResource[];
  /** Subject of the commit that a run would push; empty if there is none. */
  readonly commit: string;
  readonly files: readonly PlannedFile[];
  /** Keys of config.yml whose values only the vendor's API knows. */
  readonly laterKeys: readonly string[];
  /** What the operator should look at in the instance's files. */
  readonly warnings: readonly string[];
}

export interface PlannedResource {
  /** As Kubernetes names it, or in words. */
  readonly kind: string;
  readonly name: string;
  /**
   * `start`: a workflow, which every run starts. `ensure`: only the workflow can see it, and creates it if it is missing.
   * `remove`: only the workflow can see it, and deletes it if it exists. `keep`: input `keep` leaves it.
   */
  readonly state: PlannedState | 'start' | 'ensure' | 'remove' | 'keep';
  /** Paths of the fields that would change. */
  readonly fields: readonly string[];
}

/** `absent`: it does not exist, and a run that deprovisions leaves it so. */
type PlannedState = 'create' | 'change' | 'unchanged' | 'delete' | 'absent';

export interface PlannedFile {
  readonly path: string;
  readonly state: PlannedState;
  /** Unified diff, with `***` for secrets; empty if nothing changes, or if the file is deleted. */
  readonly diff: string;
}
