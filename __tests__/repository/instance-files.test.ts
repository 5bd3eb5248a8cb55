import { symlink } from 'node:fs/promises';
import { readInstanceFiles, withMissing } from '../../src/repository/instance-files.ts';
import { TemplateSources } from '../../src/repository/template-sources.ts';
import { givenRepositories, NO_DELAY } from './given.ts';

const given = givenRepositories();
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

describe('the files of an instance that a pull request adds', () => {
  it('come from a template, or from an instance, as the base branch has it', async () => {
    const { name, checkout } = await given.openNew({
      'template/config.yml': 'A: base\n',
      'instances/a/config.yml': 'B: base\n',
    });
    await given.server.git(name, 'branch', 'change', 'main');
    const evil = 'A: "{{ env(\'LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY\') }}"\n';
    await given.server.commit(name, { 'template/config.yml': evil, 'instances/a/config.yml': evil }, 'change');
    const heads = await (await given.open(checkout, { branch: 'change', base: 'main' })).fetchHeads();
    const options = { instancesDirectory: 'instances', environment: given.environment, clock: NO_DELAY };
    const files = await readInstanceFiles(heads, 'instances', 'school');
    const sourceOf = async (source: ConstructorParameters<typeof TemplateSources>[0]) =>
      (await withMissing(files, new TemplateSources(source, options), heads)).templateSource;
    const template = await sourceOf({ kind: 'directory', path: 'template' });
    expect(template?.kind === 'template' && text(template.template.files.get('config.yml'))).toBe('A: base\n');
    const copy = await sourceOf({ kind: 'instance', name: 'a' });
    expect(copy?.kind === 'instance' && text(copy.config)).toBe('B: base\n');
  });

  it('are read although another instance is a link', async () => {
    const { checkout, repository } = await given.openNew({ 'instances/a/config.yml': 'A: 1\n' });
    await checkout.git('config', 'core.symlinks', 'true');
    await symlink('a', `${checkout.directory}/instances/b`);
    await checkout.git('add', 'instances/b');
    await checkout.git('-c', 'user.name=x', '-c', 'user.email=x@example.org', 'commit', '-m', 'link');
    await checkout.git('push', 'origin', 'HEAD:main');
    const heads = await repository.fetchHeads();
    const { others } = await readInstanceFiles(heads, 'instances', 'school');
    expect(others.find((other) => other.name === 'b')).toEqual({ name: 'b', names: new Map(), text: undefined });
  });
});
