import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Checkout } from '../../sandbox/checkout.ts';
import type { BranchHead } from '../../src/repository/branch-head.ts';
import { changeOf, givenRepositories, READER_TOKEN, TOKEN } from './given.ts';

const run = promisify(execFile);
const FILE = 'instances/school/config.yml';
const bytes = (text: string) => new TextEncoder().encode(text);
const given = givenRepositories();

/** What the caller's clone looks like: nothing of it may change. */
async function stateOf({ git }: Checkout): Promise<string> {
  const parts = [
    ['rev-parse', 'HEAD'],
    ['for-each-ref', 'refs/heads'],
    ['status', '--porcelain'],
    ['config', '--list', '--show-origin'],
    ['ls-files', '--stage'],
  ];
  return (await Promise.all(parts.map((args) => git(...args)))).join('\n');
}

describe('a push', () => {
  it('makes one commit of exactly the files, by the author, on top of the newest branch head, and leaves the clone as it was', async () => {
    const { name, checkout, repository } = await given.openNew();
    await given.server.commit(name, { 'other.txt': 'newer\n' });
    const before = await stateOf(checkout);
    const result = await repository.push(changeOf('A: 1\r\n\ttab  \n'));
    expect(result.kind).toBe('pushed');
    expect(result.commit).toBe(await given.server.git(name, 'rev-parse', 'main'));
    expect(await given.server.read(name, FILE)).toEqual(Buffer.from('A: 1\r\n\ttab  \n'));
    expect(await given.server.git(name, 'show', '--format=%an <%ae>|%cn|%s', '--name-only', 'main')).toBe(
      `A Robot <robot@example.org>|A Robot|feat: add\n\n${FILE}`,
    );
    expect(await given.server.log(name)).toEqual(['feat: add', 'Change other.txt', 'Change README.md']);
    expect(await stateOf(checkout)).toBe(before);
  });

  it('changes no byte, with any attributes and configuration of line ends', async () => {
    const { name, url } = await given.newRepository({ '.gitattributes': '* text=auto eol=crlf\n' });
    const checkout = await given.checkOut(url);
    await checkout.git('config', 'core.autocrlf', 'true');
    await (await given.open(checkout)).push(changeOf('a\nb\r\nc'));
    expect(await given.server.read(name, FILE)).toEqual(Buffer.from('a\nb\r\nc'));
  });

  it('works from a detached checkout, with hooks and signing that would refuse', async () => {
    const { name, url } = await given.newRepository();
    const checkout = await given.checkOut(url);
    await checkout.git('checkout', '--quiet', '--detach');
    await checkout.git('config', 'commit.gpgsign', 'true');
    const hook = path.join(checkout.directory, '.git', 'hooks', 'pre-push');
    await writeFile(hook, '#!/bin/sh\nexit 1\n');
    await chmod(hook, 0o755);
    expect((await (await given.open(checkout)).push(changeOf('A: 1\n'))).kind).toBe('pushed');
    expect(await given.server.read(name, FILE)).toBeDefined();
  });

  it('commits nothing if the branch has the files already', async () => {
    const { name, url } = await given.newRepository({ [FILE]: 'A: 1\n' });
    const checkout = await given.checkOut(url);
    const head = await given.server.git(name, 'rev-parse', 'main');
    expect(await (await given.open(checkout)).push(changeOf('A: 1\n'))).toEqual({ kind: 'unchanged', commit: head });
    expect(await given.server.git(name, 'rev-parse', 'main')).toBe(head);
  });

  it('is created again on the newer branch head if somebody else was faster, and gives up after five attempts', async () => {
    const { name, repository } = await given.openNew();
    let races = 2;
    given.server.beforePush = async () => {
      races -= 1;
      if (races >= 0) await given.server.commit(name, { 'race.txt': `${races}\n` });
    };
    expect((await repository.push(changeOf('A: 1\n'))).kind).toBe('pushed');
    expect(await given.server.log(name)).toEqual([
      'feat: add',
      'Change race.txt',
      'Change race.txt',
      'Change README.md',
    ]);
    races = 100;
    await expect(repository.push(changeOf('A: 2\n'))).rejects.toThrow('5 times in a row');
    expect(races).toBe(95);
  });

  it('counts as done when only its answer was lost', async () => {
    const { name, url } = await given.newRepository();
    const checkout = await given.checkOut(url);
    given.server.afterPush = async () => {
      given.server.afterPush = undefined;
      return false;
    };
    const result = await (await given.open(checkout)).push(changeOf('A: 1\n'));
    expect(result).toEqual({ kind: 'pushed', commit: await given.server.git(name, 'rev-parse', 'main') });
    expect(await given.server.log(name)).toEqual(['feat: add', 'Change README.md']);
  });

  it('throws the error of the files, and pushes nothing', async () => {
    const { name, url } = await given.newRepository();
    const checkout = await given.checkOut(url);
    const build = async () => Promise.reject(new Error('config changed'));
    await expect((await given.open(checkout)).push({ message: 'x', build })).rejects.toThrow('config changed');
    expect(await given.server.log(name)).toHaveLength(1);
  });

  it('keeps the mode of a file, and refuses a link in its place or on its way', async () => {
    const { name, url, repository } = await given.openNew();
    const clone = await mkdtemp(path.join(given.home, 'clone'));
    const git = (...args: string[]) =>
      run('git', [
        '-C',
        clone,
        '-c',
        'user.name=x',
        '-c',
        'user.email=x@x',
        '-c',
        `http.extraheader=AUTHORIZATION: basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`,
        ...args,
      ]);
    await git('clone', '--quiet', url, '.');
    await mkdir(path.join(clone, 'instances', 'school'), { recursive: true });
    await writeFile(path.join(clone, FILE), 'A: 0\n', { mode: 0o755 });
    await symlink('school', path.join(clone, 'instances', 'linked'));
    await symlink('config.yml', path.join(clone, 'instances', 'school', 'link.yml'));
    await git('add', '-A');
    await git('commit', '--quiet', '-m', 'links');
    await git('push', '--quiet', 'origin', 'main');
    await repository.push(changeOf('A: 1\n'));
    expect(await given.server.git(name, 'ls-tree', 'main', FILE)).toMatch(/^100755 /);
    await expect(repository.push(changeOf('x', 'instances/school/link.yml'))).rejects.toThrow('is a symbolic link');
    await expect(repository.push(changeOf('x', 'instances/linked/config.yml'))).rejects.toThrow('is a symbolic link');
  });
});

