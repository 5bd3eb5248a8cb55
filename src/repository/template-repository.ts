import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LaunchpadError } from '../core/errors.ts';
import type { TemplateFiles } from '../instance/templates/template-files.ts';
import { BranchHead } from './branch-head.ts';
import { Git, withoutCredentials } from './git.ts';
import { classify } from './refusals.ts';

export interface TemplateRepository {
  readonly url: string;
  /** Branch, tag or commit; undefined: the default branch. */
  readonly version: string | undefined;
  readonly directory: string | undefined;
}

/** How often a fetch is made again after the connection failed. */
const TRIES = 3;

/** Where a repository keeps its instance template, where the caller does not say: at its root, or as Launchpad's does. */
const USUAL_DIRECTORY = 'instance-template';

/**
 * Fetches a template from a git repository of its own, into a directory that is gone afterwards. The cluster
 * repository's credentials are not known there, and nothing is checked out: no hook, filter or submodule comes into it.
 *
 * @param environment of git
 * @throws LaunchpadError `template-unreachable`, or `template-invalid` where there is no template in it
 */
export async function fetchTemplate(
  { url, version, directory }: TemplateRepository,
  environment: Readonly<Record<string, string>>,
): Promise<TemplateFiles> {
  const repository = await mkdtemp(path.join(tmpdir(), 'launchpad-template-'));
  try {
    const git = new Git({
      directory: repository,
      environment: { ...environment, GIT_ALLOW_PROTOCOL: 'https:http:ssh' },
      config: [],
    });
    await git.text(['init', '--quiet', '--bare', '.']);
    const head = new BranchHead(git, await fetchVersion(git, url, version));
    const found = directory ?? (await usualDirectory(head));
    const name = found === '' ? withoutCredentials(url) : `${withoutCredentials(url)}/${found}`;
    return { name, version, files: await head.readTree(found, name) };
  } finally {
    await rm(repository, { recursive: true, force: true });
  }
}

async function fetchVersion(git: Git, url: string, version = 'HEAD'): Promise<string> {
  const args = ['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', url, version];
  for (let attempt = 1; ; attempt += 1) {
    const { code, stderr } = await git.run(args);
    if (code === 0) return await git.text(['rev-parse', 'FETCH_HEAD^{commit}']);
    const { kind } = classify(stderr, { remote: url, branch: version });
    if (kind !== 'connection' || attempt >= TRIES) throw unreachable(url, version, stderr);
    await setTimeout(500 * attempt);
  }
}

function unreachable(url: string, version: string, stderr: string): LaunchpadError {
  const isMissing = /couldn't find remote ref|not our ref|unadvertised object/i.test(stderr);
  const from = withoutCredentials(url);
  return new LaunchpadError(
    'template-unreachable',
    isMissing
      ? `The repository of the template, ${from}, has no ${version}. Git says: ${withoutCredentials(stderr)}`
      : `The template could not be fetched from ${from}. Git says: ${withoutCredentials(stderr)}`,
    {
      remedy: isMissing
        ? 'Set template-version to a branch, a tag or a full commit SHA that is there.'
        : 'Check the URL in input template. A private repository is read by an SSH URL and a key in an SSH agent: the credentials of the cluster repository are not used for it.',
    },
  );
}

async function usualDirectory(head: BranchHead): Promise<string> {
  for (const file of ['cookiecutter.json', 'config.yml']) if (await head.exists(file)) return '';
  return (await head.exists(USUAL_DIRECTORY)) ? USUAL_DIRECTORY : '';
}
