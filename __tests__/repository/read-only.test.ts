import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterRepository } from '../../src/repository/cluster-repository.ts';
import { Git } from '../../src/repository/git.ts';
import { givenRepositories, type OpenedRepository } from './given.ts';

const FILES = new Map([['README.md', new TextEncoder().encode('changed\n')]]);
const given = givenRepositories();
let opened: OpenedRepository;
let repository: ClusterRepository;
let packs = 0;
beforeAll(async () => {
  opened = await given.openNew();
  repository = opened.repository.readOnly();
});
beforeEach(() => {
  given.server.beforePush = async () => {
    packs += 1;
  };
});

describe('a read-only repository', () => {
  it('is read, and asked whether we may push', async () => {
    const head = await repository.fetchHead();
    expect(Buffer.from((await head.read('README.md')) ?? []).toString('utf8')).toBe('hello\n');
    await expect(repository.checkPush(head)).resolves.toBeUndefined();
    await expect(repository.requireCommitted(['README.md'], head)).resolves.toBeUndefined();
    expect(packs).toBe(0);
  });

  it('creates no commit and pushes nothing', async () => {
    const before = await given.server.git(opened.name, 'rev-parse', 'main');
    const push = repository.push({ message: 'feat: x', build: async () => FILES });
    await expect(push).rejects.toMatchObject({ code: 'read-only' });
    expect(await given.server.git(opened.name, 'rev-parse', 'main')).toBe(before);
    expect(packs).toBe(0);
  });

  it("copies nothing into the caller's tree", async () => {
    await expect(repository.copyToTree(FILES)).rejects.toMatchObject({ code: 'read-only' });
    expect(await readFile(path.join(opened.checkout.directory, 'README.md'), 'utf8')).toBe('hello\n');
  });

  it.each([
    [['push', 'origin', 'HEAD:refs/heads/other']],
    [['push', 'origin', '--dry-run']],
    [['remote', 'set-url', 'origin', 'https://example.org']],
    [['commit', '--allow-empty', '-m', 'x']],
    [['update-ref', '--no-deref', '-d', 'refs/heads/main']],
    [['update-ref', '--no-deref', '-d', 'refs/launchpad-provision/x/1']],
  ])('refuses git %j', async (args) => {
    const { directory } = opened.checkout;
    const git = new Git({ directory, environment: { PATH: process.env.PATH ?? '' }, config: [], isReadOnly: true });
    await expect(git.run(args)).rejects.toMatchObject({ code: 'read-only' });
    expect(await given.server.git(opened.name, 'branch', '--list', 'other')).toBe('');
  });
});