describe('a removal', () => {
  const files = {
    'README.md': 'hello\n',
    [FILE]: 'A: 1\n',
    'instances/school/env/apps/lms.yml': 'kind: Deployment\n',
    'instances/school/env/with space "and quotes".yml': 'kind: Service\n',
    'instances/schools/config.yml': 'A: 2\n',
  };
  const removal = {
    message: 'chore: remove',
    build: async (head: BranchHead) => new Map((await head.paths('instances/school')).map((file) => [file, undefined])),
  };

  it('is one commit without any file of the directory, on top of the newest branch head, and without a file of another', async () => {
    const { name, url } = await given.newRepository(files);
    const checkout = await given.checkOut(url);
    const before = await stateOf(checkout);
    let isOnce = true;
    given.server.beforePush = async () => {
      if (isOnce) await given.server.commit(name, { 'instances/school/env/new.yml': 'kind: Pod\n' });
      isOnce = false;
    };
    const repository = await given.open(checkout);
    expect((await repository.push(removal)).kind).toBe('pushed');
    expect(await given.server.git(name, 'ls-tree', '-r', '--name-only', 'main')).toBe(
      'README.md\ninstances/schools/config.yml',
    );
    expect(await given.server.log(name)).toHaveLength(3);
    expect(await stateOf(checkout)).toBe(before);
    await repository.removeFromTree('instances/school');
    expect(await readdir(path.join(checkout.directory, 'instances'))).toEqual(['schools']);
  });

  it('commits nothing if the branch has none of the files, and removes nothing if the tree has none', async () => {
    const { name, repository } = await given.openNew();
    expect((await repository.push(removal)).kind).toBe('unchanged');
    await repository.removeFromTree('instances/school');
    expect(await given.server.log(name)).toHaveLength(1);
  });

  it('counts as done when only its answer was lost', async () => {
    const { name, repository } = await given.openNew(files);
    let isOnce = true;
    given.server.afterPush = async () => {
      const isLost = isOnce;
      isOnce = false;
      return !isLost;
    };
    expect((await repository.push(removal)).kind).toBe('pushed');
    expect(await given.server.log(name)).toHaveLength(2);
  });

  it('follows no link out of the tree', async () => {
    const { checkout, repository } = await given.openNew();
    const outside = await mkdtemp(path.join(tmpdir(), 'launchpad-outside-'));
    await mkdir(path.join(outside, 'school'));
    await symlink(outside, path.join(checkout.directory, 'instances'));
    await expect(repository.removeFromTree('instances/school')).rejects.toMatchObject({ code: 'not-a-file' });
    expect(await readdir(outside)).toEqual(['school']);
    await rm(outside, { recursive: true });
  });
});

