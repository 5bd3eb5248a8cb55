import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { load } from 'js-yaml';
import type { Settings } from '../../../src/core/settings.ts';
import { checkInstance } from '../../../src/instance/guards/guards.ts';
import { readNeighbours } from '../../../src/instance/guards/neighbour-guards.ts';
import { type NewInstanceOptions, PLAIN_NEW_INSTANCE } from '../../../src/instance/new/options.ts';
import { type InstanceFiles, planInstance } from '../../../src/instance/plan.ts';
import { bytes, configOf, fixedSeed, planContext, SETTINGS, text } from '../given.ts';

const OPERATOR = await readFile(path.join(import.meta.dirname, '..', '..', 'fixtures', 'operator-config.yml'), 'utf8');
const APPLICATION = `# Ours: sync waves matter.
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: riverside-production   # the build looks for it
  namespace: argocd
  annotations: { owner: 'team riverside' }
  labels:
    app.kubernetes.io/name: riverside
    app.kubernetes.io/instance: "production"
    tier: gold
spec:
  project: schools
  source:
    repoURL: https://github.com/example-org/cluster
    path: 'instances/riverside/env'
    targetRevision: old-branch
  destination:
    name: in-cluster
    namespace: riverside
  syncPolicy: { automated: { prune: false } }
`;
const settings: Settings = {
  ...SETTINGS,
  mysql: { ...SETTINGS.mysql, host: 'mysql.cluster.example.org' },
  mongodb: { ...SETTINGS.mongodb, host: 'mongodb.cluster.example.org' },
};
const seed = () => fixedSeed(3);
const newInstance: NewInstanceOptions = { ...PLAIN_NEW_INSTANCE, source: { kind: 'instance', name: 'riverside' } };
const templates = { config: '', application: APPLICATION.replaceAll('riverside', '{{ instance_name }}') };
const context = (name: string, changes: Partial<Settings> = {}) =>
  planContext(templates, { name, settings: { ...settings, ...changes }, newInstance });

function copy({
  config = OPERATOR,
  application = APPLICATION,
  name = 'hill',
  changes = {},
}): ReturnType<typeof planInstance> {
  const source = bytes(config);
  const files: InstanceFiles = {
    config: undefined,
    application: undefined,
    others: readNeighbours([{ name: 'riverside', bytes: source }]),
    templateSource: {
      kind: 'instance',
      name: 'riverside',
      config: source,
      application: application === '' ? undefined : bytes(application),
    },
  };
  return planInstance(files, seed(), context(name, changes));
}

/** Lines of one text that the other does not have at that place. */
const changed = (before: string, after: string) =>
  after.split('\n').filter((line, index) => line !== before.split('\n')[index]);

