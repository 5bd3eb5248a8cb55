import { rmSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Checkout } from '../../sandbox/checkout.ts';
import { localFailure } from '../../src/repository/local-failures.ts';
import { changeOf, givenRepositories } from './given.ts';

const given = givenRepositories();
const BRANCH = 'feature/x';

/** A checkout of a branch `feature/x`, as a self-hosted runner keeps it between two jobs. */
async function kept() {
  const { name, url } = await given.newRepository();
  await given.server.commit(name, { 'a.txt': 'a\n' }, BRANCH);
  const checkout = await given.checkOut(url);
  const lines: string[] = [];
  const open = async () => await given.open(checkout, { branch: BRANCH, onRetry: (line) => lines.push(line) });
  return { name, checkout, open, lines };
}

const refsOf = async ({ git }: Checkout) => (await git('for-each-ref', '--format=%(refname)')).split('\n');
const lock = async ({ directory }: Checkout, file: string) => {
  const target = path.join(directory, '.git', file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, '');
  return target;
};

describe('a kept workspace', () => {
  it.each(['loose', 'packed'])('may have %s refs whose names are in the way of the branch', async (kind) => {
    const { name, checkout, open, lines } = await kept();
    const refs = [
      'refs/remotes/origin/feature',
      'refs/heads/feature',
      'refs/launchpad-provision/heads/feature',
      'refs/launchpad-provision/heads/main/x',
    ];
    for (const ref of refs) await checkout.git('update-ref', ref, 'HEAD');
    if (kind === 'packed') await checkout.git('pack-refs', '--all');
    const before = await refsOf(checkout);
    expect(before).toEqual(expect.arrayContaining(refs));
    const result = await (await open()).push(changeOf('A: 1\n'));
    expect(result).toEqual({ kind: 'pushed', commit: await given.server.git(name, 'rev-parse', BRANCH) });
    expect(await refsOf(checkout)).toEqual(before);
    expect(lines).toEqual([]);
  });

  it.each([
    'index.lock',
    'HEAD.lock',
    'config.lock',
    'packed-refs.lock',
    'FETCH_HEAD.lock',
    'refs/heads/feature/x.lock',
    'refs/remotes/origin/feature/x.lock',
    'refs/launchpad-provision/heads/feature/x.lock',
    'refs/launchpad-provision/compared.lock',
  ])('may have a stale %s', async (file) => {
    const { name, checkout, open } = await kept();
    await lock(checkout, file);
    expect((await (await open()).push(changeOf('A: 1\n'))).kind).toBe('pushed');
    expect(await given.server.log(name, BRANCH)).toHaveLength(3);
  });

  it('whose shallow list is locked is an error that names the lock, after five attempts', async () => {
    const { checkout, open, lines } = await kept();
    const file = await lock(checkout, 'shallow.lock');
    await expect((await open()).fetchHead()).rejects.toMatchObject({
      code: 'checkout-locked',
      message: expect.stringContaining(checkout.directory),
      remedy: expect.stringContaining(`delete ${file}.`),
    });
    expect(lines.map((line) => /Trying again \((.*)\)/.exec(line)?.[1])).toEqual([
      '2 of 5',
      '3 of 5',
      '4 of 5',
      '5 of 5',
    ]);
  });

  it('is waited for while another git process holds a lock', async () => {
    const { name, checkout, lines } = await kept();
    const file = await lock(checkout, 'shallow.lock');
    const onRetry = (line: string) => {
      lines.push(line);
      if (lines.length === 3) rmSync(file);
    };
    const repository = await given.open(checkout, { branch: BRANCH, onRetry });
    expect((await repository.fetchHead()).commit).toBe(await given.server.git(name, 'rev-parse', BRANCH));
    expect(lines).toHaveLength(3);
  });

  it('gets no ref of ours, and no other change', async () => {
    const { name, checkout, open } = await kept();
    const before = await refsOf(checkout);
    const repository = await open();
    const { commit } = await repository.push(changeOf('A: 1\n'));
    await repository.follow('main', commit).includes(await given.server.git(name, 'rev-parse', 'main'));
    await repository.readOnly().fetchHead();
    const after = await given.server.git(name, 'rev-parse', `${BRANCH}^`);
    await repository.changedFiles({ before: after, after: commit, directory: 'instances' });
    const tracking = `refs/remotes/origin/${BRANCH}`;
    expect((await refsOf(checkout)).filter((ref) => ref !== tracking)).toEqual(before);
    const own = path.join(checkout.directory, '.git', 'refs', 'launchpad-provision');
    expect(await readdir(own).catch(() => [])).toEqual([]);
  });

  it('with a ref where our refs are is an error that says how to delete it', async () => {
    const { checkout, open } = await kept();
    await checkout.git('update-ref', 'refs/launchpad-provision', 'HEAD');
    await expect((await open()).fetchHead()).rejects.toMatchObject({
      code: 'checkout-ref-in-the-way',
      remedy: expect.stringContaining('update-ref -d refs/launchpad-provision.'),
    });
  });

  it('that is damaged is an error that says so', async () => {
    const { name, checkout, open } = await kept();
    const repository = await open();
    const head = await repository.fetchHead();
    const tree = await given.server.git(name, 'rev-parse', `${BRANCH}^{tree}`);
    const file = path.join(checkout.directory, '.git', 'objects', tree.slice(0, 2), tree.slice(2));
    await rm(file);
    await writeFile(file, '');
    await expect(head.read('a.txt')).rejects.toMatchObject({ code: 'checkout-damaged' });
  });
});

describe("git's words about the checkout", () => {
  it.each([
    ['error: cannot lock references', 'checkout-locked', true],
    ['fatal: shallow file has changed since we read it', 'checkout-locked', true],
    ["fatal: detected dubious ownership in repository at '/w'", 'checkout-of-another-user', false],
    ["fatal: unsafe repository ('/w' is owned by someone else)", 'checkout-of-another-user', false],
    ['fatal: write error: No space left on device', 'disk-failed', false],
    [
      'error: insufficient permission for adding an object to repository database .git/objects',
      'checkout-not-writable',
      false,
    ],
    ["error: cannot open '.git/FETCH_HEAD': Permission denied", 'checkout-not-writable', false],
    ["fatal: Unable to create '/w/.git/shallow.lock': Read-only file system", 'checkout-not-writable', false],
    ['error: object file .git/objects/ab/cd is empty', 'checkout-damaged', false],
    ["error: unknown option `no-write-fetch-head'\nusage: git fetch", 'git-too-old', false],
    ['remote: fatal: write error: No space left on device', undefined, undefined],
    ['git@git.example.org: Permission denied (publickey).', undefined, undefined],
    ['fatal: could not read Username for https://git.example.org: terminal prompts disabled', undefined, undefined],
  ])('%j: %s', (stderr, code, isTransient) => {
    const failure = localFailure(stderr, '/w');
    expect({ code: failure?.error.code, isTransient: failure?.isTransient }).toEqual({ code, isTransient });
  });

  it.each(["Unable to create '", "'refs/", 'create ', 'object file ', 'packfile ', 'remote:'])(
    'are read within a second at 1 MiB of %j',
    (part) => {
      const start = performance.now();
      localFailure(part.repeat(2 ** 20 / part.length), '/w');
      expect(performance.now() - start).toBeLessThan(1_000);
    },
  );
});
