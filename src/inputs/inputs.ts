/** The table of the inputs that are not settings: what this run does, and where. No environment variable sets them. */

import { ARGOCD_NAMESPACE } from '../cluster/objects/names.ts';
import type { Input } from './input.ts';
import { InvalidValue } from './problems.ts';
import type { TableReading, ValuesOf } from './table-reading.ts';
import { gitUrl, gitVersion, platformText, templatePlace } from './values/git-values.ts';
import { annotations, keepList, labels, labelValue, podResources } from './values/lists.ts';
import {
  choice,
  duration,
  flag,
  namespaceName,
  projectName,
  repositoryDirectory,
  text,
  wholeNumber,
} from './values/values.ts';

export const INPUTS = {
  instance: {
    input: 'instance',
    description:
      'Name of the instance, also that of its namespace and of its directory in the cluster repository. At most 40 ' +
      'lower-case letters, digits and hyphens; it begins with a letter. Several: ' +
      'between commas, or one a line. If empty, on `pull_request` and `push`, the instances whose `config.yml` or ' +
      '`application.yml` the event adds or changes; other events need it.',
    parse: String,
  },
  parallelism: {
    input: 'parallelism',
    default: '5',
    description: 'How many of several instances are worked on at once, from 1 to 50.',
    parse: wholeNumber(1, 50),
  },
  operation: {
    input: 'operation',
    default: 'provision',
    description:
      'What is done: `provision`; `configure`, which sets keys of an existing instance by input `config` and provisions ' +
      'it with them; or `deprovision`, which removes the instance: its Application, databases, users, bucket, namespace ' +
      'and files.',
    parse: choice({ provision: 'provision', configure: 'configure', deprovision: 'deprovision' }),
  },
  confirm: {
    input: 'confirm',
    description:
      'With `operation: deprovision` the name of the instance once more, or the names of all instances to deprovision: ' +
      'without it the run is refused. A closed pull request needs none for what it added.',
    parse: String,
  },
  keep: {
    input: 'keep',
    description:
      'With `operation: deprovision` what is not deleted: `bucket`, `databases` (with their users), or both between ' +
      'commas. Log, summary and output `kept` name it, and how to use it again.',
    parse: keepList,
  },
  kubeconfig: {
    input: 'kubeconfig',
    secret: 'admin',
    description:
      'Kubeconfig of the cluster, as YAML or as base64 of it. If empty, the files of the variable `KUBECONFIG` are ' +
      'used; without them, on a runner in the cluster, its service account.',
    parse: String,
  },
  githubToken: {
    input: 'github-token',
    secret: 'admin',
    description:
      'Token with which the cluster repository is fetched and pushed, where the credentials of `actions/checkout` ' +
      'shall not be used.',
    parse: text,
  },
  apiToken: {
    input: 'api-token',
    secret: 'admin',
    expression: `\${{ github.token }}`,
    description:
      "Token for GitHub's API, by which the files of a pull request are listed and its comment is written: " +
      '`pull-requests: write`.',
    parse: text,
  },
  repositoryPath: {
    input: 'repository-path',
    default: '.',
    description:
      "Path of the cluster repository's checkout, relative to the workspace; at a terminal to the current directory.",
    parse: text,
  },
  repositoryUrl: {
    input: 'repository-url',
    description:
      'URL by which Argo CD reads the cluster repository. If empty, it is the one that other Applications use for it, ' +
      'else its SSH form `git@host:owner/repository.git`.',
    parse: gitUrl,
  },
  previewProject: {
    input: 'preview-project',
    description:
      'AppProject of Argo CD for what pull requests add. It limits what their files can deploy: set it to a project ' +
      'whose destinations and kinds are those of instances. If empty, it is that of their `application.yml`.',
    parse: projectName,
  },
  template: {
    input: 'template',
    description:
      "What a new instance's files are made from: a directory of the cluster repository, or the URL of a git " +
      'repository. A cookiecutter template, or a directory with a config.yml as `templates/instance/` has it. If ' +
      "empty, the action's own.",
    parse: templatePlace,
  },
  templateVersion: {
    input: 'template-version',
    description:
      'Branch, tag or full commit SHA of a template with a URL; its default branch if empty. On `pull_request` it ' +
      'must be a full commit SHA.',
    parse: gitVersion,
  },
  templateDirectory: {
    input: 'template-directory',
    description:
      'Directory of the instance template in the repository or directory that `template` names. If empty, it is the ' +
      'root, or `instance-template` where the root of a repository has no template.',
    parse: repositoryDirectory,
  },
  fromInstance: {
    input: 'from-instance',
    description:
      'Name of an instance of the cluster repository that a new one is made from: a copy of its files with names, ' +
      'hosts and passwords of its own.',
    parse: text,
  },
  platformName: {
    input: 'platform-name',
    description: 'Name of the platform of a new instance: `PLATFORM_NAME`.',
    parse: platformText,
  },
  edxPlatformRepository: {
    input: 'edx-platform-repository',
    description: 'Git URL of edx-platform for a new instance: `EDX_PLATFORM_REPOSITORY`.',
    parse: platformText,
  },
  edxPlatformVersion: {
    input: 'edx-platform-version',
    description: 'Branch or tag of edx-platform for a new instance: `EDX_PLATFORM_VERSION`.',
    parse: platformText,
  },
  tutorVersion: {
    input: 'tutor-version',
    description: 'Version of Tutor for a new instance: `TUTOR_VERSION`.',
    parse: platformText,
  },
  config: {
    input: 'config',
    description:
      'More keys of config.yml with their values, as YAML. A new instance gets them in place of what the template ' +
      'has; a config.yml that is there gets those that it lacks, and one that it has must have the same value. With ' +
      '`operation: configure` they replace the values of config.yml; a mapping is merged into that of config.yml.',
    parse: String,
  },
  commitAuthorName: {
    input: 'commit-author-name',
    default: 'github-actions[bot]',
    description: 'Name of the author of the commit.',
    parse: identity,
  },
  commitAuthorEmail: {
    input: 'commit-author-email',
    default: '41898282+github-actions[bot]@users.noreply.github.com',
    description: 'E-mail address of the author of the commit.',
    parse: identity,
  },
  deployment: {
    input: 'deployment',
    default: 'false',
    description:
      "Whether the instance gets a deployment in GitHub's environment `launchpad/<instance>`, with the address of its LMS, " +
      '`true` or `false`. It needs `deployments: write`; without that the run only warns.',
    parse: flag,
  },
  argocdNamespace: {
    input: 'argocd-namespace',
    default: ARGOCD_NAMESPACE,
    description:
      "Namespace of Argo CD and its Applications. The action's Leases are there too, so that all workflows for one cluster " +
      'must give the same.',
    parse: namespaceName,
  },
  argocdUrl: {
    input: 'argocd-url',
    description:
      "Address of Argo CD's user interface, such as `https://argocd.example.org`. The next steps then link the " +
      'Application.',
    parse: pageUrl,
  },
  argoWorkflowsUrl: {
    input: 'argo-workflows-url',
    description:
      'Address of the user interface of Argo Workflows, such as `https://argo.example.org`. Log, summary and the output ' +
      '`workflows` then link each workflow.',
    parse: pageUrl,
  },
  argoInstanceId: {
    input: 'argo-instance-id',
    description:
      'Instance ID of the Argo Workflows controller, where its configuration has `instanceID`: such a controller takes up ' +
      'only Workflows with that ID.',
    parse: labelValue,
  },
  namespaceLabels: {
    input: 'namespace-labels',
    description: "Labels for the instance's namespace, as `key=value`, one a line: for policies that require them.",
    parse: labels,
  },
  podLabels: {
    input: 'pod-labels',
    description: "Labels for the workflows' pods, as `key=value`, one a line: for policies that require them.",
    parse: labels,
  },
  podAnnotations: {
    input: 'pod-annotations',
    description: "Annotations for the workflows' pods, as `key=value`, one a line.",
    parse: annotations,
  },
  podResources: {
    input: 'pod-resources',
    description:
      "Requests and limits of all containers of the workflows' pods, such as `limits.cpu=500m`, one a line or between " +
      'commas: for quotas and policies that require others than `requests.cpu=50m`, `requests.memory=96Mi` and ' +
      "`limits.memory=384Mi`. Without it the containers that Argo adds keep what the controller's `executor.resources` say.",
    parse: podResources,
  },
  buildWorkflow: {
    input: 'build-workflow',
    description:
      'Workflow that builds the instance from its `config.yml`: the name of a file in `.github/workflows/`, such as ' +
      '`build.yml`, or the `https` URL of its page. The next steps then link it.',
    parse: workflowPage,
  },
  timeout: {
    input: 'timeout',
    default: '10m',
    description:
      'Longest wait for the workflows, before that for another run of the instance or for its old namespace to be ' +
      'gone, and after it for Argo CD, each. A duration such as `90s`, `10m` or `1h30m`.',
    parse: duration,
  },
  dryRun: {
    input: 'dry-run',
    default: 'false',
    description:
      'Whether the run only finds out and shows what it would do, `true` or `false`. A dry run changes nothing, in the ' +
      'cluster or the repository.',
    parse: flag,
  },
  allowPublicRepository: {
    input: 'allow-public-repository',
    default: 'false',
    description:
      'Whether a public cluster repository may get new passwords, `true` or `false`: config.yml holds them as plain text.',
    parse: flag,
  },
  waitForSync: {
    input: 'wait-for-sync',
    default: 'false',
    description:
      'Whether to wait until Argo CD has synced the Application at the pushed commit, or at one after it, and finds it ' +
      'healthy, `true` or `false`. Where `instances/<name>/env` is not there yet it only says so.',
    parse: flag,
  },
} satisfies Readonly<Record<string, Input>>;

