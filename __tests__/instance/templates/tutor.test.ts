import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { load, loadAll } from 'js-yaml';
import { type Fields, fieldsOf } from '../../../src/core/fields.ts';
import type { Settings } from '../../../src/core/settings.ts';
import { filesToWrite } from '../../../src/instance/changes.ts';
import { planInstance } from '../../../src/instance/plan.ts';
import { fixedSeed, NO_FILES, planContext, SETTINGS } from '../given.ts';

/** A Python that has Tutor: `scripts/install-tutor.sh` makes one. */
const python = process.env.TEST_TUTOR_PYTHON || 'python3';
const isThere = spawnSync(python, ['-c', 'import tutor, drydock, tutormfe, tutorforum']).status === 0;
/** The real tutor-contrib-s3, else a plugin that has its documented keys. */
const hasS3 = spawnSync(python, ['-c', 'import tutors3']).status === 0;
const root = path.join(import.meta.dirname, '..', '..', '..');

/** The settings modules that Tutor renders: each assignment of a value that needs no running Open edX. */
const LITERALS = `
import ast, json, sys
values = {}
for node in ast.parse(open(sys.argv[1]).read()).body:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        try: values[node.targets[0].id] = ast.literal_eval(node.value)
        except ValueError: pass
print(json.dumps(values, default=str))`;

/** An instance from the own template, as Tutor renders it after the commands that the build runs. */
class TutorRoot {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  run(...args: readonly string[]): string {
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: this.directory,
      TUTOR_ROOT: this.directory,
      TUTOR_PLUGINS_ROOT: path.join(this.directory, 'plugins'),
    };
    const { stdout, stderr, status } = spawnSync(python, args, { encoding: 'utf8', env });
    if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  tutor(...args: readonly string[]): string {
    return this.run('-c', 'from tutor.commands.cli import main; main()', ...args);
  }

  async read(file: string): Promise<string> {
    return await readFile(path.join(this.directory, 'env', file), 'utf8');
  }

  async yaml(file: string): Promise<Fields> {
    return fieldsOf(load(await this.read(file)));
  }

  settings(service: string): Fields {
    const file = path.join(this.directory, 'env/apps/openedx/settings', service, 'production.py');
    return fieldsOf(JSON.parse(this.run('-c', LITERALS, file)));
  }
}

const settings: Settings = {
  ...SETTINGS,
  storage: { ...SETTINGS.storage, endpointUrl: 'https://s3.example.org:9443' },
  templateEnvironment: new Map([
    ['LAUNCHPAD_STORAGE_ACCESS_KEY_ID', 'AKIA-test'],
    ['LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY', 'storage/secret+1='],
  ]),
};

