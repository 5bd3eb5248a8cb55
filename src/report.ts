import type { Kind } from './cluster/names.ts';

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
  /** Keys of config.yml that the run set, without their values. */
  readonly changedKeys: readonly string[];
  readonly workflows: Readonly<Record<Kind, WorkflowReport>>;
  /** What the provisioners found or made. */
  readonly resources: readonly ResourceState[];
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
