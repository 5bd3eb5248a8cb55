import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { CommitMissing } from '../../src/repository/changed-files.ts';
import { givenRepositories } from './given.ts';

const run = promisify(execFile);
const given = givenRepositories();
let name = '';
let url = '';
let full = '';
let before = '';
let after = '';
beforeAll(async () => {
  const files = { 'instances/a/config.yml': 'A: 1\n', 'instances/b/config.yml': 'B: 1\n' };
  ({ name, url } = await given.newRepository(files, 'public'));
  full = path.join(given.home, 'full');
  await run('git', ['clone', '--quiet', url, full]);
  await given.server.commit(name, { 'docs/a.md': 'a\n' });
  before = await given.server.git(name, 'rev-parse', 'main');
  await given.server.commit(name, {
    'instances/a/config.yml': 'A: 2\n',
    'instances/ä "quoted"\t/config.yml': 'C: 1\n',
    'instances-of-others/d/config.yml': 'D: 1\n',
  });
  after = await given.server.git(name, 'rev-parse', 'main');
  await given.server.commit(name, { 'docs/a.md': 'b\n' });
});
const CHANGED = [
  { path: 'instances/a/config.yml', isRemoved: false },
  { path: 'instances/ä "quoted"\t/config.yml', isRemoved: false },
];

describe('the files that differ between two commits of the remote', () => {
  it('are found from a checkout of depth 1, which gets no more of the history', async () => {
    const checkout = await given.checkOut(url);
    const repository = await given.open(checkout);
    expect(await repository.changedFiles({ before, after, directory: 'instances' })).toEqual(CHANGED);
    expect(await checkout.git('rev-list', '--count', before)).toBe('1');
    const back = await repository.changedFiles({ before: after, after: before, directory: 'instances' });
    expect(back).toEqual(CHANGED.map((change) => ({ ...change, isRemoved: change.path !== 'instances/a/config.yml' })));
  });

  it('are found from a full clone, which stays full', async () => {
    const repository = await given.open({ directory: full });
    expect(await repository.changedFiles({ before, after, directory: 'instances' })).toEqual(CHANGED);
    const { stdout } = await run('git', ['-C', full, 'rev-parse', '--is-shallow-repository']);
    expect(stdout.trim()).toBe('false');
    expect((await run('git', ['-C', full, 'rev-list', '--count', after])).stdout.trim()).toBe('3');
  });

  it.each(['0123456789'.repeat(4), '--upload-pack=touch /tmp/x', 'main', ''])(
    'are unknown if %j is not a commit of it',
    async (commit) => {
      const repository = await given.open({ directory: full });
      const changes = repository.changedFiles({ before: commit, after, directory: 'instances' });
      await expect(changes).rejects.toThrow(CommitMissing);
    },
  );
});