describe("a copy of the operator's example", () => {
  it('changes what identifies the instance, and not another byte', () => {
    const copied = text(copy({}).config.bytes);
    expect(changed(OPERATOR, copied)).toEqual([
      'DOCKER_IMAGE_OPENEDX: "ghcr.io/example-org/cluster:hill-openedx"',
      'MFE_DOCKER_IMAGE: "ghcr.io/example-org/cluster:hill-mfe"',
      'K8S_NAMESPACE: "hill"',
      'TUTOR_APP_NAME: "hill"',
      'LMS_HOST: "hill.example.org"',
      'MYSQL_DATABASE: "launchpad-hill-openedx"',
      'MYSQL_USERNAME: "launchpad-hill"',
      `MYSQL_PASSWORD: "${seed().password('MYSQL_PASSWORD')}"      # rotated in March`,
      'MONGODB_DATABASE: "launchpad-hill-openedx"',
      'FORUM_MONGODB_DATABASE: "launchpad-hill-forum"',
      'MONGODB_USERNAME: "launchpad-hill"',
      `STORAGE_BUCKET_NAME: "launchpad-hill-${seed().bucketSuffix()}"`,
    ]);
    expect(copied.split('\n')).toHaveLength(OPERATOR.split('\n').length);
  });

  it("keeps the Application's own choices, and not another byte", () => {
    const copied = text(copy({ changes: { environment: 'staging' } }).application);
    expect(changed(APPLICATION, copied)).toEqual([
      '  name: "hill-staging"   # the build looks for it',
      '    app.kubernetes.io/name: "hill"',
      '    app.kubernetes.io/instance: "staging"',
      '    path: "instances/hill/env"',
      '    targetRevision: "main"',
      '    namespace: "hill"',
    ]);
  });

  it('renames the paths of all sources that are in the directory of the instance, and not another byte', () => {
    const application = APPLICATION.replace(
      / {2}source:\n.*\n.*\n.*\n/,
      () => `  sources:
    - repoURL: https://charts.example.org/riverside
      chart: redis
      targetRevision: 1.2.3
      helm: { valueFiles: [ "$values/instances/riverside/redis.yml", 'instances/riverside-b/x.yml' ] }
    - path: ./instances/riverside/env/   # Tutor's
      repoURL: git@github.com:example-org/cluster.git
      targetRevision: old-branch
    - path: instances/riverside/manifests
      repoURL: git@github.com:example-org/cluster.git
      targetRevision: old-branch
    - path: shared/cron
      repoURL: git@github.com:example-org/cluster.git
      targetRevision: v1
`,
    );
    const plan = copy({ application });
    expect(changed(application, text(plan.application))).toEqual([
      '  name: "hill-production"   # the build looks for it',
      '    app.kubernetes.io/name: "hill"',
      `      helm: { valueFiles: [ "$values/instances/hill/redis.yml", 'instances/riverside-b/x.yml' ] }`,
      '    - path: "instances/hill/env"   # Tutor\'s',
      '      targetRevision: "main"',
      '    - path: "instances/hill/manifests"',
      '      targetRevision: "main"',
      '    namespace: "hill"',
    ]);
    expect(plan.notes).toEqual(['Source of the Application to create, as it is not copied: instances/hill/manifests']);
  });

  it('has an Application by the template where the source has none', () => {
    expect(load(text(copy({ application: '' }).application))).toMatchObject({ metadata: { name: 'hill-production' } });
  });

  it('names what else has the old name in it', () => {
    const plan = copy({ config: `${OPERATOR}\nCONTACT_EMAIL: "help@riverside.example.org"\n` });
    expect(plan.notes).toEqual(['Keys that still name riverside, as the copy keeps them: CONTACT_EMAIL']);
    expect(copy({}).notes).toEqual([]);
  });
});

