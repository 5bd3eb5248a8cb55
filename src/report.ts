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
  readonly workflows: Readonly<Record<Kind, WorkflowReport>>;
}

export interface WorkflowReport {
  readonly name: string;
  /** As Argo Workflows says, such as `Succeeded`. */
  readonly phase: string;
  /** From its submission to its end. */
  readonly seconds: number;
}

export interface ResourceState {
  /** In words, such as `MySQL database`. */
  readonly kind: string;
  readonly name: string;
  readonly state: 'created' | 'updated' | 'unchanged';
}
