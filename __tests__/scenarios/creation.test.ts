import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FIXTURE, readTemplate } from '../instance/templates/given.ts';
import { actionCommits, expectProvisioned, readConfig } from './outcome.ts';
import { openWorld } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());

/** The cookiecutter template as files of a repository. */
async function template(directory: string): Promise<Record<string, string>> {
  const { files } = await readTemplate(FIXTURE);
  return Object.fromEntries(
    [...files].map(([file, bytes]) => [`${directory}/${file}`, Buffer.from(bytes).toString('utf8')]),
  );
}

describe('an instance that has only a name', () => {
  it('is made from a cookiecutter template of the cluster repository', async () => {
    const scenario = await world.scenario(await template('templates/school'));
    const checkout = await scenario.checkout();
    // What counts is the newest branch, and not what was checked out.
    await world.git.commit(scenario.repository, { 'templates/school/{{cookiecutter.instance_slug}}/LATER': 'later' });
    const inputs = {
      template: 'templates/school',
      'platform-name': 'My School',
      config: 'SMTP_HOST: "smtp.example.org"\nPICASSO_EXTRA_COMMANDS: [echo]\n',
    };
    const result = await scenario.run({ inputs, checkout });
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    const config = await expectProvisioned(world, scenario);
    expect(config).toMatchObject({
      K8S_NAMESPACE: scenario.instance,
      PLATFORM_NAME: 'My School',
      LMS_HOST: `${scenario.instance}.example.org`,
      SMTP_HOST: 'smtp.example.org',
      PICASSO_EXTRA_COMMANDS: 'echo',
      STORAGE_BUCKET_NAME: expect.stringMatching(`^launchpad-${scenario.instance}-[0-9a-f]{7}$`),
    });
    const directory = `instances/${scenario.instance}`;
    expect((await world.git.read(scenario.repository, `${directory}/LATER`))?.toString()).toBe('later');
    expect(
      (await world.git.read(scenario.repository, `${directory}/small/${scenario.instance}.ini`))?.toString(),
    ).toContain('size=small\r\n');
    expect(await readFile(path.join(checkout.directory, directory, 'LATER'), 'utf8')).toBe('later');

    const again = await scenario.run({ inputs });
    expect(again.log).not.toContain('::error');
    expect(again.outputs.changed).toBe('false');
    expect(await actionCommits(world, scenario)).toEqual([`feat: add instance ${scenario.instance}`]);
  });

  it('is made from a template of another repository, at the version that is asked for', async () => {
    const name = `public/templates-${Date.now().toString(36)}`;
    const url = await world.git.createRepository(name, await template('instance-template'));
    const version = await world.git.git(name, 'rev-parse', 'main');
    await world.git.commit(name, { 'instance-template/cookiecutter.json': 'broken meanwhile' });
    const scenario = await world.scenario();
    const result = await scenario.run({ inputs: { template: url, 'template-version': version } });
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    expect(await expectProvisioned(world, scenario)).toMatchObject({ KEPT: expect.stringContaining('SMALL') });
    expect(result.log).toContain(`created from the template ${url}/instance-template at ${version}`);
    const asked = world.git.requests.filter(({ path: file }) => file.startsWith(`/${name}.git`));
    expect(asked.filter(({ authorization }) => authorization !== undefined)).toEqual([]);

    const broken = await world.scenario();
    const refused = await broken.run({ inputs: { template: url } });
    expect(refused.code).toBe(1);
    expect(refused.log).toMatch(
      /^::error .*has a cookiecutter.json that is not JSON.*What to do: Correct cookiecutter.json/m,
    );
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: broken.instance } };
    expect(await world.cluster.read(namespace)).toBeUndefined();
  });

  it('is made from another instance, and shares nothing with it', async () => {
    const source = await world.scenario();
    expect((await source.run({ inputs: { config: 'THEME: "own"\nLIST:\n  - a\n' } })).code).toBe(0);
    const before = await readConfig(source);
    const files = Object.fromEntries(
      await Promise.all(
        ['config.yml', 'application.yml'].map(async (file) => {
          const name = `instances/${source.instance}/${file}`;
          return [name, (await world.git.read(source.repository, name))?.toString('utf8') ?? ''] as const;
        }),
      ),
    );
    const scenario = await world.scenario(files);
    const result = await scenario.run({ inputs: { 'from-instance': source.instance } });
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    const config = await expectProvisioned(world, scenario);
    expect(Object.keys(config)).toEqual(Object.keys(before));
    const different = Object.keys(config).filter((key) => config[key] !== before[key]);
    expect(different.sort()).toEqual(
      [
        'CMS_HOST',
        'DOCKER_IMAGE_OPENEDX',
        'FORUM_MONGODB_DATABASE',
        'K8S_NAMESPACE',
        'LMS_HOST',
        'MFE_DOCKER_IMAGE',
        'MONGODB_DATABASE',
        'MONGODB_PASSWORD',
        'MONGODB_USERNAME',
        'MYSQL_DATABASE',
        'MYSQL_PASSWORD',
        'MYSQL_USERNAME',
        'PREVIEW_LMS_HOST',
        'S3_STORAGE_BUCKET',
        'TUTOR_APP_NAME',
      ].sort(),
    );
    const again = await scenario.run({ inputs: { 'from-instance': source.instance } });
    expect(again.code).toBe(1);
    expect(again.log).toMatch(
      /^::error .*exists, and from-instance only creates new instances.*Run without from-instance/m,
    );
    expect((await scenario.run()).outputs.changed).toBe('false');
  });
});

describe('an instance that is there', () => {
  it('gets the keys of input config that it lacks, and is refused where one has another value', async () => {
    const scenario = await world.scenario();
    expect((await scenario.run()).code).toBe(0);
    const before = await scenario.config();
    const added = await scenario.run({ inputs: { config: 'SMTP_HOST: "smtp.example.org"' } });
    expect(added.code).toBe(0);
    expect(await scenario.config()).toBe(`${before}SMTP_HOST: "smtp.example.org"\n`);
    const refused = await scenario.run({ inputs: { config: 'SMTP_HOST: "other"' } });
    expect(refused.code).toBe(1);
    expect(refused.log).toMatch(/^::error .*has other values than input config: SMTP_HOST/m);
  });
});
