import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Memo } from '../core/concurrency.ts';
import { LaunchpadError } from '../core/errors.ts';
import { instancePaths } from '../instance/name.ts';
import type { NewInstanceSource, TemplateSource } from '../instance/new/options.ts';
import type { TemplateFiles } from '../instance/templates/template-files.ts';
import { BranchHead } from './branch-head.ts';
import { isMissing } from './fetch.ts';
import { Git, type GitOptions } from './git.ts';
import { classify } from './refusals.ts';
import { failedAttempt, type Remote, retryTransient } from './remote.ts';
import { quotedWords, withoutCredentials } from './words.ts';

interface TemplateSourceOptions extends FetchOptions {
  readonly instancesDirectory: string;
}

/** Reads the source of a new instance's files; a separate repository is fetched once in a run. */
export class TemplateSources {
  readonly #source: NewInstanceSource;
  readonly #options: TemplateSourceOptions;
  readonly #fetched = new Memo<TemplateFiles>();

  constructor(source: NewInstanceSource, options: TemplateSourceOptions) {
    this.#source = source;
    this.#options = options;
  }

  /**
   * @param head commit of the cluster repository that a directory or another instance is read from
   * @returns undefined for the action's own template
   * @throws LaunchpadError if it is missing, or cannot be read
   */
  async read(head: BranchHead): Promise<TemplateSource | undefined> {
    const source = this.#source;
    switch (source.kind) {
      case 'built-in':
        return undefined;
      case 'directory': {
        const files = await head.readTree(source.path, source.path);
        return { kind: 'template', template: { name: source.path, version: undefined, files } };
      }
      case 'git': {
        const template = await this.#fetched.get(source.url, () => fetchTemplate(source, this.#options));
        return { kind: 'template', template };
      }
      case 'instance':
        return await this.#instance(head, source.name);
    }
  }

  async #instance(head: BranchHead, name: string): Promise<TemplateSource> {
    const paths = instancePaths(this.#options, name);
    const [config, application] = await Promise.all([head.read(paths.config), head.read(paths.application)]);
    if (config !== undefined) return { kind: 'instance', name, config, application };
    throw new LaunchpadError('source-missing', `There is no ${paths.config} to create the instance from.`, {
      remedy: 'Set from-instance to the name of an instance that the cluster repository has.',
    });
  }
}

interface TemplateRepository {
  readonly url: string;
  /** Branch, tag or commit; undefined: the default branch. */
  readonly version: string | undefined;
  readonly directory: string | undefined;
}

/** Directory of the instance template if it is not at the root, as in Launchpad's repository. */
const USUAL_DIRECTORY = 'instance-template';

/** Environment of git, what ends it, and where its commands and retries are logged. */
export type FetchOptions = Pick<GitOptions, 'environment' | 'signal' | 'onCommand'> & Pick<Remote, 'onRetry' | 'clock'>;

/**
 * Fetches a template from a separate git repository, into a temporary directory. Git does not have the cluster repository's
 * credentials there, and checks nothing out: no hook, filter or submodule has an effect.
 *
 * @throws the signal's reason when it aborts; LaunchpadError `template-unreachable`, or `template-invalid` if the
 *   repository has no template
 */
export async function fetchTemplate(
  { url, version, directory }: TemplateRepository,
  options: FetchOptions,
): Promise<TemplateFiles> {
  const repository = await mkdtemp(path.join(tmpdir(), 'launchpad-template-'));
  const environment = { ...options.environment, GIT_ALLOW_PROTOCOL: 'https:http:ssh' };
  const git = new Git({ ...options, directory: repository, environment, config: [] });
  try {
    await git.text(['init', '--quiet', '--bare', '.']);
    const remote = { ...options, name: url, url, branch: version ?? 'HEAD' };
    const head = new BranchHead(git, await fetchVersion(git, remote));
    const found = directory ?? (await usualDirectory(head));
    const name = found === '' ? withoutCredentials(url) : `${withoutCredentials(url)}/${found}`;
    return { name, version, files: await head.readTree(found, name) };
  } finally {
    git.close();
    await rm(repository, { recursive: true, force: true });
  }
}

async function fetchVersion(git: Git, remote: Remote): Promise<string> {
  const args = ['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', remote.name, remote.branch];
  return await retryTransient(remote, async () => {
    const result = await git.run(args);
    if (result.code === 0) return await git.text(['rev-parse', 'FETCH_HEAD^{commit}']);
    const { isTransient } = classify(result.stderr, remote);
    throw failedAttempt({ error: unreachable(result.stderr, remote), isTransient }, result, remote);
  });
}

function unreachable(stderr: string, { url, branch: version }: Remote): LaunchpadError {
  const hasNoVersion = isMissing(stderr, version);
  const from = withoutCredentials(url);
  return new LaunchpadError(
    'template-unreachable',
    hasNoVersion
      ? `The repository of the template, ${from}, has no ${version}. Git says: ${quotedWords(stderr)}`
      : `The template could not be fetched from ${from}. Git says: ${quotedWords(stderr)}`,
    {
      remedy: hasNoVersion
        ? 'Set template-version to an existing branch, tag or full commit SHA.'
        : 'Check the URL in input template. A private repository is read by an SSH URL and a key in an SSH agent: the credentials of the cluster repository are not used for it.',
    },
  );
}

async function usualDirectory(head: BranchHead): Promise<string> {
  for (const file of ['cookiecutter.json', 'config.yml']) if (await head.exists(file)) return '';
  return (await head.exists(USUAL_DIRECTORY)) ? USUAL_DIRECTORY : '';
}