(isThere ? describe : describe.skip)(isThere ? "Tutor's rendering" : 'Tutor is not there: nothing was rendered', () => {
  let tutor: TutorRoot;
  let commands: string[] = [];
  const seed = fixedSeed();
  const name = 'launchpad-school';

  beforeAll(async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-tutor-'));
    tutor = new TutorRoot(directory);
    const plugins = path.join(directory, 'plugins');
    if (!hasS3) await cp(path.join(root, '__tests__/fixtures/tutor-plugins'), plugins, { recursive: true });
    const [config = '', application = ''] = await Promise.all(
      ['config.yml', 'application.yml'].map((file) => readFile(path.join(root, 'templates/instance', file), 'utf8')),
    );
    const context = planContext(
      { config, application },
      { settings, hosted: { owner: 'Example-Org', name: 'cluster' } },
    );
    const plan = planInstance(NO_FILES, seed, context);
    const mongodbServer = { useSsl: true, replicaSet: 'rs0', authMechanism: 'SCRAM-SHA-256' };
    const found = { mongodbPassword: 'mongodb-password-1', mysql: undefined, mongodb: undefined, mongodbServer };
    const { config: bytes } = filesToWrite(plan, NO_FILES, found, context);
    await writeFile(path.join(directory, 'config.yml'), bytes);
    const written = fieldsOf(load(Buffer.from(bytes).toString('utf8'))).PICASSO_EXTRA_COMMANDS;
    commands = Array.isArray(written) ? written.map(String) : [];
    for (const command of commands.filter((one) => one.startsWith('tutor plugins ')))
      tutor.tutor(...command.split(' ').slice(1));
    tutor.tutor('config', 'save');
  }, 120_000);

  afterAll(async () => await rm(tutor.directory, { recursive: true, force: true }));

  it('is of the version in config.yml, and the plugins leave Tutor as it is', async () => {
    expect(tutor.tutor('--version')).toContain('version 20.0.5');
    expect(await readFile(path.join(tutor.directory, 'config.yml'), 'utf8')).toMatch(/^TUTOR_VERSION: v20\.0\.5$/m);
    const [install = ''] = commands;
    expect(install).toMatch(/^pip install tutor-contrib-drydock/);
    const options = ['--no-index', '--dry-run', '--disable-pip-version-check'];
    expect(tutor.run('-m', 'pip', 'install', ...options, ...install.split(' ').slice(2))).not.toContain(
      'Would install',
    );
  }, 60_000);

  it.each(['lms', 'cms'])('has hosts, databases, users, passwords and bucket of the instance: %s', async (service) => {
    const env = await tutor.yaml(`apps/openedx/config/${service}.env.yml`);
    expect(env).toMatchObject({
      SITE_NAME: service === 'lms' ? 'school.example.org' : 'studio.school.example.org',
      LMS_BASE: 'school.example.org',
      CMS_BASE: 'studio.school.example.org',
      LMS_ROOT_URL: 'https://school.example.org',
      FEATURES: { PREVIEW_LMS_BASE: 'preview.school.example.org' },
      AWS_ACCESS_KEY_ID: 'AKIA-test',
      AWS_SECRET_ACCESS_KEY: 'storage/secret+1=',
      DATABASES: {
        default: {
          HOST: 'mysql.example.org',
          PORT: 3306,
          NAME: `${name}-openedx`,
          USER: name,
          PASSWORD: seed.password('MYSQL_PASSWORD'),
        },
      },
    });
    const mongodb = { host: 'mongodb.example.org', port: 27017, authsource: 'admin', ssl: true, replicaSet: 'rs0' };
    expect(tutor.settings(service)).toMatchObject({
      mongodb_parameters: {
        ...mongodb,
        db: `${name}-openedx`,
        user: name,
        password: 'mongodb-password-1',
        authMechanism: 'SCRAM-SHA-256',
      },
      FORUM_MONGODB_DATABASE: `${name}-forum`,
    });
    const bucket = `${name}-${seed.bucketSuffix()}`;
    if (!hasS3) {
      const s3 = { S3_HOST: 's3.example.org', S3_PORT: '9443', S3_USE_SSL: 'True', S3_REGION: 'us-east-1' };
      expect(tutor.settings(service).TEST_S3).toMatchObject({
        ...s3,
        S3_STORAGE_BUCKET: bucket,
        S3_ADDRESSING_STYLE: 'auto',
      });
      return;
    }
    expect(env.AWS_STORAGE_BUCKET_NAME).toBe(bucket);
    expect(tutor.settings(service)).toMatchObject({
      DEFAULT_FILE_STORAGE: 'storages.backends.s3boto3.S3Boto3Storage',
      FILE_UPLOAD_STORAGE_BUCKET_NAME: bucket,
      AWS_S3_ENDPOINT_URL: 'https://s3.example.org:9443',
      AWS_S3_REGION_NAME: 'us-east-1',
      AWS_S3_USE_SSL: true,
      AWS_S3_ADDRESSING_STYLE: 'auto',
    });
  });

  it('runs the images of the cluster repository, and no database', async () => {
    const deployments = await tutor.read('k8s/deployments.yml');
    expect(deployments).toContain('image: ghcr.io/example-org/cluster:school-openedx');
    expect(deployments).toContain('image: ghcr.io/example-org/cluster:school-mfe');
    const names = loadAll(deployments).map((one) => fieldsOf(fieldsOf(one).metadata).name);
    expect(names).toEqual(expect.arrayContaining(['lms', 'cms', 'mfe']));
    expect(names).not.toEqual(expect.arrayContaining(['mysql']));
    expect(names).not.toEqual(expect.arrayContaining(['mongodb']));
  });

  it('initializes Open edX by drydock, without the jobs that need an administrator of the databases', async () => {
    const jobs = loadAll(await tutor.read('plugins/drydock/k8s/jobs.yml'))
      .map((one) => String(fieldsOf(fieldsOf(one).metadata).name))
      .filter((one) => one.startsWith('drydock-'));
    expect(jobs).toEqual(expect.arrayContaining([expect.stringMatching(/^drydock-lms-job-/)]));
    expect(jobs).toEqual(expect.arrayContaining([expect.stringMatching(/^drydock-cms-job-/)]));
    expect(jobs.filter((job) => /mysql|mongodb/.test(job))).toEqual([]);
  });
});
