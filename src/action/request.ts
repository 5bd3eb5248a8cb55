import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { ClusterAccess } from '../cluster/kubeconfig.ts';
import type { Creation } from '../instance/creation.ts';
import { parseInstanceName } from '../instance/name.ts';
import type { RepositoryOptions } from '../repository/cluster-repository.ts';
import type { Settings } from '../settings.ts';
import { clusterAccess } from './cluster-access.ts';
import { readCreation } from './creation.ts';
import { branchOf, requireVariable } from './event.ts';
import { gitEnvironment } from './git-environment.ts';
import { type Input, optionalValue, requireValue } from './input.ts';
import { INPUTS } from './inputs.ts';
import { type Lookup, runnerLookup, variableOf } from './lookup.ts';
import { Problems } from './problems.ts';
import { readSettings } from './read-settings.ts';

/** As actions/checkout names it. */
const REMOTE = 'origin';

/** What the workflow asks the action to do. */
export interface ActionRequest {
  readonly instance: string;
  readonly settings: Settings;
  readonly cluster: ClusterAccess;
  readonly repository: RepositoryOptions;
  /** Where the cluster repository is hosted. */
  readonly hosted: {
    /** Such as `https://github.com`, without a slash at the end. */
    readonly serverUrl: string;
    readonly host: string;
    readonly owner: string;
    readonly name: string;
  };
  /** Where the summary links to, as far as the workflow says. */
  readonly pages: {
    /** Of Argo CD's user interface, without a slash at the end. */
    readonly argocdUrl: string | undefined;
    /** The workflow that builds the instance: its file's name, or the URL of its page. */
    readonly buildWorkflow: string | undefined;
  };
  /** What the files of an instance that has none are made from. */
  readonly creation: Creation;
  /** URL by which Argo CD shall read the cluster repository, if the workflow says so. */
  readonly repositoryUrl: string | undefined;
  /** Longest wait, in milliseconds. */
  readonly timeoutMs: number;
  /** Nothing is to be changed, only shown what would be. */
  readonly isDryRun: boolean;
  /** Whether to wait for Argo CD at the end. */
  readonly waitForSync: boolean;
  readonly run: RunIdentity;
}

export interface RunIdentity {
  /** Unlike any other run's, also of the same job, and fit for a label. */
  readonly id: string;
  /** Page of the run. */
  readonly url: string;
}

/**
 * Reads what the workflow asks for.
 *
 * @throws LaunchpadError where the event is not supported, SettingsInvalid with everything that is missing or wrong
 */
export function readRequest(lookup: Lookup = runnerLookup): ActionRequest {
  const branch = branchOf(lookup);
  const problems = new Problems();
  const required = <T extends string | number>(input: Input<T>) => problems.attempt(() => requireValue(input, lookup));
  const optional = <T extends string | number>(input: Input<T>) => problems.attempt(() => optionalValue(input, lookup));

  const instance = problems.attempt(() => parseInstanceName(requireValue(INPUTS.instance, lookup)));
  const settings = problems.attempt(() => readSettings(lookup));
  const cluster = problems.attempt(() => clusterAccess(lookup));
  const creation = problems.attempt(() => readCreation(lookup));
  const githubToken = optional(INPUTS.githubToken);
  const repositoryPath = required(INPUTS.repositoryPath);
  const repositoryUrl = optional(INPUTS.repositoryUrl);
  const authorName = required(INPUTS.commitAuthorName);
  const authorEmail = required(INPUTS.commitAuthorEmail);
  const argocdUrl = optional(INPUTS.argocdUrl);
  const buildWorkflow = optional(INPUTS.buildWorkflow);
  const timeout = required(INPUTS.timeout);
  const dryRun = required(INPUTS.dryRun);
  const waitForSync = required(INPUTS.waitForSync);
  problems.throwIfAny();

  return {
    instance: instance(),
    settings: settings(),
    cluster: cluster(),
    repository: {
      directory: path.resolve(variableOf(lookup, 'GITHUB_WORKSPACE') ?? '.', repositoryPath()),
      remote: REMOTE,
      branch,
      token: githubToken(),
      author: { name: authorName(), email: authorEmail() },
      environment: gitEnvironment(lookup),
    },
    hosted: hostedRepository(lookup),
    pages: { argocdUrl: argocdUrl(), buildWorkflow: buildWorkflow() },
    creation: creation(),
    repositoryUrl: repositoryUrl(),
    timeoutMs: timeout(),
    isDryRun: dryRun() === 'true',
    waitForSync: waitForSync() === 'true',
    run: runIdentity(lookup),
  };
}

function hostedRepository(lookup: Lookup): ActionRequest['hosted'] {
  const serverUrl = (variableOf(lookup, 'GITHUB_SERVER_URL') ?? 'https://github.com').replace(/\/+$/, '');
  const [owner = '', name = ''] = requireVariable(lookup, 'GITHUB_REPOSITORY').split('/');
  return { serverUrl, host: new URL(serverUrl).host, owner, name };
}

/** The attempt is part of it, as a re-run keeps the run's number; so is chance, as one job may run the action twice. */
function runIdentity(lookup: Lookup): RunIdentity {
  const { serverUrl, owner, name } = hostedRepository(lookup);
  const run = requireVariable(lookup, 'GITHUB_RUN_ID');
  const attempt = variableOf(lookup, 'GITHUB_RUN_ATTEMPT') ?? '1';
  return {
    id: `${run}-${attempt}-${randomBytes(3).toString('hex')}`,
    url: `${serverUrl}/${owner}/${name}/actions/runs/${run}/attempts/${attempt}`,
  };
}
