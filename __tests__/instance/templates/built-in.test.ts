import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { load } from 'js-yaml';
import { fieldsOf } from '../../../src/core/fields.ts';
import type { Settings } from '../../../src/core/settings.ts';
import {
  checkApplication,
  parseApplication,
  repositoryUrl,
  sameRepository,
} from '../../../src/instance/application/application.ts';
import { commitBody, commitMessage, filesToWrite, keysToSet } from '../../../src/instance/changes.ts';
import { PLAIN_NEW_INSTANCE } from '../../../src/instance/new/options.ts';
import { Seed } from '../../../src/instance/new/seed.ts';
import { type InstanceFiles, type Plan, planInstance } from '../../../src/instance/plan.ts';
import { renderApplication, renderConfig } from '../../../src/instance/templates/built-in.ts';
import { SETTINGS } from '../given.ts';

const directory = path.join(import.meta.dirname, '..', '..', '..', 'templates', 'instance');
const config = await readFile(path.join(directory, 'config.yml'), 'utf8');
const application = await readFile(path.join(directory, 'application.yml'), 'utf8');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
const render = (template: string, more: Partial<Parameters<typeof renderConfig>[0]> = {}) =>
  text(
    renderConfig({
      template,
      templateName: 'config.yml',
      name: 'school',
      settings: SETTINGS,
      seed: Seed.random(),
      ...more,
    }),
  );
const found = (mongodbPassword: string) => ({ mongodbPassword, mysql: undefined, mongodb: undefined });
const context = {
  name: 'school',
  settings: SETTINGS,
  branch: 'main',
  repositoryUrl: 'git@github.com:example-org/cluster.git',
  templates: { config, application },
};
const none: InstanceFiles = { config: undefined, application: undefined, others: [] };
const bytes = (value: string) => new TextEncoder().encode(value);

