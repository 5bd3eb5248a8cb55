import path from 'node:path';
import type { ClusterAccess } from '../cluster/api/kubeconfig.ts';
import type { Operation } from '../core/kinds.ts';
import type { Settings } from '../core/settings.ts';
import type { Creation } from '../instance/new/creation.ts';
import type { RepositoryOptions } from '../repository/cluster-repository.ts';
import { readCreation } from './creation.ts';
import { clusterAccess, gitEnvironment } from './environment.ts';
import type { HostedRepository, Origin, RunIdentity } from './event/origin.ts';
import { type Input, isGiven, optionalValue, readValue, requireValue } from './input.ts';
import { INPUTS } from './inputs.ts';
import { parseInstances, requireConfirmation, requireOwn } from './instances.ts';
import type { Lookup } from './lookup.ts';
import { Problems } from './problems.ts';
import { readSettings } from './read-settings.ts';

/** As actions/checkout names it. */
const REMOTE = 'origin';

/** What the workflow asks the action to do. */
export interface ActionRequest {
  /** Names of the instances, at least one; undefined: those that the event is about. */
  readonly instances: readonly string[] | undefined;
  /** How many of them are worked on at once. */
  readonly parallelism: number;
  readonly operation: Operation;
  readonly settings: Settings;
  readonly cluster: ClusterAccess;
  readonly repository: RepositoryOptions;
  readonly hosted: HostedRepository;
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

/**
 * Reads what the caller asks for.
 *
 * @throws SettingsInvalid with everything that is missing or wrong
 */
export function readRequest(lookup: Lookup, origin: Origin): ActionRequest {
  const { source, workspace, hosted, run, event } = origin;
  const problems = new Problems();
  const required = <T extends string | number>(input: Input<T>) => problems.attempt(() => requireValue(input, lookup));
  const optional = <T extends string | number>(input: Input<T>) => problems.attempt(() => optionalValue(input, lookup));

  const instances = problems.attempt(() => instancesOf(lookup, event));
  const parallelism = required(INPUTS.parallelism);
  const operation = required(INPUTS.operation);
  problems.attempt(() => {
    // That a pull request was closed is its confirmation.
    if (event?.kind !== 'pull-request') requireConfirmation(lookup, instances() ?? []);
  });
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
  requireOwn(instances() ?? [], creation().config);

  return {
    instances: instances(),
    parallelism: parallelism(),
    operation: operation(),
    settings: settings(),
    cluster: cluster(),
    repository: {
      directory: path.resolve(workspace, repositoryPath()),
      remote: REMOTE,
      ...source,
      token: githubToken(),
      author: { name: authorName(), email: authorEmail() },
      environment: gitEnvironment(lookup),
    },
    hosted,
    pages: { argocdUrl: argocdUrl(), buildWorkflow: buildWorkflow() },
    creation: creation(),
    repositoryUrl: repositoryUrl(),
    timeoutMs: timeout(),
    isDryRun: dryRun() === 'true',
    waitForSync: waitForSync() === 'true',
    run,
  };
}

/**
 * The instances that the workflow names. What changes the cluster repository can stand for a name, but a push never for
 * that of an instance that is to be taken down.
 */
function instancesOf(lookup: Lookup, event: Origin['event']): readonly string[] | undefined {
  const isRemoval = readValue(INPUTS.operation, lookup) === 'deprovision';
  const canTell = event?.kind === 'pull-request' || (event?.kind === 'push' && !isRemoval);
  if (canTell && !isGiven(INPUTS.instance, lookup)) return undefined;
  return parseInstances(requireValue(INPUTS.instance, lookup));
}
