import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CloneReader, requireAuthor } from '../../src/command-line/clone.ts';
import { messageThrownBy } from '../action/given.ts';

/** Git with no configuration but the clone's. */
const ENVIRONMENT = { PATH: process.env.PATH ?? '', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'launchpad-clone-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const git = (...args: string[]) => promisify(execFile)('git', ['-C', directory, ...args], { env: ENVIRONMENT });
const reader = () => new CloneReader(directory, ENVIRONMENT);
const clone = async () => {
  await git('init', '--quiet', '--initial-branch=main');
  await git('remote', 'add', 'origin', 'git@github.com:example-org/cluster.git');
};
const commit = async () => {
  await writeFile(path.join(directory, 'README.md'), 'Instances\n');
  await git('add', '.');
  await git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '-m', 'First');
};

describe('a clone of the cluster repository', () => {
  it('is worked on at its current branch', async () => {
    await clone();
    await git('checkout', '--quiet', '-b', 'staging');
    expect(await reader().read(undefined)).toEqual({
      branch: 'staging',
      remote: 'origin',
      remoteUrl: 'git@github.com:example-org/cluster.git',
    });
  });

  it('has the branch that the current one follows, under its name at that remote', async () => {
    await clone();
    await git('remote', 'add', 'upstream', 'https://github.com/example-org/cluster');
    await git('config', 'branch.main.remote', 'upstream');
    await git('config', 'branch.main.merge', 'refs/heads/production');
    expect(await reader().read(undefined)).toEqual({
      branch: 'production',
      remote: 'upstream',
      remoteUrl: 'https://github.com/example-org/cluster',
    });
  });

  it('has the branch of the option before all others, also with a detached HEAD', async () => {
    await clone();
    await commit();
    await git('checkout', '--quiet', '--detach');
    await expect(reader().read(undefined)).rejects.toMatchObject({ code: 'not-a-branch' });
    expect((await reader().read('release')).branch).toBe('release');
  });

  it('that is none, or has no remote, is an error that says so', async () => {
    await expect(reader().read(undefined)).rejects.toMatchObject({
      code: 'no-checkout',
      message: expect.stringContaining('not a clone of a git repository'),
    });
    await git('init', '--quiet', '--initial-branch=main');
    await expect(reader().read(undefined)).rejects.toMatchObject({
      code: 'no-checkout',
      message: expect.stringContaining('no remote origin'),
    });
    await expect(new CloneReader(path.join(directory, 'gone'), ENVIRONMENT).read(undefined)).rejects.toMatchObject({
      code: 'no-checkout',
      message: expect.stringContaining('is not a directory'),
    });
  });

  it('tells who makes its commits, and which files are committed', async () => {
    await clone();
    expect(await reader().author()).toEqual({ name: undefined, email: undefined });
    await git('config', 'user.name', 'Ada');
    await git('config', 'user.email', 'ada@example.org');
    expect(await reader().author()).toEqual({ name: 'Ada', email: 'ada@example.org' });
    await commit();
    await writeFile(path.join(directory, '.env'), '');
    expect(await reader().holds('README.md')).toBe(true);
    expect(await reader().holds('.env')).toBe(false);
  });
});

describe('the author of the commit', () => {
  it('must be known, by git or by the options', () => {
    const email = 'ada@example.org';
    expect(requireAuthor({ name: 'Ada', email })).toEqual({ name: 'Ada', email });
    expect(messageThrownBy(() => requireAuthor({ name: undefined, email }))).toContain(
      "user.name not set in git's configuration",
    );
    const neither = () => requireAuthor({ name: undefined, email: undefined });
    expect(messageThrownBy(neither)).toContain('user.name and user.email not set');
  });
});
