import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClusterRepository } from '../../src/repository/cluster-repository.ts';
import { readInstanceFiles } from '../../src/repository/instance-files.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'launchpad-place-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const git = (directory: string, ...args: readonly string[]) =>
  execFileSync('git', ['-C', directory, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1' },
  });

/** A bare repository with one commit, and a checkout of it. */
async function checkout(name: string, format = 'sha1'): Promise<string> {
  const [remote, directory] = [path.join(home, `${name}.git`), path.join(home, name)];
  git(home, 'init', '--quiet', '--bare', '-b', 'main', `--object-format=${format}`, remote);
  git(home, 'init', '--quiet', '-b', 'main', `--object-format=${format}`, directory);
  git(directory, 'remote', 'add', 'origin', remote);
  await mkdir(path.join(directory, 'instances', 'a'), { recursive: true });
  await writeFile(path.join(directory, 'instances', 'a', 'config.yml'), 'A: 1\n');
  commit(directory);
  return directory;
}

function commit(directory: string) {
  git(directory, 'add', '.');
  git(directory, 'commit', '--quiet', '-m', 'change');
  git(directory, 'push', '--quiet', 'origin', 'HEAD:main');
}

const open = (directory: string) =>
  ClusterRepository.open({
    directory,
    mustBeRoot: true,
    remote: 'origin',
    branch: 'main',
    token: undefined,
    author: { name: 'a', email: 'a@example.org' },
    environment: { PATH: process.env.PATH ?? '', HOME: home },
  });

describe('a checkout', () => {
  it('around the directory is not taken for it', async () => {
    const outer = await checkout('dotfiles');
    const workspace = path.join(outer, 'workspace');
    await mkdir(workspace);
    await expect(open(workspace)).rejects.toMatchObject({
      code: 'no-checkout',
      message: expect.stringContaining(`inside another one, ${outer}`),
      remedy: expect.stringContaining('repository-path'),
    });
    await expect(open(outer)).resolves.toBeDefined();
  });

  it('may be reached through a link', async () => {
    const directory = await checkout('cluster');
    await symlink(directory, path.join(home, 'link'));
    await expect(open(path.join(home, 'link'))).resolves.toBeDefined();
  });
});

describe('the directory of an instance', () => {
  it.each([
    ['a symbolic link', (directory: string) => symlink('../instances/a', path.join(directory, 'instances', 'b'))],
    ['a file', (directory: string) => writeFile(path.join(directory, 'instances', 'b'), 'x')],
    [
      'a submodule',
      async (directory: string) => {
        const head = git(directory, 'rev-parse', 'HEAD').trim();
        git(directory, 'update-index', '--add', '--cacheinfo', `160000,${head},instances/b`);
        git(directory, 'commit', '--quiet', '-m', 'submodule');
        git(directory, 'push', '--quiet', 'origin', 'HEAD:main');
      },
    ],
  ])('that is %s is refused as soon as it is read', async (what, add) => {
    const directory = await checkout('cluster');
    await add(directory);
    if (what !== 'a submodule') commit(directory);
    const heads = await (await open(directory)).fetchHeads();
    await expect(readInstanceFiles(heads, 'instances', 'b')).rejects.toMatchObject({
      code: 'not-a-file',
      message: `instances/b is ${what} in the cluster repository, not a directory.`,
    });
  });
});

it('a repository with SHA-256 takes a push and a removal', async () => {
  const directory = await checkout('cluster', 'sha256');
  const repository = await open(directory);
  const file = 'instances/b/config.yml';
  const add = { message: 'add', build: async () => new Map([[file, new TextEncoder().encode('B: 1\n')]]) };
  expect(await repository.push(add)).toMatchObject({ kind: 'pushed', commit: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const remove = { message: 'remove', build: async () => new Map([[file, undefined]]) };
  expect(await repository.push(remove)).toMatchObject({ kind: 'pushed' });
  const files = git(path.join(home, 'cluster.git'), 'ls-tree', '-r', '--name-only', 'main');
  expect(files.trim()).toBe('instances/a/config.yml');
});