describe('the templates', () => {
  it('give a config.yml with the hosts of the domain, and images beside the cluster repository', () => {
    const rendered = render(config, { hosted: { owner: 'Example-Org', name: 'Cluster' } });
    expect(load(rendered)).toMatchObject({
      TUTOR_VERSION: 'v20.0.5',
      DOCKER_IMAGE_OPENEDX: 'ghcr.io/example-org/cluster:school-openedx',
      MFE_DOCKER_IMAGE: 'ghcr.io/example-org/cluster:school-mfe',
      K8S_NAMESPACE: 'school',
      LMS_HOST: 'school.example.org',
      CMS_HOST: 'studio.school.example.org',
      PREVIEW_LMS_HOST: 'preview.school.example.org',
      DRYDOCK_INIT_JOBS: true,
      DRYDOCK_INIT_JOBS_EXCLUDED: ['mysql-job', 'mongodb-job'],
    });
    expect(rendered).toMatch(/^# Settings of the instance school.*\n/);
    expect(rendered.endsWith('\n')).toBe(true);
  });

  it('quote every string but the version of Tutor, which the build reads with sed', () => {
    const lines = render(config)
      .split('\n')
      .filter((one) => /^ *[^ #]/.test(one));
    expect(
      lines.filter((line) => !/(: ".*"|: true|: false| - ".*"|^DRYDOCK_INIT_JOBS_EXCLUDED:|^PICASSO_.*:)$/.test(line)),
    ).toEqual(['TUTOR_VERSION: v20.0.5']);
  });

  it.each([
    ['v20.0.5', '~=20.0', ['s3@v2.3.1'], 'mfe-extensions s3'],
    ['v19.0.5', '~=19.0', ['s3@v2.3.1'], 'mfe-extensions s3'],
    ['v21.0.9', '~=21.0', ['s3@v2.5.0'], 'mfe-extensions s3'],
    ['v22.0.3', '~=22.0', [], 'mfe-extensions'],
    ['main', '', [], 'mfe-extensions'],
  ])("install plugins of Tutor's own major version: %s", (tutorVersion, pin, s3, enabled) => {
    const rendered = render(config, { values: { ...PLAIN_NEW_INSTANCE.values, tutorVersion } });
    const { TUTOR_VERSION, PICASSO_EXTRA_COMMANDS: commands } = fieldsOf(load(rendered));
    expect(TUTOR_VERSION).toBe(tutorVersion);
    const packages = ['tutor-contrib-drydock', 'tutor-mfe', 'tutor-forum', 'tutor-contrib-mfe-extensions'];
    expect(commands).toEqual([
      `pip install ${packages.map((name) => `${name}${pin}`).join(' ')}`,
      ...s3.map((at) => `pip install git+https://github.com/cleura/tutor-contrib-${at}`),
      `tutor plugins enable drydock forum mfe ${enabled}`,
      'tutor picasso enable-private-packages',
    ]);
  });

  it.each([
    ['https://nyc3.digitaloceanspaces.com', { S3_HOST: 'nyc3.digitaloceanspaces.com', S3_USE_SSL: true }],
    ['http://minio:9000', { S3_HOST: 'minio', S3_PORT: '9000', S3_USE_SSL: false }],
    [undefined, { S3_USE_SSL: true }],
  ])('give the bucket in the keys of tutor-contrib-s3: %s', (endpointUrl, keys) => {
    const environment = { STORAGE_ACCESS_KEY_ID: 'AKIA', STORAGE_SECRET_ACCESS_KEY: `a+b/c='"` };
    const settings: Settings = {
      ...SETTINGS,
      storage: { ...SETTINGS.storage, endpointUrl, type: endpointUrl?.includes('spaces') ? 'spaces' : 's3' },
      templateEnvironment: new Map(Object.entries(environment).map(([key, value]) => [`LAUNCHPAD_${key}`, value])),
    };
    const plan = planInstance(none, Seed.random(), { ...context, settings });
    const { storage } = plan.instance;
    expect(storage).toMatchObject({ type: settings.storage.type, endpointUrl, region: 'us-east-1' });
    const written = fieldsOf(load(text(filesToWrite(plan, none, found('p'), { ...context, settings }).config)));
    const s3 = Object.entries(written).filter(([key]) => /^S3_|AWS|STORAGE/.test(key));
    expect(Object.fromEntries(s3)).toEqual({
      ...keys,
      S3_REGION: 'us-east-1',
      S3_STORAGE_BUCKET: storage.name,
      OPENEDX_AWS_ACCESS_KEY: 'AKIA',
      OPENEDX_AWS_SECRET_ACCESS_KEY: `a+b/c='"`,
    });
  });

  it('cannot be given a version of Tutor that is more than one value', () => {
    for (const tutorVersion of ['1e5', 'yes', '20', 'a: b', 'a #b', 'v1\nX: y']) {
      const values = { ...PLAIN_NEW_INSTANCE.values, tutorVersion };
      const plan = planInstance(none, Seed.random(), { ...context, newInstance: { ...PLAIN_NEW_INSTANCE, values } });
      expect(load(text(plan.whole.bytes))).toMatchObject({ TUTOR_VERSION: tutorVersion });
      expect(load(text(plan.whole.bytes))).not.toHaveProperty('X');
    }
  });

  it('give the Application of the design', () => {
    const rendered = renderApplication({ template: application, templateName: 'application.yml', ...context });
    expect(load(text(rendered))).toEqual({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: {
        name: 'school-production',
        namespace: 'argocd',
        finalizers: ['resources-finalizer.argocd.argoproj.io'],
      },
      spec: {
        project: 'default',
        source: {
          repoURL: 'git@github.com:example-org/cluster.git',
          path: 'instances/school/env',
          targetRevision: 'main',
        },
        destination: { server: 'https://kubernetes.default.svc', namespace: 'school' },
        syncPolicy: {
          automated: { prune: true },
          syncOptions: [
            'CreateNamespace=true',
            'PruneLast=true',
            'ApplyOutOfSyncOnly=true',
            'RespectIgnoreDifferences=true',
          ],
          retry: { limit: 2, backoff: { duration: '5s', factor: 2, maxDuration: '3m' } },
        },
      },
    });
  });

  it('see the settings that an instance needs, and make passwords from the seed', () => {
    const seed = () => Seed.from(new Uint8Array(32).fill(1));
    const template =
      '{{ env("LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY") }} {{ env("LAUNCHPAD_MYSQL_ADMIN_PASSWORD") }}|{{ generate_password() }} {{ generate_password() }}';
    const rendered = render(template, { seed: seed() });
    expect(rendered).toBe(render(template, { seed: seed() }));
    expect(rendered).toMatch(/^storage-secret \|[0-9a-f]{32} [0-9a-f]{32}$/);
  });

  it.each([
    '{{ "".constructor }}',
    '{{ env.__proto__ }}',
    '{{ env.constructor }}',
    '{{ instance_name.constructor.constructor("return process")() }}',
    '{{ [].constructor }}',
    '{{ self }}',
    '{{ process.env }}',
  ])('reach nothing of JavaScript: %s', (template) => {
    let rendered = '';
    try {
      rendered = render(template);
    } catch (error) {
      rendered = String(error).includes('cannot be rendered') ? '' : String(error);
    }
    expect(rendered.replace(/undefined|null/g, '')).toBe('');
  });

  it('that are broken are named', () => expect(() => render('{% if %}')).toThrow('config.yml cannot be rendered'));

  it('need the domain of new hosts', () => {
    const settings = { ...SETTINGS, clusterDomain: undefined };
    expect(() => planInstance(none, Seed.random(), { ...context, settings })).toThrow(
      'input cluster-domain (LAUNCHPAD_CLUSTER_DOMAIN)',
    );
  });
});

describe('an Application of the repository', () => {
  const expected = {
    name: 'school-production',
    instance: 'school',
    repositoryUrl: 'https://github.com/example-org/cluster',
    path: 'instances/school/env',
  };
  const plan = planInstance(none, Seed.random(), context);
  const own = parseApplication(plan.application, 'application.yml');

  it("is respected if it is the instance's own", () => expect(() => checkApplication(own, expected)).not.toThrow());

  it.each([
    ['name', { ...own, metadata: { ...own.metadata, name: 'other' } }, 'metadata.name is "other"'],
    ['namespace', { ...own, metadata: { ...own.metadata, namespace: 'default' } }, 'metadata.namespace'],
    [
      'path',
      { ...own, spec: { ...own.spec, source: { repoURL: expected.repositoryUrl, path: 'instances/other/env' } } },
      'spec.source.path',
    ],
    [
      'repository',
      { ...own, spec: { ...own.spec, source: { repoURL: 'https://evil.example/x', path: expected.path } } },
      'spec.source.repoURL',
    ],
    [
      'destination',
      { ...own, spec: { ...own.spec, destination: { server: 'https://evil.example', namespace: 'school' } } },
      'spec.destination.server',
    ],
    [
      'namespace of the destination',
      { ...own, spec: { ...own.spec, destination: { name: 'in-cluster', namespace: 'kube-system' } } },
      'spec.destination.namespace',
    ],
    ['sources', { ...own, spec: { ...own.spec, sources: [] } }, 'spec.sources'],
    [
      'label, which is too long with the name of the Application in it',
      { ...own, metadata: { ...own.metadata, labels: { 'app/instance': `${'x'.repeat(63)}-production` } } },
      'metadata.labels.app/instance has 74 characters: a label has at most 63',
    ],
    [
      'label, which has other characters',
      { ...own, metadata: { ...own.metadata, labels: { owner: 'a b' } } },
      'metadata.labels.owner is not a label: "a b"',
    ],
  ])('is refused with another %s', (_, changed, message) => {
    expect(() => checkApplication(changed, expected)).toThrow(message);
  });

  it("may have several sources if the instance's own is among them, as for cron jobs", () => {
    const { source: _, ...spec } = own.spec;
    const source = { repoURL: expected.repositoryUrl, path: expected.path, targetRevision: 'main' };
    const cron = { ...source, path: 'instances/school/manifests' };
    expect(() => checkApplication({ ...own, spec: { ...spec, sources: [source, cron] } }, expected)).not.toThrow();
    expect(() => checkApplication({ ...own, spec: { ...spec, sources: [cron] } }, expected)).toThrow('spec.sources');
    // Argo CD ignores spec.source then.
    expect(() => checkApplication({ ...own, spec: { ...own.spec, sources: [cron] } }, expected)).toThrow(
      'spec.sources',
    );
  });

  it.each([
    ['operation', { ...own, operation: {} }],
    ['spec.sourceHydrator', { ...own, spec: { ...own.spec, sourceHydrator: {} } }],
  ])('may not have %s', (field, changed) => {
    expect(() => checkApplication(changed, expected)).toThrow(`${field} is not supported`);
  });

  it.each(['- a\n', 'kind: Secret\n', 'a: [\n', ''])('is refused if it is none: %j', (file) => {
    expect(() => parseApplication(bytes(file), 'application.yml')).toThrow('application.yml is no');
  });

  it('comes from the same repository in whatever spelling', () => {
    const spellings = [
      'https://github.com/Example-Org/cluster',
      'https://user@github.com/example-org/cluster.git/',
      'git@github.com:example-org/cluster.git',
      'ssh://git@github.com/example-org/cluster',
      'ssh://git@ssh.github.com:443/example-org/cluster.git',
    ];
    for (const spelling of spellings) expect(sameRepository(spelling, spellings[0] ?? '')).toBe(true);
    expect(sameRepository('https://gitlab.com/example-org/cluster', spellings[0] ?? '')).toBe(false);
  });

  it('is read by the URL that other Applications use, else by SSH', () => {
    const hosted = { host: 'github.com', owner: 'example-org', name: 'cluster' };
    expect(repositoryUrl({ ...hosted, others: ['https://x.org/y', 'https://github.com/example-org/cluster'] })).toBe(
      'https://github.com/example-org/cluster',
    );
    expect(repositoryUrl({ ...hosted, others: [] })).toBe('git@github.com:example-org/cluster.git');
  });
});

describe('what is committed', () => {
  const files = { ...none, config: bytes('LMS_HOST: "a"\nMYSQL_PASSWORD: "long-enough"\n') };
  const plan = planInstance(files, Seed.random(), context);
  const write = (newest: InstanceFiles, password = 'mongodb-password') =>
    text(filesToWrite(plan, newest, found(password), context).config);

  it('is the newest file with what it lacked: changes to other keys are kept', () => {
    const written = write({ ...files, config: bytes('LMS_HOST: "b"\nMYSQL_PASSWORD: "long-enough"\nNEW: 1\n') });
    expect(written).toContain('LMS_HOST: "b"\n');
    expect(load(written)).toMatchObject({
      NEW: 1,
      MONGODB_PASSWORD: 'mongodb-password',
      MYSQL_DATABASE: 'launchpad-school-openedx',
    });
  });

  it('is nothing where a used key changed, or the file vanished or appeared', () => {
    expect(() => write({ ...files, config: bytes('MYSQL_PASSWORD: "other-password"\n') })).toThrow(
      '(keys MYSQL_PASSWORD): run again',
    );
    expect(() => write(none)).toThrow('the file vanished');
    const fresh = planInstance(none, Seed.random(), context);
    expect(() => filesToWrite(fresh, files, found('p'), context)).toThrow('the file appeared');
  });

  it('is the same again where the remote has it already', () => {
    const once = write(files);
    expect(write({ ...files, config: bytes(once) })).toBe(once);
  });

  it('describes MongoDB as the server has it, in a new file; one that is there gets no more than it needs', () => {
    const fresh = planInstance(none, Seed.random(), context);
    const server = { useSsl: false, replicaSet: 'rs0', authMechanism: 'SCRAM-SHA-256' };
    const keys = (made: Plan, newest: InstanceFiles, mongodbServer: typeof server) => {
      const written = filesToWrite(made, newest, { ...found('mongodb-password'), mongodbServer }, context);
      return Object.entries(fieldsOf(load(text(written.config)))).filter(([key]) => /SSL$|SET$|MECHANISM$/.test(key));
    };
    const s3 = ['S3_USE_SSL', true];
    expect(keys(fresh, none, server)).toEqual([
      s3,
      ['MONGODB_USE_SSL', false],
      ['MONGODB_REPLICA_SET', 'rs0'],
      ['MONGODB_AUTH_MECHANISM', 'SCRAM-SHA-256'],
    ]);
    expect(keys(plan, files, server)).toEqual([]);
    expect(keys(plan, files, { ...server, useSsl: true })).toEqual([['MONGODB_USE_SSL', true]]);
  });

  it('is named by what it is, and the run', () => {
    expect(commitMessage(plan, 'https://run')).toBe('feat: add instance school\n\nhttps://run');
    const body = commitBody({ url: 'https://run', startedBy: 'octocat' });
    expect(commitMessage(plan, body)).toBe('feat: add instance school\n\nhttps://run\nStarted by octocat');
    expect(commitBody({ url: undefined, startedBy: 'octocat' })).toBeUndefined();
    expect(commitMessage({ ...plan, files: { ...files, application: plan.application } }, undefined)).toBe(
      'chore: update instance school',
    );
    expect(keysToSet(plan, found('x'))).toContain('MONGODB_PASSWORD');
    expect(keysToSet(plan, found('x'))).not.toContain('MYSQL_PASSWORD');
  });
});
