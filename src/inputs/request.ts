import path from 'node:path';
import type { ClusterAccess } from '../cluster/api/kubeconfig.ts';
import type { ClusterConventions } from '../cluster/objects/conventions.ts';
import type { Kind, Operation } from '../core/kinds.ts';
import type { Settings } from '../core/settings.ts';
import type { OperatorValue } from '../instance/config/config-values.ts';
import { parseOperatorKeys } from '../instance/config/operator-keys.ts';
import { parseInstanceName } from '../instance/name.ts';
import { keysOfValues, type NewInstanceOptions, type NewInstanceSource } from '../instance/new/options.ts';
import type { RepositoryOptions } from '../repository/cluster-repository.ts';
import { clusterAccess, gitEnvironment } from './environment.ts';
import type { HostedRepository, Origin, RunIdentity } from './event/origin.ts';
import { type InputSource, variableOf } from './input-source.ts';
import { INPUTS, type InputsReading } from './inputs.ts';
import { parseInstances, requireConfirmation, requireOwn } from './instances.ts';
import { Problems, SettingsInvalid } from './problems.ts';
import { readSettings } from './read-settings.ts';
import { TableReading } from './table-reading.ts';
import { isFullCommit, isGitUrl } from './values/git-values.ts';
import { annotationsOf, keptKinds, labelsOf, podResourcesOf } from './values/lists.ts';

/** As actions/checkout names it. */
const REMOTE = 'origin';

/** What the workflow asks the action to do. */
export interface ActionRequest {
  /** Names of the instances, at least one; undefined: the event names them. */
  readonly instances: readonly string[] | undefined;
  /** How many instances run at once. */
  readonly parallelism: number;
  readonly operation: Operation;
  /** What deprovisioning leaves: the resources of these kinds. */
  readonly keeps: readonly Kind[];
  readonly settings: Settings;
  readonly cluster: ClusterAccess;
  readonly conventions: ClusterConventions;
  readonly repository: RepositoryOptions;
  readonly hosted: HostedRepository;
  /** Whether GitHub's deployments are told of the instances. */
  readonly tellsDeployments: boolean;
  /** Where the summary links to, as far as it is known. */
  readonly pages: {
    /** Of Argo CD's user interface, without a slash at the end. */
    readonly argocdUrl: string | undefined;
    /** The workflow that builds the instance: its file's name, or the URL of its page. */
    readonly buildWorkflow: string | undefined;
  };
  /** What the files of a new instance are made from. */
  readonly newInstance: NewInstanceOptions;
  /** URL by which Argo CD reads the cluster repository, if the caller sets it. */
  readonly repositoryUrl: string | undefined;
  /** AppProject of Argo CD for what pull requests add. */
  readonly previewProject: string | undefined;
  /** Longest wait, in milliseconds. */
  readonly timeoutMs: number;
  /** The run changes nothing, and shows what it would change. */
  readonly isDryRun: boolean;
  /** Whether a public repository may get new passwords. */
  readonly allowsPublicRepository: boolean;
  /** Whether to wait at the end until Argo CD has synced the Application. */
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
  const inputs: InputsReading = new TableReading(INPUTS, inputSource);
  const problems = new Problems();
  const instances = problems.attempt(() => instancesOf(inputs, event));
  problems.add(...inputs.problems);
  problems.attempt(() => {
    // That a pull request was closed is its confirmation.
    if (event?.kind !== 'pull-request') requireConfirmation(inputs, instances() ?? []);
  });
  const settings = problems.attempt(() => readSettings(inputSource));
  const cluster = problems.attempt(() => clusterAccess(inputSource));
  const newInstance = problems.attempt(() => readNewInstanceOptions(inputs, inputSource));
  problems.throwIfAny();
  requireOwn(instances() ?? [], newInstance().config);
  requireChanges(inputs, newInstance());

  const { githubToken, repositoryUrl, previewProject, argocdUrl, buildWorkflow } = inputs.values;
  return {
    instances: instances(),
    parallelism: inputs.required('parallelism'),
    operation: inputs.required('operation'),
    keeps: keptKinds(inputs.values.keep),
    settings: settings(),
    cluster: cluster(),
    conventions: conventionsOf(inputs),
    repository: {
      directory: path.resolve(workspace, inputs.required('repositoryPath')),
      mustBeRoot: event !== undefined,
      remote: REMOTE,
      ...source,
      token: githubToken,
      author: { name: inputs.required('commitAuthorName'), email: inputs.required('commitAuthorEmail') },
      environment: gitEnvironment(inputSource),
    },
    hosted,
    tellsDeployments: inputs.required('deployment') === 'true',
    pages: { argocdUrl, buildWorkflow },
    newInstance: newInstance(),
    repositoryUrl,
    previewProject,
    timeoutMs: inputs.required('timeout'),
    isDryRun: inputs.required('dryRun') === 'true',
    allowsPublicRepository: inputs.required('allowPublicRepository') === 'true',
    waitForSync: inputs.required('waitForSync') === 'true',
    run,
  };
}

