import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Checkout, checkOut } from '../../sandbox/checkout.ts';
import { type GitServer, startGitServer } from '../../sandbox/git/server.ts';
import { ClusterRepository } from '../../src/repository/cluster-repository.ts';
import { Git } from '../../src/repository/git.ts';

const NAME = 'org/cluster';
const FILES = new Map([['README.md', new TextEncoder().encode('changed\n')]]);
let server: GitServer;
let checkout: Checkout;
let repository: ClusterRepository;
let packs = 0;
beforeAll(async () => {
  server = await startGitServer([{ name: 'x-access-token', password: 'token', mayPush: true }]);
  server.beforePush = async () => {
    packs += 1;
  };
  checkout = await checkOut(await server.createRepository(NAME, { 'README.md': 'hello\n' }), 'token');
  const writable = await ClusterRepository.open({
    directory: checkout.directory,
    remote: 'origin',
    branch: 'main',
    token: undefined,
    author: { name: 'A Robot', email: 'robot@example.org' },
    environment: { PATH: process.env.PATH ?? '', HOME: checkout.directory },
  });
  repository = writable.readOnly();
});
afterAll(async () => {
  await checkout.remove();
  await server.stop();
});

describe('a repository that was opened to be read', () => {
  it('is read, and asked whether we may push', async () => {
    const head = await repository.fetchHead();
    expect(Buffer.from((await head.read('README.md')) ?? []).toString('utf8')).toBe('hello\n');
    await expect(repository.checkPush(head)).resolves.toBeUndefined();
    await expect(repository.requireCommitted(['README.md'], head)).resolves.toBeUndefined();
    expect(packs).toBe(0);
  });

  it('makes no commit and no push', async () => {
    const before = await server.git(NAME, 'rev-parse', 'main');
    const push = repository.push({ message: 'feat: x', build: async () => FILES });
    await expect(push).rejects.toMatchObject({ code: 'read-only' });
    expect(await server.git(NAME, 'rev-parse', 'main')).toBe(before);
    expect(packs).toBe(0);
  });

  it("copies nothing into the caller's tree", async () => {
    await expect(repository.copyToTree(FILES)).rejects.toMatchObject({ code: 'read-only' });
    expect(await readFile(path.join(checkout.directory, 'README.md'), 'utf8')).toBe('hello\n');
  });

  it.each([
    [['push', 'origin', 'HEAD:refs/heads/other']],
    [['push', 'origin', '--dry-run']],
    [['remote', 'set-url', 'origin', 'https://example.org']],
    [['commit', '--allow-empty', '-m', 'x']],
  ])('refuses git %j', async (args) => {
    const { directory } = checkout;
    const git = new Git({ directory, environment: { PATH: process.env.PATH ?? '' }, config: [], isReadOnly: true });
    await expect(git.run(args)).rejects.toMatchObject({ code: 'read-only' });
    expect(await server.git(NAME, 'branch', '--list', 'other')).toBe('');
  });
});
