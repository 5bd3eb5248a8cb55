import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { checkOut } from '../../sandbox/checkout.ts';
import { type GitServer, startGitServer } from '../../sandbox/git/server.ts';
import { CommitMissing } from '../../src/repository/changed-files.ts';
import { ClusterRepository } from '../../src/repository/cluster-repository.ts';

const run = promisify(execFile);
const TOKEN = 'changes-token-9e';
const NAME = 'public/changes';

let server: GitServer;
let directory: string;
let before = '';
let after = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'launchpad-changes-'));
  server = await startGitServer([{ name: 'x-access-token', password: TOKEN, mayPush: true }]);
  await server.createRepository(NAME, { 'instances/a/config.yml': 'A: 1\n', 'instances/b/config.yml': 'B: 1\n' });
  await run('git', ['clone', '--quiet', `${server.url}/${NAME}.git`, path.join(directory, 'full')]);
  await server.commit(NAME, { 'docs/a.md': 'a\n' });
  before = await server.git(NAME, 'rev-parse', 'main');
  await server.commit(NAME, {
    'instances/a/config.yml': 'A: 2\n',
    'instances/ä "quoted"\t/config.yml': 'C: 1\n',
    'instances-of-others/d/config.yml': 'D: 1\n',
  });
  after = await server.git(NAME, 'rev-parse', 'main');
  await server.commit(NAME, { 'docs/a.md': 'b\n' });
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function open(checkout: string): Promise<ClusterRepository> {
  return await ClusterRepository.open({
    directory: checkout,
    remote: 'origin',
    branch: 'main',
    token: undefined,
    author: { name: 'A Robot', email: 'robot@example.org' },
    environment: { PATH: process.env.PATH ?? '', HOME: directory },
  });
}

const CHANGED = [
  { path: 'instances/a/config.yml', isRemoved: false },
  { path: 'instances/ä "quoted"\t/config.yml', isRemoved: false },
];

describe('the files that differ between two commits of the remote', () => {
  it('are found from a checkout of depth 1, which gets no more of the history', async () => {
    const checkout = await checkOut(`${server.url}/${NAME}.git`, TOKEN);
    const repository = await open(checkout.directory);
    expect(await repository.changedFiles({ before, after, directory: 'instances' })).toEqual(CHANGED);
    expect(await checkout.git('rev-list', '--count', before)).toBe('1');
    const back = await repository.changedFiles({ before: after, after: before, directory: 'instances' });
    expect(back).toEqual(CHANGED.map((change) => ({ ...change, isRemoved: change.path !== 'instances/a/config.yml' })));
    await checkout.remove();
  });

  it('are found from a full clone, which stays full', async () => {
    const full = path.join(directory, 'full');
    const repository = await open(full);
    expect(await repository.changedFiles({ before, after, directory: 'instances' })).toEqual(CHANGED);
    const { stdout } = await run('git', ['-C', full, 'rev-parse', '--is-shallow-repository']);
    expect(stdout.trim()).toBe('false');
    expect((await run('git', ['-C', full, 'rev-list', '--count', after])).stdout.trim()).toBe('3');
  });

  it.each(['0123456789'.repeat(4), '--upload-pack=touch /tmp/x', 'main', ''])(
    'are not known where %j is no commit of it',
    async (commit) => {
      const repository = await open(path.join(directory, 'full'));
      const changes = repository.changedFiles({ before: commit, after, directory: 'instances' });
      await expect(changes).rejects.toThrow(CommitMissing);
    },
  );
});