describe('credentials', () => {
  it('of checkout v6, in a separate file, are used', async () => {
    const { url } = await given.newRepository();
    const checkout = await given.checkOut(url);
    const key = `http.${new URL(url).origin}/.extraheader`;
    const header = await checkout.git('config', '--get', key);
    await checkout.git('config', '--unset', key);
    const included = path.join(given.home, 'credentials.config');
    await run('git', ['config', '--file', included, key, header]);
    await checkout.git('config', `includeIf.gitdir:${checkout.directory}/.git.path`, included);
    expect((await (await given.open(checkout)).push(changeOf('A: 1\n'))).kind).toBe('pushed');
  });

  it('of the checkout are replaced by a token: the server sees one Authorization header', async () => {
    const { url } = await given.newRepository();
    const checkout = await given.checkOut(url, READER_TOKEN);
    await expect((await given.open(checkout)).push(changeOf('A: 1\n'))).rejects.toThrow('may not push');
    expect((await (await given.open(checkout, { token: TOKEN })).push(changeOf('A: 1\n'))).kind).toBe('pushed');
  });

  it('that the caller gives git by its environment are kept', async () => {
    const { url } = await given.newRepository();
    const checkout = await given.checkOut(url);
    const key = `http.${new URL(url).origin}/.extraheader`;
    const header = await checkout.git('config', '--get', key);
    await checkout.git('config', '--unset', key);
    const environment = {
      PATH: process.env.PATH ?? '',
      HOME: given.home,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: key,
      GIT_CONFIG_VALUE_0: header,
    };
    expect((await (await given.open(checkout, { environment })).push(changeOf('A: 1\n'))).kind).toBe('pushed');
  });

  it('never stand in an argument of git, in the configuration afterwards, or in an error', async () => {
    const { url } = await given.newRepository();
    const checkout = await given.checkOut(url);
    const bin = await mkdtemp(path.join(given.home, 'bin'));
    const log = path.join(bin, 'arguments.log');
    const { stdout: git } = await run('sh', ['-c', 'command -v git']);
    await writeFile(path.join(bin, 'git'), `#!/bin/sh\necho "$@" >>"${log}"\nexec ${git.trim()} "$@"\n`, {
      mode: 0o755,
    });
    const searched = process.env.PATH;
    process.env.PATH = `${bin}:${searched}`;
    const repository = await given.open(checkout, { token: 'secret-token-9' });
    const error = await repository.fetchHead().catch(String);
    process.env.PATH = searched;
    expect(error).toContain('does not accept the credentials');
    expect(await readFile(log, 'utf8')).toContain('fetch');
    const seen = `${await readFile(log, 'utf8')}${error}${await checkout.git('config', '--list')}`;
    expect(seen).not.toContain('secret-token-9');
    expect(seen).not.toContain(Buffer.from('x-access-token:secret-token-9').toString('base64'));
  });
});

