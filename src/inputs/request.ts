import path from 'node:path';
import type { ClusterAccess } from '../cluster/api/kubeconfig.ts';
import type { Operation } from '../core/kinds.ts';
import type { Settings } from '../core/settings.ts';
import type { NewInstanceOptions } from '../instance/new/options.ts';
import type { RepositoryOptions } from '../repository/cluster-repository.ts';
import { clusterAccess, gitEnvironment } from './environment.ts';
import type { HostedRepository, Origin, RunIdentity } from './event/origin.ts';
import { type Input, isGiven, optionalValue, readValue, requireValue } from './input.ts';
import type { InputSource } from './input-source.ts';
import { INPUTS } from './inputs.ts';
import { parseInstances, requireConfirmation, requireOwn } from './instances.ts';
import { readNewInstanceOptions } from './new-instance.ts';
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
  readonly newInstance: NewInstanceOptions;
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
export function readRequest(inputSource: InputSource, origin: Origin): ActionRequest {
  const { source, workspace, hosted, run, event } = origin;
  const problems = new Problems();
  const required = <T extends string | number>(input: Input<T>) =>
    problems.attempt(() => requireValue(input, inputSource));
  const optional = <T extends string | number>(input: Input<T>) =>
    problems.attempt(() => optionalValue(input, inputSource));

  const instances = problems.attempt(() => instancesOf(inputSource, event));
  const parallelism = required(INPUTS.parallelism);
  const operation = required(INPUTS.operation);
  problems.attempt(() => {
    // That a pull request was closed is its confirmation.
    if (event?.kind !== 'pull-request') requireConfirmation(inputSource, instances() ?? []);
  });
  const settings = problems.attempt(() => readSettings(inputSource));
  const cluster = problems.attempt(() => clusterAccess(inputSource));
  const newInstance = problems.attempt(() => readNewInstanceOptions(inputSource));
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
  requireOwn(instances() ?? [], newInstance().config);

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
      environment: gitEnvironment(inputSource),
    },
    hosted,
    pages: { argocdUrl: argocdUrl(), buildWorkflow: buildWorkflow() },
    newInstance: newInstance(),
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
function instancesOf(inputSource: InputSource, event: Origin['event']): readonly string[] | undefined {
  const isDeprovision = readValue(INPUTS.operation, inputSource) === 'deprovision';
  const namesInstances = event?.kind === 'pull-request' || (event?.kind === 'push' && !isDeprovision);
  if (namesInstances && !isGiven(INPUTS.instance, inputSource)) return undefined;
  return parseInstances(requireValue(INPUTS.instance, inputSource));
}
