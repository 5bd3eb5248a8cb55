import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadAll } from 'js-yaml';
import { fieldsOf } from '../../../src/core/fields.ts';
import type { Settings } from '../../../src/core/settings.ts';
import { filesToWrite } from '../../../src/instance/changes.ts';
import { planInstance } from '../../../src/instance/plan.ts';
import { hasS3, isTutorThere, TutorRoot } from '../../tutor.ts';
import { fixedSeed, NO_FILES, planContext, SETTINGS } from '../given.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');

const settings: Settings = {
  ...SETTINGS,
  storage: { ...SETTINGS.storage, endpointUrl: 'https://s3.example.org:9443' },
  templateEnvironment: new Map([
    ['LAUNCHPAD_STORAGE_ACCESS_KEY_ID', 'AKIA-test'],
    ['LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY', 'storage/secret+1='],
  ]),
};

(isTutorThere ? describe : describe.skip)(
  isTutorThere ? "Tutor's rendering" : 'Tutor is not there: nothing was rendered',
  () => {
    let tutor: TutorRoot;
    const seed = fixedSeed();
    const name = 'launchpad-school';

    beforeAll(async () => {
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
      tutor = await TutorRoot.render(bytes);
    }, 120_000);

    afterAll(() => tutor.remove());

    it('is of the version in config.yml, and the plugins leave Tutor as it is', async () => {
      expect(tutor.tutor('--version')).toContain('version 20.0.5');
      expect(await tutor.readConfig()).toMatch(/^TUTOR_VERSION: v20\.0\.5$/m);
      const [install = ''] = await tutor.commands();
      expect(install).toMatch(/^pip install tutor-contrib-drydock/);
      const options = ['--no-index', '--dry-run', '--disable-pip-version-check'];
      expect(tutor.run('-m', 'pip', 'install', ...options, ...install.split(' ').slice(2))).not.toContain(
        'Would install',
      );
    }, 60_000);

    it.each(['lms', 'cms'])(
      'has hosts, databases, users, passwords and bucket of the instance: %s',
      async (service) => {
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
      },
    );

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
  },
);
