import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { checkOut } from '../../sandbox/checkout.ts';
import { type GitServer, startGitServer } from '../../sandbox/git/server.ts';
import { ClusterRepository } from '../../src/repository/cluster-repository.ts';
import { fetchTemplate } from '../../src/repository/template-repository.ts';
import { TemplateSources } from '../../src/repository/template-sources.ts';

const run = promisify(execFile);
const TOKEN = 'cluster-token-2f81';
const FILES = { 'instance-template/config.yml': 'A: 1\n', 'instance-template/sub/b': 'b', 'README.md': 'r' };

let server: GitServer;
let home: string;
let count = 0;
beforeAll(async () => {
  server = await startGitServer([{ name: 'x-access-token', password: TOKEN, mayPush: true }]);
  home = await mkdtemp(path.join(tmpdir(), 'launchpad-home-'));
});
afterAll(async () => {
  await server.stop();
  await rm(home, { recursive: true, force: true });
});

async function newRepository(files: Record<string, string> = FILES, owner = 'public') {
  count += 1;
  const name = `${owner}/template-${count}`;
  return { name, url: await server.createRepository(name, files) };
}

const environment = () => ({ PATH: process.env.PATH ?? '', HOME: home });

async function fetched(url: string, version?: string, directory?: string) {
  const { files, ...rest } = await fetchTemplate({ url, version, directory }, { environment: environment() });
  return {
    ...rest,
    files: Object.fromEntries([...files].map(([file, bytes]) => [file, Buffer.from(bytes).toString()])),
  };
}

/** A tip of a cluster repository with these files. */
async function headOf(files: Record<string, string>) {
  const { url } = await newRepository(files, 'org');
  const checkout = await checkOut(url, TOKEN);
  const repository = await ClusterRepository.open({
    directory: checkout.directory,
    remote: 'origin',
    branch: 'main',
    token: undefined,
    author: { name: 'A Robot', email: 'robot@example.org' },
    environment: environment(),
  });
  return { head: await repository.fetchHead(), checkout };
}

