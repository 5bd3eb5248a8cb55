/** The table of the inputs that are no settings: what this run is about, and where it runs. No variable stands for them. */
import { duration } from './duration.ts';
import type { Input } from './input.ts';
import { InvalidValue } from './problems.ts';
import { flag, text } from './values.ts';

export const INPUTS = {
  instance: {
    input: 'instance',
    required: 'always',
    description:
      'Name of the instance, also that of its namespace and of its directory in the cluster repository. At most 40 ' +
      'lower-case letters, digits and hyphens; it begins with a letter.',
    parse: text,
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
  repositoryPath: {
    input: 'repository-path',
    default: '.',
    description: "Path of the cluster repository's checkout, relative to the workspace.",
    parse: text,
  },
  repositoryUrl: {
    input: 'repository-url',
    description:
      'URL by which Argo CD reads the cluster repository. If empty, it is the one that other Applications use for it, ' +
      'else its SSH form `git@host:owner/repository.git`.',
    parse: gitUrl,
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
  argocdUrl: {
    input: 'argocd-url',
    description:
      "Address of Argo CD's user interface, such as `https://argocd.example.org`. The job summary then links the " +
      'Application.',
    parse: pageUrl,
  },
  buildWorkflow: {
    input: 'build-workflow',
    description:
      'Workflow that builds the instance from its `config.yml`: the name of a file in `.github/workflows/`, such as ' +
      '`build.yml`, or the `https` URL of its page. The job summary then links it.',
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
  waitForSync: {
    input: 'wait-for-sync',
    default: 'false',
    description:
      'Whether to wait until Argo CD has synced the Application at the pushed commit, or at one after it, and finds it ' +
      'healthy, `true` or `false`. Where `instances/<name>/env` is not there yet it only says so.',
    parse: flag,
  },
} satisfies Readonly<Record<string, Input>>;

/** The table as a list. */
export const ALL_INPUTS: readonly Input[] = Object.values(INPUTS);

function gitUrl(value: string): string {
  if (/^(https?|ssh):\/\/[^\s]+$/.test(value) && URL.canParse(value)) {
    if (new URL(value).password === '') return value;
    throw new InvalidValue('holds a password, which would stand in the Application: give it to Argo CD instead', {
      shown: false,
    });
  }
  if (/^[\w.-]+@[\w.-]+:[^\s:]+$/.test(value)) return value;
  throw new InvalidValue(
    'is not a URL of a git repository: give one such as "https://github.com/org/repository.git" or ' +
      '"git@github.com:org/repository.git"',
  );
}

/** The root of a site that a summary links to. @returns it without a slash at its end */
function pageUrl(value: string): string {
  const url = URL.parse(value);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || /\s/.test(value)) {
    throw new InvalidValue('is not the URL of a page: give one such as "https://argocd.example.org"');
  }
  if (url.username !== '' || url.password !== '') {
    throw new InvalidValue('holds a user or password, which would stand in the summary: give it without', {
      shown: false,
    });
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function workflowPage(value: string): string {
  const [, file] = /^(?:\.github\/workflows\/)?([\w.-]+\.ya?ml)$/.exec(value) ?? [];
  if (file !== undefined) return file;
  if (value.startsWith('https://')) return pageUrl(value);
  throw new InvalidValue(
    'is not a workflow: give the name of its file, such as "build.yml", or the https URL of its page',
  );
}

/** What git accepts as a name or address of an author: it would drop the characters that end one in a commit. */
function identity(value: string): string {
  if (/^[^<>\p{Cc}]+$/u.test(value)) return value;
  throw new InvalidValue('is not accepted in a commit: give it without "<", ">" and line breaks');
}