describe('a copy', () => {
  it('has hosts of its own where the old ones do not name the instance', () => {
    const config =
      'LMS_HOST: learn.example.com\nCMS_HOST: cms.example.com\nPREVIEW_LMS_HOST: "preview.{{ LMS_HOST }}"\n';
    expect(text(copy({ config }).config.bytes)).toBe(
      'LMS_HOST: "hill.example.org"\nCMS_HOST: "studio.hill.example.org"\nPREVIEW_LMS_HOST: "preview.{{ LMS_HOST }}"\n',
    );
    expect(() => copy({ config, changes: { clusterDomain: undefined } })).toThrow('input cluster-domain');
  });

  it('keeps the domain, whatever is in it', () => {
    const config = 'LMS_HOST: lms-riverside.example.com\nCMS_HOST: studio.riverside.riverside.example.com\n';
    expect(text(copy({ config }).config.bytes)).toBe(
      'LMS_HOST: "hill.example.org"\nCMS_HOST: "studio.hill.riverside.example.com"\n',
    );
  });

  it('has micro frontends at a host of its own, and none of the further domains', () => {
    const config = `MFE_HOST: apps.riverside.example.org
GROVE_ADDITIONAL_DOMAINS:
- domain: example.net # ours
  proxy: lms:8000
DRYDOCK_INGRESS_LMS_EXTRA_HOSTS: [uni.example.org]
DRYDOCK_INGRESS_EXTRA_HOSTS: []
`;
    const plan = copy({ config });
    expect(load(text(plan.config.bytes))).toEqual({
      MFE_HOST: 'apps.hill.example.org',
      GROVE_ADDITIONAL_DOMAINS: [],
      DRYDOCK_INGRESS_LMS_EXTRA_HOSTS: [],
      DRYDOCK_INGRESS_EXTRA_HOSTS: [],
    });
    expect(plan.notes).toEqual([
      'Emptied, as these domains are those of riverside: GROVE_ADDITIONAL_DOMAINS, DRYDOCK_INGRESS_LMS_EXTRA_HOSTS',
    ]);
  });

  it('renames either spelling of a key, and leaves out what the source leaves out', () => {
    const config =
      'OPENEDX_MYSQL_DATABASE: riverside\nOPENEDX_MYSQL_PASSWORD: "old-password"\nS3_STORAGE_BUCKET: riverside-files\nS3_HOST: s3.example.org\n';
    expect(text(copy({ config }).config.bytes)).toBe(
      `OPENEDX_MYSQL_DATABASE: "launchpad-hill-openedx"\nOPENEDX_MYSQL_PASSWORD: "${seed().password('MYSQL_PASSWORD')}"\n` +
        `S3_STORAGE_BUCKET: "launchpad-hill-${seed().bucketSuffix()}"\nS3_HOST: s3.example.org\n`,
    );
  });

  it('leaves the registry and the owner of an image as they are, and images that are no instance’s', () => {
    const config =
      'DOCKER_IMAGE_OPENEDX: "ghcr.io/riverside/cluster/riverside-openedx:riverside"\nDOCKER_IMAGE_CADDY: "docker.io/caddy:2"\n';
    expect(text(copy({ config }).config.bytes)).toBe(
      'DOCKER_IMAGE_OPENEDX: "ghcr.io/riverside/cluster/hill-openedx:hill"\nDOCKER_IMAGE_CADDY: "docker.io/caddy:2"\n',
    );
  });

  it('takes the user of MongoDB along into its own database', () => {
    const config = 'MONGODB_DATABASE: riverside\nMONGODB_AUTH_SOURCE: riverside\n';
    expect(text(copy({ config }).config.bytes)).toContain('MONGODB_AUTH_SOURCE: "launchpad-hill-openedx"');
  });

  it('shares nothing with its source, by whatever name it is made', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{1,10}(-[a-z0-9]{1,10}){0,2}$/).filter((one) => one !== 'riverside');
    fc.assert(
      fc.property(name, (one) => {
        const plan = copy({ name: one });
        const [before, after] = [Object(load(OPERATOR)), Object(load(text(plan.config.bytes)))];
        expect(Object.keys(after)).toEqual(Object.keys(before));
        const same = Object.keys(after).filter(
          (key) =>
            /DATABASE|USERNAME|PASSWORD|BUCKET_NAME|^LMS_HOST|NAMESPACE|APP_NAME|IMAGE/.test(key) &&
            after[key] === before[key],
        );
        expect(same).toEqual([]);
        const whole = {
          instance: plan.instance,
          config: plan.whole,
          settings,
          others: readNeighbours([{ name: 'riverside', bytes: bytes(OPERATOR) }]),
          preview: undefined,
        };
        expect(() => checkInstance(whole)).not.toThrow();
      }),
      { numRuns: 20 },
    );
  });

  it('makes the same again from the same seed', () => {
    expect(text(copy({}).config.bytes)).toBe(text(copy({}).config.bytes));
  });

  it('is refused where there is a config.yml, with what to do', () => {
    const files = { config: bytes('LMS_HOST: "a"\n'), application: undefined, others: [] };
    expect(() => planInstance(files, seed(), context('hill'))).toThrow(
      expect.objectContaining({
        code: 'config-exists',
        message: 'instances/hill/config.yml exists, and from-instance only creates new instances.',
        remedy: expect.stringContaining('remove instances/hill/ and run with from-instance: riverside'),
      }),
    );
  });

  it('is the remedy for the config.yml of another instance', () => {
    const files = {
      config: bytes(OPERATOR),
      application: undefined,
      others: readNeighbours([{ name: 'riverside', bytes: bytes(OPERATOR) }]),
    };
    expect(() => planInstance(files, seed(), { ...context('hill'), newInstance: PLAIN_NEW_INSTANCE })).toThrow(
      expect.objectContaining({
        code: 'config-refused',
        remedy: expect.stringContaining('Remove instances/hill/ and run with from-instance: riverside'),
      }),
    );
    expect(() => configOf(OPERATOR)).not.toThrow();
  });
});