describe('a template with a URL', () => {
  it('is read from where it usually is, or from the directory that is named', async () => {
    const { url } = await newRepository();
    const usual = {
      name: `${url}/instance-template`,
      version: undefined,
      files: { 'config.yml': 'A: 1\n', 'sub/b': 'b' },
    };
    expect(await fetched(url)).toEqual(usual);
    expect((await fetched(url, undefined, 'instance-template/sub')).files).toEqual({ b: 'b' });
    const root = await newRepository({ 'cookiecutter.json': '{}', ...FILES });
    expect(Object.keys((await fetched(root.url)).files)).toContain('cookiecutter.json');
  });

  it('is that of the branch, tag or commit that is asked for', async () => {
    const { name, url } = await newRepository({ 'config.yml': 'first' });
    const first = await server.git(name, 'rev-parse', 'main');
    await server.git(name, 'tag', 'v1');
    await server.commit(name, { 'config.yml': 'second' });
    await server.commit(name, { 'config.yml': 'third' }, 'feature/x');
    expect((await fetched(url)).files).toEqual({ 'config.yml': 'second' });
    for (const [version, content] of [
      ['v1', 'first'],
      [first, 'first'],
      ['main', 'second'],
      ['feature/x', 'third'],
    ] as const) {
      expect((await fetched(url, version)).files).toEqual({ 'config.yml': content });
    }
  });

  it('is read without the credentials of the cluster repository, and leaves nothing behind', async () => {
    const { name, url } = await newRepository();
    const { head } = await headOf({ 'README.md': 'x' });
    const before = (await readdir(tmpdir())).filter((entry) => entry.startsWith('launchpad-template-'));
    const templateSources = new TemplateSources(
      { kind: 'git', url, version: undefined, directory: undefined },
      { instancesDirectory: 'instances', environment: environment() },
    );
    expect(await templateSources.read(head)).toMatchObject({ kind: 'template', template: { version: undefined } });
    const requests = server.requests.filter(({ path: asked }) => asked.startsWith(`/${name}.git`));
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
    await templateSources.read(head);
    expect(server.requests.filter(({ path: asked }) => asked.startsWith(`/${name}.git`))).toHaveLength(requests.length);
    const after = (await readdir(tmpdir())).filter((entry) => entry.startsWith('launchpad-template-'));
    expect(after.filter((entry) => !before.includes(entry))).toEqual([]);
  });

  it('that is not there, or not for us, is told with what to do', async () => {
    const { url } = await newRepository();
    await expect(fetched(url, 'v9')).rejects.toMatchObject({
      code: 'template-unreachable',
      message: expect.stringContaining(`The repository of the template, ${url}, has no v9.`),
      remedy: expect.stringContaining('template-version'),
    });
    await expect(fetched(url, '0'.repeat(40))).rejects.toMatchObject({
      message: expect.stringContaining('has no 000'),
    });
    const closed = await newRepository(FILES, 'org');
    await expect(fetched(closed.url)).rejects.toMatchObject({
      code: 'template-unreachable',
      remedy: expect.stringContaining('the credentials of the cluster repository are not used for it'),
    });
    await expect(fetched(`${server.url}/public/none.git`)).rejects.toMatchObject({ code: 'template-unreachable' });
    await expect(fetched(url, 'main', 'nowhere')).rejects.toMatchObject({
      message: expect.stringContaining('nowhere is not there, or is empty'),
    });
  });

  it('is not read through a link, and by no other way than https and SSH', async () => {
    const { name, url } = await newRepository({ 'config.yml': 'A: 1' });
    const clone = await mkdtemp(path.join(tmpdir(), 'launchpad-clone-'));
    const git = (...args: string[]) =>
      run('git', ['-C', clone, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args]);
    await git('init', '--quiet', '-b', 'main');
    await symlink('/etc/passwd', path.join(clone, 'application.yml'));
    await writeFile(path.join(clone, 'config.yml'), 'A: 1');
    await git('add', '--all');
    await git('commit', '--quiet', '-m', 'a');
    const bundle = path.join(clone, 'x.bundle');
    await git('bundle', 'create', '--quiet', bundle, 'main');
    await server.git(name, 'fetch', '--quiet', bundle, 'main:links');
    await expect(fetched(url, 'links')).rejects.toMatchObject({
      code: 'template-invalid',
      message: expect.stringContaining('has application.yml, which is a symbolic link or a submodule'),
    });
    await expect(fetched(`file://${clone}`)).rejects.toMatchObject({ code: 'template-unreachable' });
    await expect(fetched(`ext::sh -c touch% ${path.join(clone, 'made')}`)).rejects.toMatchObject({
      code: 'template-unreachable',
    });
    expect(await readdir(clone)).not.toContain('made');
    await rm(clone, { recursive: true, force: true });
  });
});

describe('a blueprint of the cluster repository', () => {
  const read = async (files: Record<string, string>, source: ConstructorParameters<typeof TemplateSources>[0]) => {
    const { head, checkout } = await headOf(files);
    await writeFile(path.join(checkout.directory, 'only-here'), '');
    return await new TemplateSources(source, { instancesDirectory: 'instances', environment: environment() }).read(
      head,
    );
  };

  it('is a directory as the remote has it', async () => {
    const templateSource = await read({ 'templates/a/config.yml': 'A: 1' }, { kind: 'directory', path: 'templates/a' });
    expect(templateSource).toMatchObject({ kind: 'template', template: { name: 'templates/a' } });
    expect(templateSource?.kind === 'template' && [...templateSource.template.files.keys()]).toEqual(['config.yml']);
    await expect(read({ a: '1' }, { kind: 'directory', path: 'templates/a' })).rejects.toMatchObject({
      message: 'The template templates/a is not there, or is empty.',
    });
  });

  it('is another instance, which must be there', async () => {
    const files = { 'instances/a/config.yml': 'A: 1' };
    expect(await read(files, { kind: 'instance', name: 'a' })).toMatchObject({ name: 'a', application: undefined });
    await expect(read(files, { kind: 'instance', name: 'b' })).rejects.toMatchObject({
      code: 'source-missing',
      message: 'There is no instances/b/config.yml to make the instance from.',
    });
    expect(await read(files, { kind: 'built-in' })).toBeUndefined();
  });
});
