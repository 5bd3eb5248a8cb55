import * as core from '@actions/core';
import type { ProvisionReport, RemovalReport } from '../report.ts';

/** A row of the table of outputs, which action.yml and README's table follow. */
export interface Output {
  readonly output: string;
  /** In Markdown. */
  readonly description: string;
  readonly value: (report: Told) => string;
}

/** What a run and a dry run can tell; a dry run has no commit and no workflows. */
type Told = Pick<ProvisionReport, 'instance' | 'namespace' | 'application' | 'configPath' | 'bucket' | 'changed'> &
  Partial<Pick<ProvisionReport, 'commitSha' | 'sync'> & Pick<RemovalReport, 'workflows'>>;

export const OUTPUTS: readonly Output[] = [
  { output: 'instance', description: 'Name of the instance.', value: ({ instance }) => instance },
  { output: 'namespace', description: 'Namespace of the instance.', value: ({ namespace }) => namespace },
  {
    output: 'application',
    description: 'Name of the Argo CD Application.',
    value: ({ application }) => application,
  },
  {
    output: 'config-path',
    description: "Path of the instance's `config.yml` in the cluster repository.",
    value: ({ configPath }) => configPath,
  },
  {
    output: 'commit-sha',
    description:
      "Commit that holds the instance's files; without a change one that had them already. After taking down one that has " +
      'them no more, or empty where there was nothing. Empty in a dry run.',
    value: ({ commitSha = '' }) => commitSha,
  },
  { output: 'bucket', description: 'Name of the storage bucket.', value: ({ bucket }) => bucket },
  {
    output: 'changed',
    description:
      '`true` if the run made a commit, else `false`; of one that takes down, if it removed anything. In a dry run `true` if a run would change anything in the cluster ' +
      'or the repository that can be seen from outside.',
    value: ({ changed }) => String(changed),
  },
  {
    output: 'workflows',
    description:
      'The Argo Workflows as JSON, by kind (`mysql`, `mongodb`, `storage`), each with `name`, `phase` and `seconds`.',
    value: ({ workflows = {} }) => JSON.stringify(workflows),
  },
  {
    output: 'sync-status',
    description:
      'With `wait-for-sync`: `Synced`, or `NotBuilt` where the build workflow has to write the manifests first. Else empty.',
    value: ({ sync }) => sync?.sync ?? '',
  },
  {
    output: 'health-status',
    description: 'With `wait-for-sync`: `Healthy`, or empty where there is nothing to sync yet. Else empty.',
    value: ({ sync }) => sync?.health ?? '',
  },
];

/** Hands the report of a run, or of a dry run, to the steps that follow. */
export function setOutputs(report: Told): void {
  for (const { output, value } of OUTPUTS) core.setOutput(output, value(report));
}
