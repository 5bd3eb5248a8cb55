import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { changeOf, givenRepositories } from './given.ts';

const given = givenRepositories();
const GIT = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();

type Work = (environment: Record<string, string>) => Promise<void>;

/** Searches programs there alone, in this process and in git. */
async function searching(directories: string, work: Work): Promise<void> {
  const searched = process.env.PATH;
  process.env.PATH = directories;
  try {
    await work({ ...given.environment, PATH: directories });
  } finally {
    process.env.PATH = searched;
  }
}

/** A `git` that is found before the real one. The git server has it too, and is told by GIT_PROJECT_ROOT. */
async function withGit(script: string, work: Work): Promise<void> {
  const bin = await mkdtemp(path.join(given.home, 'bin'));
  const lines = ['#!/bin/sh', `[ -z "$GIT_PROJECT_ROOT" ] || exec ${GIT} "$@"`, script, ''];
  await writeFile(path.join(bin, 'git'), lines.join('\n'), { mode: 0o755 });
  await searching(`${bin}:${process.env.PATH}`, work);
}

describe('variables of git in the environment', () => {
  it('do not lead it to another repository, tree, index or object store, and make no other commit', async () => {
    const other = await given.openNew({ 'other.txt': 'other\n' });
    const elsewhere = path.join(other.checkout.directory, '.git');
    const { name, checkout } = await given.openNew();
    const before = await other.checkout.git('status', '--porcelain');
    const environment = {
      ...given.environment,
      GIT_DIR: elsewhere,
      GIT_WORK_TREE: other.checkout.directory,
      GIT_INDEX_FILE: path.join(elsewhere, 'index'),
      GIT_OBJECT_DIRECTORY: path.join(elsewhere, 'objects'),
      GIT_COMMON_DIR: elsewhere,
      GIT_NAMESPACE: 'other',
      GIT_CEILING_DIRECTORIES: checkout.directory,
      GIT_SHALLOW_FILE: '/nowhere',
      GIT_LITERAL_PATHSPECS: '1',
      GIT_AUTHOR_DATE: '2001-01-01T00:00:00Z',
      GIT_COMMITTER_DATE: '2001-01-01T00:00:00Z',
      GIT_CONFIG_PARAMETERS: "'user.name'='somebody'",
      GIT_CONFIG_COUNT: 'many',
      GIT_EDITOR: 'false',
      GIT_PAGER: 'false',
      GIT_EXTERNAL_DIFF: 'false',
    };
    const repository = await given.open(checkout, { environment });
    expect((await repository.push(changeOf('A: 1\n'))).kind).toBe('pushed');
    expect(await given.server.log(name)).toEqual(['feat: add', 'Change README.md']);
    expect(await given.server.git(name, 'log', '-1', '--format=%an %ad', '--date=format:%Y')).not.toContain('2001');
    expect(await given.server.log(other.name)).toHaveLength(1);
    expect(await other.checkout.git('status', '--porcelain')).toBe(before);
    const head = await repository.fetchHead();
    await expect(repository.requireCommitted(['instances/school/config.yml'], head)).resolves.toBeUndefined();
  });
});

describe('a checkout', () => {
  it('of another user is used, as the operator named it', async () => {
    const { name, checkout } = await given.openNew();
    await withGit(`GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec ${GIT} "$@"`, async (environment) => {
      const repository = await given.open(checkout, { environment });
      expect((await repository.push(changeOf('A: 1\n'))).kind).toBe('pushed');
    });
    expect(await given.server.log(name)).toHaveLength(2);
  });

  it('of another user, with a git that does not take our word, is an error with the command that trusts it', async () => {
    const { checkout } = await given.openNew();
    const script = `echo "fatal: unsafe repository ('${checkout.directory}' is owned by someone else)" >&2; exit 128`;
    await withGit(script, async (environment) => {
      await expect(given.open(checkout, { environment })).rejects.toMatchObject({
        code: 'checkout-of-another-user',
        remedy: expect.stringContaining(`git config --global --add safe.directory ${checkout.directory}`),
      });
    });
  });

  it('that actions/checkout downloaded without git is an error that says so', async () => {
    const directory = await mkdtemp(path.join(given.home, 'download'));
    await mkdir(path.join(directory, 'instances'));
    await writeFile(path.join(directory, 'README.md'), 'hello\n');
    await expect(given.open({ directory })).rejects.toMatchObject({
      code: 'no-checkout',
      message: `${directory} has files, and is not a checkout of a git repository.`,
      remedy: expect.stringContaining('install git before that step: without git it downloads the files alone'),
    });
    expect(await readdir(directory)).toEqual(['README.md', 'instances']);
  });

  it('that is not there, or is worked on without git or with an old one, is an error of its own', async () => {
    await expect(given.open({ directory: path.join(given.home, 'nowhere') })).rejects.toMatchObject({
      code: 'no-checkout',
      message: expect.stringContaining('nowhere is not a directory that can be read'),
    });
    const { checkout } = await given.openNew();
    const script = `case "$*" in fetch*) echo "error: unknown option \\\`no-write-fetch-head'" >&2; exit 129;; esac; exec ${GIT} "$@"`;
    await withGit(script, async (environment) => {
      const repository = await given.open(checkout, { environment });
      await expect(repository.fetchHead()).rejects.toMatchObject({ code: 'git-too-old' });
    });
    await searching(given.home, async (environment) => {
      const opened = given.open(checkout, { environment });
      await expect(opened).rejects.toMatchObject({
        code: 'git-missing',
        remedy: expect.stringContaining('Install git'),
      });
    });
  });
});