describe('an error names the cause', () => {
  it('for a push that is refused, before and at the push', async () => {
    const { url } = await given.newRepository();
    const checkout = await given.checkOut(url, READER_TOKEN);
    const repository = await given.open(checkout);
    const head = await repository.fetchHead();
    await expect(repository.checkPush(head)).rejects.toMatchObject({
      code: 'push-denied',
      remedy: expect.stringContaining('contents: write'),
    });
    given.server.protectedBranch = 'main';
    const writer = await given.open(checkout, { token: TOKEN });
    await expect(writer.push(changeOf('A: 1\n'))).rejects.toMatchObject({
      code: 'push-branch-protected',
      message: expect.stringContaining('Branch main of'),
    });
  });

  it('for no checkout, no remote, no branch, no server', async () => {
    await expect(given.open({ directory: given.home })).rejects.toMatchObject({
      code: 'no-checkout',
      remedy: expect.stringContaining('actions/checkout'),
    });
    const { url } = await given.newRepository();
    const checkout = await given.checkOut(url);
    await expect(given.open(checkout, { remote: 'upstream' })).rejects.toThrow('has no remote upstream');
    await expect((await given.open(checkout, { branch: 'gone' })).fetchHead()).rejects.toMatchObject({
      code: 'no-branch',
    });
    await checkout.git('remote', 'set-url', 'origin', 'http://127.0.0.1:9/x.git');
    await expect((await given.open(checkout)).fetchHead()).rejects.toMatchObject({ code: 'repository-unreachable' });
  });

  it('for files that are changed but not committed, unless the branch has them', async () => {
    const { name, repository } = await given.openNew();
    await repository.copyToTree(new Map([[FILE, bytes('A: 1\n')]]));
    await expect(repository.requireCommitted([FILE], await repository.fetchHead())).rejects.toThrow(
      `${FILE} changed in the checkout`,
    );
    await given.server.commit(name, { [FILE]: 'A: 1\n' });
    await expect(repository.requireCommitted([FILE], await repository.fetchHead())).resolves.toBeUndefined();
  });
});

describe('reading', () => {
  it('returns the files of the newest branch head, not of the checkout', async () => {
    const { name, url } = await given.newRepository({
      'instances/a/config.yml': 'MYSQL_DATABASE: a1\n',
      'instances/b/config.yml': 'MYSQL_DATABASE: b1\n',
      'instances/a/env/config.yml': 'no\n',
      'instances/config.yml': 'no\n',
    });
    const checkout = await given.checkOut(url);
    await given.server.commit(name, {
      'instances/a/config.yml': 'MYSQL_DATABASE: a2\n',
      'instances/ü b/config.yml': 'MYSQL_DATABASE: c1\n',
    });
    const head = await (await given.open(checkout)).fetchHead();
    const neighbours = await head.neighbours('instances');
    expect(neighbours.map(({ name, names }) => [name, names.get('MySQL database')])).toEqual([
      ['a', ['a2']],
      ['b', ['b1']],
      ['ü b', ['c1']],
    ]);
    expect(await head.exists('instances/a')).toBe(true);
    expect(await head.exists('instances/c')).toBe(false);
    expect(await head.read('instances/c/config.yml')).toBeUndefined();
  });

  it('does not make a full clone shallow', async () => {
    const { name, url } = await given.newRepository();
    await given.server.commit(name, { 'a.txt': '1\n' });
    const checkout = await given.checkOut(url);
    await checkout.git('fetch', '--quiet', '--unshallow', 'origin');
    await (await given.open(checkout)).fetchHead();
    expect(await checkout.git('rev-parse', '--is-shallow-repository')).toBe('false');
  });
});