/** What was read of the table. */
export type InputsReading = TableReading<ValuesOf<typeof INPUTS>>;

/** The table as a list. */
export const ALL_INPUTS: readonly Input[] = Object.values(INPUTS);

/** The root of a site that a summary links to. @returns it without a slash at its end */
function pageUrl(value: string): string {
  const url = URL.parse(value);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || /\s/.test(value)) {
    throw new InvalidValue('is not the URL of a page: give one such as "https://argocd.example.org"');
  }
  if (url.username !== '' || url.password !== '') {
    throw new InvalidValue('contains a user or password, which would be shown in the summary: give it without', {
      shown: false,
    });
  }
  return `${url.origin}${url.pathname}`.replace(/(?<!\/)\/+$/, '');
}

function workflowPage(value: string): string {
  const [, file] = /^(?:\.github\/workflows\/)?([\w.-]+\.ya?ml)$/.exec(value) ?? [];
  if (file !== undefined) return file;
  if (value.startsWith('https://')) return pageUrl(value);
  throw new InvalidValue(
    'is not a workflow: give the name of its file, such as "build.yml", or the https URL of its page',
  );
}

/** A name or address of an author; git drops the characters that end one in a commit. */
function identity(value: string): string {
  if (/^[^<>\p{Cc}]+$/u.test(value)) return value;
  throw new InvalidValue('is not accepted in a commit: give it without "<", ">" and line breaks');
}
