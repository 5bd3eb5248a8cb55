import { execFile } from 'node:child_process';
import { access, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fetchTemplate, TemplateSources } from '../../src/repository/template-sources.ts';
import { givenRepositories, NO_DELAY } from './given.ts';

const run = promisify(execFile);
const FILES = { 'instance-template/config.yml': 'A: 1\n', 'instance-template/sub/b': 'b', 'README.md': 'r' };
const given = givenRepositories();

const newTemplate = (files: Record<string, string> = FILES, owner = 'public') => given.newRepository(files, owner);
const options = () => ({ environment: given.environment, clock: NO_DELAY });

async function fetched(url: string, version?: string, directory?: string) {
  const { files, ...rest } = await fetchTemplate({ url, version, directory }, options());
  return {
    ...rest,
    files: Object.fromEntries([...files].map(([file, bytes]) => [file, Buffer.from(bytes).toString()])),
  };
}

/** A branch head of a cluster repository with these files. */
async function headOf(files: Record<string, string>) {
  const { repository, checkout } = await given.openNew(files);
  return { head: await repository.fetchHead(), checkout };
}

describe('a template with a URL', () => {
  it('is read from where it usually is, or from the directory that is named', async () => {
    const { url } = await newTemplate();
    const usual = {
      name: `${url}/instance-template`,
      version: undefined,
      files: { 'config.yml': 'A: 1\n', 'sub/b': 'b' },
    };
    expect(await fetched(url)).toEqual(usual);
    expect((await fetched(url, undefined, 'instance-template/sub')).files).toEqual({ b: 'b' });
    const root = await newTemplate({ 'cookiecutter.json': '{}', ...FILES });
    expect(Object.keys((await fetched(root.url)).files)).toContain('cookiecutter.json');
  });

  it('is that of the branch, tag or commit that is asked for', async () => {
    const { name, url } = await newTemplate({ 'config.yml': 'first' });
    const first = await given.server.git(name, 'rev-parse', 'main');
    await given.server.git(name, 'tag', 'v1');
    await given.server.commit(name, { 'config.yml': 'second' });
    await given.server.commit(name, { 'config.yml': 'third' }, 'feature/x');
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
    const { name, url } = await newTemplate();
    const { head } = await headOf({ 'README.md': 'x' });
    const trace = path.join(given.home, 'trace');
    const environment = { ...given.environment, GIT_TRACE_SETUP: trace };
    const templateSources = new TemplateSources(
      { kind: 'git', url, version: undefined, directory: undefined },
      { instancesDirectory: 'instances', environment },
    );
    expect(await templateSources.read(head)).toMatchObject({ kind: 'template', template: { version: undefined } });
    const requests = given.server.requests.filter(({ path: asked }) => asked.startsWith(`/${name}.git`));
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
    await templateSources.read(head);
    expect(given.server.requests.filter(({ path: asked }) => asked.startsWith(`/${name}.git`))).toHaveLength(
      requests.length,
    );
    const [, directory = ''] = /setup: cwd: (.*launchpad-template-.*)/.exec(await readFile(trace, 'utf8')) ?? [];
    expect(directory).not.toBe('');
    await expect(access(directory)).rejects.toThrow('ENOENT');
  });

  it('that is missing, or private, is an error with a remedy', async () => {
    const { url } = await newTemplate();
    await expect(fetched(url, 'v9')).rejects.toMatchObject({
      code: 'template-unreachable',
      message: expect.stringContaining(`The repository of the template, ${url}, has no v9.`),
      remedy: expect.stringContaining('template-version'),
    });
    await expect(fetched(url, '0'.repeat(40))).rejects.toMatchObject({
      message: expect.stringContaining('has no 000'),
    });
    const closed = await newTemplate(FILES, 'org');
    await expect(fetched(closed.url)).rejects.toMatchObject({
      code: 'template-unreachable',
      remedy: expect.stringContaining('the credentials of the cluster repository are not used for it'),
    });
    await expect(fetched(`${given.server.url}/public/none.git`)).rejects.toMatchObject({
      code: 'template-unreachable',
    });
    await expect(fetched(url, 'main', 'nowhere')).rejects.toMatchObject({
      message: expect.stringContaining('nowhere is not there, or is empty'),
    });
  });

  it('is not read through a link, and by no other way than https and SSH', async () => {
    const { name, url } = await newTemplate({ 'config.yml': 'A: 1' });
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
    await given.server.git(name, 'fetch', '--quiet', bundle, 'main:links');
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

describe('a template source in the cluster repository', () => {
  const read = async (files: Record<string, string>, source: ConstructorParameters<typeof TemplateSources>[0]) => {
    const { head, checkout } = await headOf(files);
    await writeFile(path.join(checkout.directory, 'only-here'), '');
    return await new TemplateSources(source, { instancesDirectory: 'instances', ...options() }).read(head);
  };

  it('is a directory as the remote has it', async () => {
    const templateSource = await read({ 'templates/a/config.yml': 'A: 1' }, { kind: 'directory', path: 'templates/a' });
    expect(templateSource).toMatchObject({ kind: 'template', template: { name: 'templates/a' } });
    expect(templateSource?.kind === 'template' && [...templateSource.template.files.keys()]).toEqual(['config.yml']);
    await expect(read({ a: '1' }, { kind: 'directory', path: 'templates/a' })).rejects.toMatchObject({
      message: 'The template templates/a is not there, or is empty.',
    });
  });

  it('is another instance, which must exist', async () => {
    const files = { 'instances/a/config.yml': 'A: 1' };
    expect(await read(files, { kind: 'instance', name: 'a' })).toMatchObject({ name: 'a', application: undefined });
    await expect(read(files, { kind: 'instance', name: 'b' })).rejects.toMatchObject({
      code: 'source-missing',
      message: 'There is no instances/b/config.yml to create the instance from.',
    });
    expect(await read(files, { kind: 'built-in' })).toBeUndefined();
  });
});