function conventionsOf(inputs: InputsReading): ClusterConventions {
  const { values } = inputs;
  return {
    argocdNamespace: inputs.required('argocdNamespace'),
    namespaceLabels: labelsOf(values.namespaceLabels),
    podLabels: labelsOf(values.podLabels),
    podAnnotations: annotationsOf(values.podAnnotations),
    podResources: podResourcesOf(values.podResources),
    argoInstanceId: values.argoInstanceId,
    argoWorkflowsUrl: values.argoWorkflowsUrl,
  };
}

/** Operation `configure` without a key to set would be `provision`, and not what was meant. */
function requireChanges({ values }: InputsReading, { config, values: named }: NewInstanceOptions): void {
  if (values.operation !== 'configure' || config.size > 0 || keysOfValues(named).size > 0) return;
  throw new SettingsInvalid([
    `${INPUTS.config.input}: missing (operation configure needs it). Keys of config.yml to set, such as \`PLATFORM_NAME: "My School"\`.`,
  ]);
}

/**
 * The instances that the workflow names; undefined if the event names them. A push does not name instances to deprovision,
 * and no event names those to configure.
 */
function instancesOf(inputs: InputsReading, event: Origin['event']): readonly string[] | undefined {
  const { operation } = inputs.values;
  const isByPush = event?.kind === 'push' && operation !== 'deprovision';
  const namesInstances = operation !== 'configure' && (event?.kind === 'pull-request' || isByPush);
  if (namesInstances && !inputs.isGiven(INPUTS.instance)) return undefined;
  return parseInstances(inputs.required('instance'));
}

/**
 * What the files of a new instance are made from. Values that are wrong by themselves are in `inputs.problems`.
 *
 * @throws SettingsInvalid with the inputs that contradict each other, LaunchpadError `config-invalid` for input `config`
 */
export function readNewInstanceOptions(inputs: InputsReading, inputSource: InputSource): NewInstanceOptions {
  const { platformName, edxPlatformRepository, edxPlatformVersion, tutorVersion, config } = inputs.values;
  return {
    source: newInstanceSource(inputs, inputSource),
    values: { platformName, edxPlatformRepository, edxPlatformVersion, tutorVersion },
    config: config === undefined ? new Map<string, OperatorValue>() : parseOperatorKeys(config),
  };
}

function newInstanceSource(inputs: InputsReading, inputSource: InputSource): NewInstanceSource {
  const { template, templateVersion: version, templateDirectory: directory, fromInstance: from } = inputs.values;
  const isTemplateGiven = inputs.isGiven(INPUTS.template);
  const isUrl = template !== undefined && isGitUrl(template);
  // A wrong template may have been meant as a URL.
  const isNoUrl = inputs.problemOf(INPUTS.template) === undefined && !isUrl;
  const isVersionWrong = inputs.problemOf(INPUTS.templateVersion) !== undefined;
  const problems = [
    ...(from !== undefined && isTemplateGiven
      ? ['from-instance and template are both set: a new instance is made from one of them.']
      : []),
    ...(version !== undefined && isNoUrl ? ['template-version is for a template with a URL only.'] : []),
    ...(directory !== undefined && !isTemplateGiven
      ? ['template-directory is set, but template, which it is a directory of, is not.']
      : []),
    ...(isUrl && !isVersionWrong ? pinningProblems(inputSource, version) : []),
  ];
  if (problems.length > 0) throw new SettingsInvalid(problems);
  if (from !== undefined) return { kind: 'instance', name: parseInstanceName(from, INPUTS.fromInstance.input) };
  if (template === undefined) return { kind: 'built-in' };
  if (isUrl) return { kind: 'git', url: template, version, directory };
  return { kind: 'directory', path: directory === undefined ? template : `${template}/${directory}` };
}

/** A branch or tag of another repository can change after the pull request was reviewed. */
function pinningProblems(inputSource: InputSource, version: string | undefined): string[] {
  const isPullRequest = variableOf(inputSource, 'GITHUB_EVENT_NAME')?.startsWith('pull_request') === true;
  if (!isPullRequest || (version !== undefined && isFullCommit(version))) return [];
  return [
    'template-version must be a full commit SHA (40 hex digits) on pull_request, so that the template cannot change ' +
      'after it was looked at.',
  ];
}
